//! Names of constants. The tables are written by `cargo run -p xtask -- xlat` from xlat.in; tests compare them with the headers.

mod dns;
mod errno;
mod io;
mod ioctl;
mod net;
mod netlink;
mod opt;

pub use dns::*;
pub use errno::*;
pub use io::*;
pub use ioctl::*;
pub use net::*;
pub use netlink::*;
pub use opt::*;

/// The rows of a table as they are written down; they exist only while this crate is compiled.
type Rows = &'static [(u64, &'static str)];

/// Every file's tables, in the order of their numbers.
const FILES: [&[Rows]; 7] = [net::ALL, opt::ALL, errno::ALL, io::ALL, dns::ALL, ioctl::ALL, netlink::ALL];

/// A table of values with their names: sorted by value, except tables of flags, which stand in the order flags are printed in.
///
/// This is its number. All tables lie packed in a few arrays without a pointer among them: a pointer per row would cost the shim, which
/// is loaded into every program, a relocation each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Xlat(u16);

/// Where a table's rows are.
#[derive(Clone, Copy)]
struct Head {
    /// Index of the first value in VALUES.
    values: u16,
    /// Index of the first row among the rows of all tables.
    first: u16,
    rows: u16,
    /// Bytes of a value: 1, 2, 4 or 8.
    width: u16,
}

/// The numbers of tables, rows, bytes of values and bytes of names.
const fn sizes() -> (usize, usize, usize, usize) {
    let (mut tables, mut rows, mut values, mut names) = (0, 0, 0, 0);
    let mut f = 0;
    while f < FILES.len() {
        let mut t = 0;
        while t < FILES[f].len() {
            let table = FILES[f][t];
            let mut r = 0;
            while r < table.len() {
                names += table[r].1.len();
                r += 1;
            }
            tables += 1;
            rows += table.len();
            values += table.len() * width(table);
            t += 1;
        }
        f += 1;
    }
    (tables, rows, values, names)
}

/// The bytes that hold any value of a table.
const fn width(table: Rows) -> usize {
    let mut all = 0;
    let mut r = 0;
    while r < table.len() {
        all |= table[r].0;
        r += 1;
    }
    match all {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

const SIZES: (usize, usize, usize, usize) = sizes();

struct Packed {
    heads: [Head; SIZES.0],
    /// Where each row's name begins in the names; its end is where the next begins.
    starts: [u16; SIZES.1 + 1],
    values: [u8; SIZES.2],
    names: [u8; SIZES.3],
}

const fn pack() -> Packed {
    assert!(SIZES.1 < 0xffff && SIZES.2 <= 0xffff && SIZES.3 <= 0xffff, "an index needs more than 16 bits");
    let mut p = Packed {
        heads: [Head { values: 0, first: 0, rows: 0, width: 1 }; SIZES.0],
        starts: [0; SIZES.1 + 1],
        values: [0; SIZES.2],
        names: [0; SIZES.3],
    };
    let (mut n, mut row, mut value, mut name) = (0, 0, 0, 0);
    let mut f = 0;
    while f < FILES.len() {
        let mut t = 0;
        while t < FILES[f].len() {
            let table = FILES[f][t];
            let width = width(table);
            p.heads[n] =
                Head { values: value as u16, first: row as u16, rows: table.len() as u16, width: width as u16 };
            let mut r = 0;
            while r < table.len() {
                let bytes = table[r].0.to_le_bytes();
                let mut b = 0;
                while b < width {
                    p.values[value] = bytes[b];
                    value += 1;
                    b += 1;
                }
                let text = table[r].1.as_bytes();
                let mut b = 0;
                while b < text.len() {
                    p.names[name] = text[b];
                    name += 1;
                    b += 1;
                }
                row += 1;
                p.starts[row] = name as u16;
                r += 1;
            }
            n += 1;
            t += 1;
        }
        f += 1;
    }
    p
}

const PACKED: Packed = pack();
static HEADS: [Head; SIZES.0] = PACKED.heads;
static STARTS: [u16; SIZES.1 + 1] = PACKED.starts;
static VALUES: [u8; SIZES.2] = PACKED.values;
static NAME_BYTES: [u8; SIZES.3] = PACKED.names;
static NAMES: &str = match core::str::from_utf8(&NAME_BYTES) {
    Ok(names) => names,
    Err(_) => panic!("a name is cut"),
};

impl Head {
    fn value(self, row: u16) -> u64 {
        let width = usize::from(self.width);
        let at = usize::from(self.values) + usize::from(row) * width;
        let Some(bytes) = VALUES.get(at..at + width) else { return 0 };
        bytes.iter().rev().fold(0, |v, &b| (v << 8) | u64::from(b))
    }

    fn name(self, row: u16) -> &'static str {
        let at = usize::from(self.first) + usize::from(row);
        match STARTS.get(at..at + 2) {
            Some(&[from, to]) => NAMES.get(usize::from(from)..usize::from(to)).unwrap_or(""),
            _ => "",
        }
    }
}

impl Xlat {
    /// The table without rows.
    pub const NONE: Xlat = Xlat(u16::MAX);

    fn head(self) -> Head {
        HEADS.get(usize::from(self.0)).copied().unwrap_or(Head { values: 0, first: 0, rows: 0, width: 1 })
    }

    /// The rows in the table's order.
    pub fn rows(self) -> impl Iterator<Item = (u64, &'static str)> {
        let head = self.head();
        (0..head.rows).map(move |row| (head.value(row), head.name(row)))
    }
}

impl Xlat {
    /// The rows whose bits are all in `v`, in the table's order; for 0 the row of 0. Names are looked up for these alone.
    pub fn hits(self, v: u64) -> impl Iterator<Item = (u64, &'static str)> {
        let head = self.head();
        // The row of 0 is the first, if there is one.
        let rows = if v == 0 { head.rows.min(1) } else { head.rows };
        (0..rows).filter_map(move |row| {
            let bits = head.value(row);
            let hit = if bits == 0 { v == 0 } else { v & bits == bits };
            hit.then(|| (bits, head.name(row)))
        })
    }
}

/// The name of `v` in a table sorted by value.
#[inline(never)]
pub fn name(table: Xlat, v: u64) -> Option<&'static str> {
    let head = table.head();
    let (mut low, mut high) = (0, head.rows);
    while low < high {
        let row = low + (high - low) / 2;
        match head.value(row).cmp(&v) {
            core::cmp::Ordering::Less => low = row + 1,
            core::cmp::Ordering::Greater => high = row,
            core::cmp::Ordering::Equal => return Some(head.name(row)),
        }
    }
    None
}

