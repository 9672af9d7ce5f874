//! Names of functions that a program does not export: from the symbol tables of its files, when the line is written.
//!
//! A name is given only if the file is the one that was loaded, as far as that can be told: it is what the process has mapped, or,
//! where the process has ended, was not touched since before the session; and where frames of the same module have names
//! already, functions begin there in the file as well.

use object::{Object, ObjectSection, ObjectSymbol, ReadCache, SymbolKind};
use socklens_decode::TellFunction;
use socklens_wire::stack::{Frame, Frames};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ffi::CString;
use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Most bytes of a name, as it is linked and as people write it.
const LONGEST: usize = 300;
/// From so many bytes on a frame's name may be cut.
const CUT: usize = 128;
/// Answers kept of each kind.
const MOST: usize = 512;
/// How long it is believed that a process still has a file mapped.
const FRESH: Duration = Duration::from_secs(1);
/// Most bytes of a symbol table with its names.
const MOST_BYTES: u64 = 256 << 20;
/// Where separate debug files lie, by build id.
const DEBUG_FILES: &str = "/usr/lib/debug/.build-id";

/// Who ran the function.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// Tells processes apart that had one number.
    pub proc: u32,
    /// 0 when it is not known.
    pub host_pid: u32,
    /// CLOCK_REALTIME nanoseconds at which the session began.
    pub since: u64,
}

/// A function of a file.
struct Function {
    begin: u64,
    end: u64,
    /// Of several names for one place: 2 a global one, 1 a weak one, 0 a local one.
    rank: u8,
    /// Where its name lies.
    name: u32,
    len: u16,
}

/// The functions of a file, by address.
#[derive(Default)]
struct Table {
    functions: Vec<Function>,
    names: Vec<u8>,
}

impl Table {
    /// The function that holds an address: its name, and where it begins.
    fn at(&self, address: u64) -> Option<(&[u8], u64)> {
        let behind = self.functions.partition_point(|f| f.begin <= address);
        // Functions lie apart but for other names of one.
        let mut near = self.functions[..behind].iter().rev().take(8);
        let f = near.find(|f| address < f.end)?;
        Some((self.names.get(f.name as usize..)?.get(..usize::from(f.len))?, f.begin))
    }

    fn begins(&self, address: u64) -> bool {
        self.functions.binary_search_by_key(&address, |f| f.begin).is_ok()
    }

    fn add<'d>(&mut self, symbols: impl Iterator<Item = impl ObjectSymbol<'d>>) {
        for s in symbols.filter(|s| s.kind() == SymbolKind::Text && s.is_definition() && s.size() > 0) {
            let Ok(name) = s.name_bytes() else { continue };
            // A version may stand behind it.
            let name = name.split(|&b| b == b'@').next().unwrap_or(name);
            let (Ok(at), Ok(len)) = (u32::try_from(self.names.len()), u16::try_from(name.len())) else { continue };
            let Some(end) = s.address().checked_add(s.size()).filter(|_| len > 0) else { continue };
            let rank = if s.is_weak() { 1 } else { u8::from(s.is_global()) * 2 };
            self.names.extend_from_slice(name);
            self.functions.push(Function { begin: s.address(), end, rank, name: at, len });
        }
    }

    /// Reads the tables of an ELF file, or of the debug file that belongs to it; an empty one when it is not as it should be.
    fn read(file: File) -> Table {
        let mut table = Table::default();
        let cache = ReadCache::new(file);
        let Ok(object) = object::File::parse(&cache) else { return table };
        let of = |object: &object::File<_>| object.build_id().ok().flatten().map(<[u8]>::to_vec);
        if are_small(&object) {
            table.add(object.symbols());
            table.add(object.dynamic_symbols());
        }
        if object.symbols().next().is_none()
            && let Some(id) = of(&object)
            && let Some(debug) = debug_file(&id)
            && let debug = ReadCache::new(debug)
            && let Ok(debug) = object::File::parse(&debug)
            && of(&debug) == Some(id)
            && are_small(&debug)
        {
            table.add(debug.symbols());
        }
        // The last is taken first: of one rank the same every time, the first of the file.
        table.functions.sort_by_key(|f| (f.begin, f.rank, Reverse(f.name)));
        table
    }
}

