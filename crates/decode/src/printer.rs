//! The printer: one set of calls for a decoder, three syntaxes (compact text, strace's, JSON), separators always right.

use crate::xlat::Xlat;
use crate::{Out, ip, label, quote};
use socklens_wire::ConnInfo;
use socklens_wire::stack::Frame;

/// The syntax written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// socklens's own lines: strace's look, compact addresses.
    Text,
    /// strace's syntax.
    Strace,
    /// JSON.
    Json,
}

/// What stands at the beginning of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stamp {
    /// Nothing.
    None,
    /// `-r`: time since the line before.
    Relative,
    /// `-t`: time of day in seconds.
    Time,
    /// `-tt`: time of day with microseconds.
    TimeMicros,
    /// `-ttt`: seconds of the epoch with microseconds.
    EpochMicros,
    /// Seconds since the session began.
    #[default]
    SinceStart,
}

/// How much is printed, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opts {
    /// `-s`: most bytes of a string or buffer shown.
    pub strlen: u32,
    /// 1 = `-x`: strings that are not ASCII in hexadecimal; 2 = `-xx`: all strings.
    pub hex: u8,
    /// `-v`: nothing abbreviated.
    pub verbose: bool,
    /// 1 = `-y`: what a descriptor is; 2 = `-yy`: with protocol and addresses.
    pub fds: u8,
    /// The time at the beginning of a line.
    pub stamp: Stamp,
    /// `-T`: the time spent in the call.
    pub took: bool,
    /// JSON: payloads also in base64, exact.
    pub payload_exact: bool,
    /// ANSI colours.
    pub color: bool,
    /// Seconds east of UTC, for times of day.
    pub utc_offset: i32,
    /// A column with the process and thread.
    pub pids: bool,
    /// With `pids`, strace's lines begin with the number alone, as `strace -f -o FILE` writes it, not with `[pid 4242] `.
    pub bare_pid: bool,
}

impl Opts {
    /// strace's defaults.
    pub const DEFAULT: Opts = Opts {
        strlen: 32,
        hex: 0,
        verbose: false,
        fds: 0,
        stamp: Stamp::SinceStart,
        took: false,
        payload_exact: false,
        color: false,
        utc_offset: 0,
        pids: false,
        bare_pid: false,
    };
}

impl Default for Opts {
    fn default() -> Opts {
        Opts::DEFAULT
    }
}

/// Is told a function: its name as it is linked, as people write it if that is another one, and how far in it something is.
pub type TellFunction<'a> = dyn FnMut(&[u8], &[u8], u64) + 'a;

/// What is known of the descriptors of the event's process at the event's time.
pub trait Names {
    /// The connection behind descriptor `fd`.
    fn fd(&self, fd: i32) -> Option<&ConnInfo>;

    /// Writes what strace would write between `<` and `>` for a descriptor that is no known connection; false if unknown.
    fn fd_path(&self, fd: i32, out: &mut Out) -> bool {
        let _ = (fd, out);
        false
    }

    /// The inode of the other end of a unix socket; 0 for none, or when it is not known.
    fn other_end(&self, conn: &ConnInfo) -> u32 {
        conn.other
    }

    /// Writes the name of network interface `index`; false if it is not known.
    fn interface(&self, index: u32, out: &mut Out) -> bool {
        let _ = (index, out);
        false
    }

    /// Tells the function of a frame of the event's stack. Both names are empty when it is not known.
    fn function(&self, frame: &Frame<'_>, show: &mut TellFunction<'_>) {
        show(frame.symbol, &[], frame.inside);
    }
}

/// Knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn fd(&self, _fd: i32) -> Option<&ConnInfo> {
        None
    }
}

/// Writes values in one of the syntaxes. A value follows [`Printer::field`] inside a struct and [`Printer::elem`] inside an array.
pub struct Printer<'o, 'b> {
    out: &'o mut Out<'b>,
    format: Format,
    opts: &'o Opts,
    names: &'o dyn Names,
    /// One bit per open level: something was written there already.
    began: u64,
    /// One bit per open level: it is an array.
    array: u64,
    depth: u32,
    /// Where what is taken apart lies here, and where it lay in the program.
    place: Option<(core::ops::Range<*const u8>, u64)>,
}