/// The name of a signed number, such as an EAI_* code or any C int.
pub fn signed(table: Xlat, v: i64) -> Option<&'static str> {
    name(table, v as u64)
}

/// The value of a name, worked out while this crate is compiled; the name must be in the table and its value below 0x10000.
pub(crate) const fn number(table: Xlat, name: &str) -> u16 {
    let (mut file, mut at) = (0, table.0 as usize);
    while at >= FILES[file].len() {
        at -= FILES[file].len();
        file += 1;
    }
    let rows = FILES[file][at];
    let mut r = 0;
    while r < rows.len() {
        if same(rows[r].1.as_bytes(), name.as_bytes()) {
            assert!(rows[r].0 < 0x1_0000, "too big");
            return rows[r].0 as u16;
        }
        r += 1;
    }
    panic!("no such name")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The value of a name; a search through the whole table, for tools that read names.
pub fn value(table: Xlat, name: &str) -> Option<u64> {
    table.rows().find(|row| row.1 == name).map(|row| row.0)
}

/// The name of an error number, `ECONNREFUSED`.
pub fn errno(n: i32) -> Option<&'static str> {
    signed(ERRNO, i64::from(n))
}

/// What the C library says of an error number, `Connection refused`.
pub fn strerror(n: i32) -> Option<&'static str> {
    signed(ERRNO_TEXT, i64::from(n))
}

/// The name of a signal.
pub fn signal(n: i32) -> Option<&'static str> {
    signed(SIG, i64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_zero_is_the_first_of_its_table() {
        let mut zeros = 0;
        for table in (0..HEADS.len() as u16).map(Xlat) {
            let at = table.rows().position(|(bits, _)| bits == 0);
            assert!(at.is_none_or(|at| at == 0), "{:?}", table.rows().next());
            zeros += usize::from(at.is_some());
        }
        assert!(zeros > 10, "{zeros}");
    }

    #[test]
    fn names_are_found() {
        assert_eq!(name(AF, 2), Some("AF_INET"));
        assert_eq!(name(AF, 46), None);
        assert_eq!(errno(111), Some("ECONNREFUSED"));
        assert_eq!(strerror(111), Some("Connection refused"));
        assert_eq!(strerror(-1), None);
        assert_eq!(signed(EAI, -2), Some("EAI_NONAME"));
        assert_eq!(signed(EAI_TEXT, -2), Some("Name or service not known"));
        assert_eq!(name(DNS_TYPE, 28), Some("AAAA"));
        assert_eq!(value(AF, "AF_UNIX"), Some(1));
        assert_eq!(name(TCP_STATE, 1), Some("ESTABLISHED"));
        assert_eq!(name(Xlat::NONE, 0), None);
    }
}