/// Whether a file's tables may be read: a damaged one may say that they are of any size.
fn are_small<'d, R: object::ReadRef<'d>>(object: &object::File<'d, R>) -> bool {
    let tables = object
        .sections()
        .filter(|s| s.name_bytes().is_ok_and(|n| matches!(n, b".symtab" | b".strtab" | b".dynsym" | b".dynstr")));
    tables.map(|s| s.size()).try_fold(0u64, u64::checked_add).is_some_and(|n| n <= MOST_BYTES)
}

/// The separate debug file of a build id.
fn debug_file(id: &[u8]) -> Option<File> {
    let (first, rest) = id.split_first()?;
    let rest: String = rest.iter().map(|b| format!("{b:02x}")).collect();
    File::open(format!("{DEBUG_FILES}/{first:02x}/{rest}.debug")).ok()
}

/// What tells one state of a file from another.
type Identity = (u64, u64, u64, i64, i64);

fn identity(m: &Metadata) -> Identity {
    (m.dev(), m.ino(), m.size(), m.mtime(), m.mtime_nsec())
}

/// Opens what is a plain file, below a root directory that symbolic links do not leave; nothing else is so much as opened.
fn open_below(root: &Path, path: &[u8]) -> Option<(File, Metadata)> {
    let root = OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_CLOEXEC).open(root).ok()?;
    let path = CString::new(path).ok()?;
    // SAFETY: zeroes are a way to open that asks for nothing.
    let mut how: libc::open_how = unsafe { std::mem::zeroed() };
    how.flags = (libc::O_PATH | libc::O_CLOEXEC) as u64;
    how.resolve = libc::RESOLVE_IN_ROOT | libc::RESOLVE_NO_MAGICLINKS;
    // SAFETY: path and how are valid for the call.
    let fd =
        unsafe { libc::syscall(libc::SYS_openat2, root.as_raw_fd(), path.as_ptr(), &raw const how, size_of_val(&how)) };
    let fd = i32::try_from(fd).ok().filter(|&fd| fd >= 0)?;
    // SAFETY: the descriptor is new and nobody else's.
    let place = unsafe { OwnedFd::from_raw_fd(fd) };
    let place = File::from(place);
    let about = place.metadata().ok().filter(Metadata::is_file)?;
    Some((File::open(format!("/proc/self/fd/{}", place.as_raw_fd())).ok()?, about))
}

/// Whether a process has a file mapped; None when it has ended or does not tell.
fn has_mapped(pid: u32, ino: u64) -> Option<bool> {
    let maps = std::fs::read(format!("/proc/{pid}/maps")).ok().filter(|m| !m.is_empty())?;
    // `7f00-7f10 r-xp 00000000 fe:00 1234   /usr/lib/x.so`
    let number = |line: &[u8]| {
        let field = line.split(|&b| b == b' ').filter(|f| !f.is_empty()).nth(4)?;
        std::str::from_utf8(field).ok()?.parse::<u64>().ok()
    };
    Some(maps.split(|&b| b == b'\n').any(|line| number(line) == Some(ino)))
}

/// What was found at a module's path.
enum Found {
    File(File, Identity),
    /// It is another one than was loaded, or none.
    Other,
    /// The process has ended, and by its path alone it cannot be told from another.
    Unsure,
}