impl<'o, 'b> Printer<'o, 'b> {
    /// A printer that appends to `out`.
    pub fn new(out: &'o mut Out<'b>, format: Format, opts: &'o Opts, names: &'o dyn Names) -> Printer<'o, 'b> {
        Printer { out, format, opts, names, began: 0, array: 0, depth: 0, place: None }
    }

    /// A printer that goes on in the middle of a struct, of which something was written already.
    pub fn within(out: &'o mut Out<'b>, format: Format, opts: &'o Opts) -> Printer<'o, 'b> {
        Printer { out, format, opts, names: &NoNames, began: 1, array: 0, depth: 0, place: None }
    }

    /// Says that members of the struct that was just begun are written as they stand.
    pub(crate) fn go_on(&mut self) {
        self.began |= self.bit();
    }

    /// Says that `data`, of which parts are to be shown, lay at `address` in the program.
    pub(crate) fn lies_at(&mut self, data: &[u8], address: u64) {
        self.place = Some((data.as_ptr_range(), address));
    }

    /// Where a part of that lay.
    pub(crate) fn address_of(&self, part: &[u8]) -> Option<u64> {
        let (here, there) = self.place.as_ref().filter(|(here, _)| here.contains(&part.as_ptr()))?;
        there.checked_add((part.as_ptr() as usize).checked_sub(here.start as usize)? as u64)
    }