fn find(module: &[u8], whose: &Whose) -> Found {
    if !module.starts_with(b"/") {
        return Found::Other;
    }
    let there = if whose.host_pid == 0 {
        None
    } else {
        open_below(Path::new(&format!("/proc/{}/root", whose.host_pid)), module)
    };
    if let Some((file, about)) = there
        && let Some(mapped) = has_mapped(whose.host_pid, about.ino())
    {
        return if mapped { Found::File(file, identity(&about)) } else { Found::Other };
    }
    let untouched = |m: &Metadata| {
        let changed = m.ctime().checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(m.ctime_nsec()));
        changed.and_then(|ns| u64::try_from(ns).ok()).is_some_and(|ns| ns <= whose.since)
    };
    match open_below(Path::new("/"), module).filter(|(_, m)| untouched(m)) {
        Some((file, about)) => Found::File(file, identity(&about)),
        None => Found::Unsure,
    }
}

/// When a module was looked at, and what was found.
type Answer = (Instant, Option<Rc<Table>>);

#[derive(Default)]
struct Known {
    tables: HashMap<Identity, Rc<Table>>,
    /// By process and module.
    modules: HashMap<(u32, Vec<u8>), Answer>,
    /// Names as people write them.
    readable: HashMap<Vec<u8>, String>,
}

/// Makes room for one more.
fn bound<K, V>(map: &mut HashMap<K, V>) {
    if map.len() >= MOST {
        map.clear();
    }
}

impl Known {
    fn table(&mut self, module: &[u8], whose: &Whose) -> Option<Rc<Table>> {
        let key = (whose.proc, module.to_vec());
        let before = self.modules.get(&key).cloned();
        if let Some((at, table)) = &before
            && at.elapsed() < FRESH
        {
            return table.clone();
        }
        let table = match find(module, whose) {
            Found::Other => None,
            // What it was while the process ran.
            Found::Unsure => before.and_then(|(_, table)| table),
            Found::File(file, identity) => {
                bound(&mut self.tables);
                Some(Rc::clone(self.tables.entry(identity).or_insert_with(|| Rc::new(Table::read(file)))))
            }
        };
        bound(&mut self.modules);
        self.modules.insert(key, (Instant::now(), table.clone()));
        table
    }

    fn readable(&mut self, name: &[u8]) -> &str {
        bound(&mut self.readable);
        self.readable.entry(name.to_vec()).or_insert_with(|| readable(name))
    }
}

/// No more than so much of a text.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0.push_str(s);
        if self.0.len() > LONGEST { Err(fmt::Error) } else { Ok(()) }
    }
}