    /// The syntax being written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether JSON is being written.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// The options.
    pub fn opts(&self) -> &'o Opts {
        self.opts
    }

    /// What is known of descriptors.
    pub fn names(&self) -> &'o dyn Names {
        self.names
    }

    /// The buffer itself, for what has no call here. In JSON the writer answers for valid syntax.
    pub fn out(&mut self) -> &mut Out<'b> {
        self.out
    }

    fn bit(&self) -> u64 {
        1u64.checked_shl(self.depth).unwrap_or(0)
    }

    fn separate(&mut self) {
        let bit = self.bit();
        if self.began & bit != 0 {
            self.out.str(if self.format == Format::Json { "," } else { ", " });
        }
        self.began |= bit;
    }

    fn open(&mut self, array: bool, token: u8) {
        self.out.byte(token);
        self.depth = self.depth.saturating_add(1);
        let bit = self.bit();
        self.began &= !bit;
        if array {
            self.array |= bit;
        } else {
            self.array &= !bit;
        }
    }

    fn shut(&mut self, token: u8) {
        self.depth = self.depth.saturating_sub(1);
        self.out.byte(token);
    }

    /// Begins a member of a struct: its separator and its name, an identifier. The value must follow.
    #[inline(never)]
    pub fn field(&mut self, name: &str) {
        if self.format == Format::Json {
            let bit = self.bit();
            self.out.key(self.began & bit != 0, name);
            self.began |= bit;
        } else {
            self.separate();
            self.out.str(name);
            self.out.byte(b'=');
        }
    }

    /// Begins an element of an array: its separator. The value must follow.
    #[inline(never)]
    pub fn elem(&mut self) {
        self.separate();
    }

    /// `{`
    #[inline(never)]
    pub fn begin_struct(&mut self) {
        self.open(false, b'{');
    }

    /// `}`
    #[inline(never)]
    pub fn end_struct(&mut self) {
        self.shut(b'}');
    }

    /// `[`
    #[inline(never)]
    pub fn begin_array(&mut self) {
        self.open(true, b'[');
    }

    /// `]`
    #[inline(never)]
    pub fn end_array(&mut self) {
        self.shut(b']');
    }

    /// A signed decimal.
    #[inline(never)]
    pub fn num(&mut self, v: i64) {
        self.out.dec(v);
    }

    /// An unsigned decimal.
    #[inline(never)]
    pub fn unum(&mut self, v: u64) {
        self.out.udec(v);
    }

    /// `0x1f`; a plain number in JSON.
    #[inline(never)]
    pub fn hex(&mut self, v: u64) {
        match self.format {
            Format::Json => self.out.udec(v),
            _ if v == 0 => self.out.byte(b'0'),
            _ => self.out.hex(v),
        }
    }

    /// `0644`; a plain number in JSON.
    #[inline(never)]
    pub fn octal(&mut self, v: u64) {
        match self.format {
            Format::Json => self.out.udec(v),
            _ => {
                if v != 0 {
                    self.out.byte(b'0');
                }
                self.out.oct(v);
            }
        }
    }

    /// A symbolic number: its name, or `0x63 /* AF_??? */` where `unknown` is `AF_???`.
    #[inline(never)]
    pub fn sym(&mut self, v: i64, name: Option<&str>, unknown: &str) {
        if self.format == Format::Json {
            self.out.str("{\"n\":");
            self.out.dec(v);
            if let Some(name) = name {
                self.out.str(",\"s\":");
                quote::json_str(self.out, name.as_bytes());
            }
            self.out.byte(b'}');
            return;
        }
        match name {
            Some(name) => self.out.str(name),
            None => {
                // C ints print in 32 bits, as they were passed.
                let bits = if i32::try_from(v).is_ok() { u64::from(v as i32 as u32) } else { v as u64 };
                self.hex(bits);
                self.comment(unknown);
            }
        }
    }

    /// ` /* AF_??? */`, behind a number without a name.
    pub(crate) fn comment(&mut self, what: &str) {
        if !what.is_empty() {
            self.out.str(" /* ");
            self.out.str(what);
            self.out.str(" */");
        }
    }

    /// A set of flags: `A|B|0x1000`, `0`, or `0x1000 /* MSG_??? */` when none is known.
    #[inline(never)]
    pub fn flags(&mut self, v: u64, table: Xlat, unknown: &str) {
        let json = self.format == Format::Json;
        if json {
            self.out.str("{\"n\":");
            self.out.udec(v);
        }
        let mut rest = v;
        let mut any = false;
        for (bits, name) in table.hits(v) {
            let hit = if bits == 0 { v == 0 } else { rest & bits == bits };
            if hit {
                self.out.str(match (any, json) {
                    (true, _) => "|",
                    (false, true) => ",\"s\":\"",
                    (false, false) => "",
                });
                self.out.str(name);
                any = true;
                rest &= !bits;
                if rest == 0 {
                    break;
                }
            }
        }
        match (any, json) {
            (true, true) => {
                if rest != 0 {
                    self.out.byte(b'|');
                    self.out.hex(rest);
                }
                self.out.str("\"}");
            }
            (false, true) => self.out.byte(b'}'),
            (true, false) => {
                if rest != 0 {
                    self.out.byte(b'|');
                    self.out.hex(rest);
                }
            }
            (false, false) => {
                if v == 0 {
                    self.out.byte(b'0');
                } else {
                    self.out.hex(v);
                    self.comment(unknown);
                }
            }
        }
    }

    /// A C string's bytes, quoted, whole.
    #[inline(never)]
    pub fn text(&mut self, s: &[u8]) {
        match self.format {
            Format::Json => quote::json_str(self.out, s),
            _ => quote::c_str(self.out, s, self.opts.hex),
        }
    }

    /// The captured beginning `data` of a buffer of `full` bytes, cut to the option's length.
    #[inline(never)]
    pub fn payload(&mut self, data: &[u8], full: u64) {
        let most = self.opts.strlen as usize;
        let shown = data.get(..most).unwrap_or(data);
        let cut = (shown.len() as u64) < full;
        if self.format == Format::Json {
            self.out.str("{\"text\":");
            quote::json_str(self.out, shown);
            self.out.str(",\"len\":");
            self.out.udec(full);
            self.out.str(if cut { ",\"cut\":true" } else { ",\"cut\":false" });
            if self.opts.payload_exact {
                self.out.str(",\"base64\":\"");
                quote::base64(self.out, shown);
                self.out.byte(b'"');
            }
            self.out.byte(b'}');
            return;
        }
        quote::c_str(self.out, shown, self.opts.hex);
        if cut {
            self.out.lit(b"...");
        }
    }

    /// An address in the program: `0x7ffd...` or `NULL`.
    #[inline(never)]
    pub fn ptr(&mut self, v: u64) {
        match (self.format, v) {
            (Format::Json, 0) => self.out.str("null"),
            (Format::Json, _) => {
                self.out.byte(b'"');
                self.out.hex(v);
                self.out.byte(b'"');
            }
            (_, 0) => self.out.str("NULL"),
            _ => self.out.hex(v),
        }
    }

    /// A descriptor, with what it is when the options ask for it.
    #[inline(never)]
    pub fn fd(&mut self, v: i32) {
        self.out.dec(i64::from(v));
        if self.format == Format::Json || self.opts.fds == 0 || v < 0 {
            return;
        }
        let before = self.out.len();
        self.out.byte(b'<');
        let known = match self.names.fd(v) {
            Some(c) if self.format == Format::Strace => {
                let unix = self.opts.fds >= 2 && i32::from(c.family) == libc::AF_UNIX;
                let other = if unix { self.names.other_end(c) } else { 0 };
                label::strace_fd(c, self.opts.fds, other, self.out)
            }
            Some(c) => {
                label::text_fd(c, self.opts.fds, self.out);
                true
            }
            None => self.names.fd_path(v, self.out),
        };
        if known {
            self.out.byte(b'>');
        } else {
            self.out.truncate(before);
        }
    }

    /// A network interface: strace's `if_nametoindex("lo")` where the name is known, else its number.
    #[inline(never)]
    pub fn ifindex(&mut self, index: u32) {
        if self.format == Format::Strace && index != 0 {
            let mut room = [0; libc::IF_NAMESIZE];
            let mut name = Out::new(&mut room);
            if self.names.interface(index, &mut name) {
                self.out.str("if_nametoindex(");
                quote::c_str(self.out, name.bytes(), self.opts.hex);
                self.out.byte(b')');
                return;
            }
        }
        self.out.udec(u64::from(index));
    }

    /// A port in host order: strace's `htons(80)`, else `80`.
    #[inline(never)]
    pub fn port(&mut self, port: u16) {
        if self.format == Format::Strace {
            self.out.str("htons(");
            self.out.udec(u64::from(port));
            self.out.byte(b')');
        } else {
            self.out.udec(u64::from(port));
        }
    }

    /// An IPv4 address: strace's `inet_addr("127.0.0.1")`, else the address itself (a string in JSON).
    #[inline(never)]
    pub fn ip4(&mut self, b: [u8; 4]) {
        match self.format {
            Format::Strace => {
                self.out.str("inet_addr(");
                ip::quoted4(self.out, b, self.opts.hex);
                self.out.byte(b')');
            }
            Format::Json => ip::quoted4(self.out, b, 0),
            Format::Text => ip::v4(self.out, b),
        }
    }

    /// An IPv6 address: strace's `inet_pton(AF_INET6, "::1")` (without the variable), else the address itself.
    #[inline(never)]
    pub fn ip6(&mut self, b: &[u8; 16]) {
        match self.format {
            Format::Strace => {
                self.out.str("inet_pton(AF_INET6, ");
                ip::quoted6(self.out, b, self.opts.hex);
                self.out.byte(b')');
            }
            Format::Json => ip::quoted6(self.out, b, 0),
            Format::Text => ip::v6(self.out, b),
        }
    }

    /// A literal token; a string in JSON.
    #[inline(never)]
    pub fn word(&mut self, s: &str) {
        if self.format == Format::Json {
            quote::json_str(self.out, s.as_bytes());
        } else {
            self.out.str(s);
        }
    }

    /// Decoration such as a comment; nothing in JSON.
    #[inline(never)]
    pub fn note(&mut self, s: &str) {
        if self.format != Format::Json {
            self.out.str(s);
        }
    }

    /// `...` with its separator, for what is abbreviated or was not captured; in JSON an element `"..."` of an array, and nothing
    /// elsewhere.
    #[inline(never)]
    pub fn more(&mut self) {
        if self.format != Format::Json {
            self.separate();
            self.out.str("...");
        } else if self.depth > 0 && self.array & self.bit() != 0 {
            self.separate();
            self.out.str("\"...\"");
        }
    }
}