/// A name as it stands in the source of a Rust or C++ program; empty when it is none of those.
fn readable(name: &[u8]) -> String {
    let Some(name) = std::str::from_utf8(name).ok().filter(|n| n.len() <= 4 * LONGEST) else { return String::new() };
    let mut text = Bounded(String::new());
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        let _ = fmt::write(&mut text, format_args!("{rust:#}"));
    } else if name.starts_with("_Z")
        && let Ok(cpp) = cpp_demangle::Symbol::new(name)
    {
        let _ = cpp.structured_demangle(&mut text, &cpp_demangle::DemangleOptions::new());
    }
    let mut text = text.0;
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST - 3));
        text.push_str("...");
    }
    text
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Tells the function of a frame, one of `all` of a call. Both names are empty when it is not known.
pub fn tell(frame: &Frame, all: Frames, whose: &Whose, show: &mut TellFunction<'_>) {
    KNOWN.with_borrow_mut(|known| {
        if !frame.symbol.is_empty() && frame.symbol.len() < CUT {
            return show(frame.symbol, known.readable(frame.symbol).as_bytes(), frame.inside);
        }
        let table = known.table(frame.module, whose).filter(|t| {
            let mut named = all.filter(|f| f.module == frame.module && !f.symbol.is_empty());
            named.all(|f| t.begins(f.offset.wrapping_sub(f.inside)))
        });
        // The address is one to which the function returns: behind a last call there is nothing more of it.
        let found = table.as_ref().and_then(|t| t.at(frame.offset.wrapping_sub(1)));
        let Some((name, begin)) = found else { return show(frame.symbol, b"", frame.inside) };
        let shown = name.get(..LONGEST).unwrap_or(name);
        show(shown, known.readable(name).as_bytes(), frame.offset.wrapping_sub(begin));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, SeekFrom, Write};

    #[inline(never)]
    fn is_here() -> u64 {
        std::hint::black_box(1)
    }

    fn own() -> File {
        File::open("/proc/self/exe").unwrap()
    }

    #[test]
    fn a_file_names_its_functions() {
        is_here();
        let t = Table::read(own());
        let name = |f: &Function| &t.names[f.name as usize..][..usize::from(f.len)];
        let all = || t.functions.iter().filter(|f| readable(name(f)) == "socklens_export::functions::tests::is_here");
        let f = all().next().unwrap();
        assert_eq!(all().count(), 1);
        assert_eq!(t.at(f.end - 1), Some((name(f), f.begin)));
        assert!(t.begins(f.begin) && !t.begins(f.begin + 1));
        assert!(t.at(f.end).is_none_or(|(_, begin)| begin == f.end));
        assert!(t.at(0).is_none() && t.at(u64::MAX).is_none());
    }

    #[test]
    fn a_damaged_file_has_no_names_or_some() {
        let mut whole = std::fs::read("/proc/self/exe").unwrap();
        let at = u64::from_le_bytes(whole[40..48].try_into().unwrap()) as usize;
        // The headers of the file, of its segments and of its sections.
        let places: Vec<usize> = (0..1024).chain(at..whole.len().min(at + 4096)).collect();
        // What lies between is as good as missing.
        whole[1024..at].fill(0);
        let path = std::env::temp_dir().join(format!("socklens-damaged-{}", std::process::id()));
        let mut file = File::create(&path).unwrap();
        file.write_all(&whole).unwrap();
        let mut draw = 88172645463325252u64;
        for _ in 0..2000 {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            let place = places[draw as usize % places.len()];
            let mut put = |b: u8| {
                file.seek(SeekFrom::Start(place as u64)).unwrap();
                file.write_all(&[b]).unwrap();
            };
            put((draw >> 32) as u8);
            let t = Table::read(File::open(&path).unwrap());
            assert!(t.at(draw).is_none_or(|(name, _)| !name.is_empty()));
            put(whole[place]);
        }
        for len in [0, 3, 16, 63, 64, 100, at, at + 64, whole.len() - 1] {
            file.set_len(len as u64).unwrap();
            Table::read(File::open(&path).unwrap());
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn names_are_as_people_write_them() {
        for (linked, written) in [
            ("main", ""),
            ("_start", ""),
            ("_Z", ""),
            ("_ZN3net4sendEiPKc", "net::send(int, char const*)"),
            ("_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back(int const&)"),
            ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"),
            ("_RNvC6_123foo3bar", "123foo::bar"),
        ] {
            assert_eq!(readable(linked.as_bytes()), written, "{linked}");
        }
        // Each substitution doubles the one before.
        let doubled = format!("_Z1fI{}E", "S_IS0_S0_E".repeat(60));
        assert!(readable(doubled.as_bytes()).len() <= LONGEST);
        let long = format!("_ZN{}3endEv", "6repeat".repeat(100));
        assert!(readable(long.as_bytes()).ends_with("...") && readable(long.as_bytes()).len() == LONGEST);
    }

    #[test]
    fn no_name_is_too_odd() {
        let seeds =
            ["_ZN4core3fmt5write17h0123456789abcdefE", "_ZNSt6vectorIiSaIiEE9push_backERKi", "_RNvC6_123foo3bar"];
        let mut draw = 88172645463325252u64;
        for i in 0..60_000 {
            let mut name = seeds[i % seeds.len()].as_bytes().to_vec();
            for _ in 0..1 + i % 4 {
                draw ^= draw << 13;
                draw ^= draw >> 7;
                draw ^= draw << 17;
                let at = draw as usize % name.len();
                name[at] = b"_ZNSIEKRvTdDtLXspiCJ0159$.u"[(draw >> 40) as usize % 27];
            }
            assert!(readable(&name).len() <= LONGEST);
        }
    }
}
