//! The event: one finished call, a fixed head, its arguments, then copies of the memory they pointed to.
//!
//! ```text
//! 0   u32 word      0 while being filled; then MARK | size in bytes / 8 (stored last, release)
//! 4   u16 call      opcode of THE TABLE, or one of the notes below (0xff00 and up)
//! 6   u16 errno     0 when the call did not fail
//! 8   u64 start     raw clock at entry      16  u64 end   raw clock at exit
//! 24  i64 ret       32 u32 conn (serial, 0 none)   36 u16 flags   38 u8 args   39 u8 captures
//! 40  u64 args[n]   then the captures, each a 16-byte head and its bytes, padded to 8
//! ```

/// Upper half of a committed event's first word.
pub const MARK: u32 = 0x5e1f_0000;

/// Bytes before the arguments.
pub const HEAD: usize = 40;
/// Bytes before a capture's data.
pub const CAP_HEAD: usize = 16;
/// No event is larger than this, head included; captures are cut to fit.
pub const MAX_EVENT: usize = 48 * 1024;

/// Event flags.
pub mod flag {
    /// Made by the child of a vfork, on its parent's memory: the pid is that of the thread's next vfork result.
    pub const VFORK_CHILD: u16 = 1;
    /// Made by libc's `syscall()`.
    pub const VIA_SYSCALL: u16 = 2;
    /// A fault rule changed this call.
    pub const INJECTED: u16 = 4;
    /// A capture was left out because memory could not be read safely or did not fit.
    pub const CUT: u16 = 8;
    /// The call has not returned; `end` is when it was looked at. Made by tools, and by the shim before a fault's signal.
    pub const UNFINISHED: u16 = 16;
    /// Made by a callback of the program's that was being told of another event: not told of itself.
    pub const IN_CALLBACK: u16 = 32;
    /// The filter left it out of what is counted: recorded for what it tells of others (see [`crate::layout::filtered`]).
    pub const UNCOUNTED: u16 = 64;
}

/// Notes: records in the same stream that are no calls.
pub mod note {
    /// A connection was made or learned of; capture 0 holds a ConnInfo, `ret` the descriptor.
    pub const CONN_NEW: u16 = 0xff00;
    /// A connection's addresses or state changed; capture 0 holds a ConnInfo.
    pub const CONN_UPDATE: u16 = 0xff01;
    /// The last descriptor of a connection was closed; capture 0 holds a ConnInfo.
    pub const CONN_END: u16 = 0xff02;
    /// The process is about to replace its image by the call that `ret` says, whose arguments and captures it has. With a
    /// negative `ret`: that failed.
    pub const EXEC: u16 = 0xff03;
    /// A child process was made; `ret` is its pid.
    pub const CHILD: u16 = 0xff04;
    /// Something that cannot be followed was noticed; `ret` is a [`super::Unseen`] number.
    pub const UNSEEN: u16 = 0xff05;
    /// A descriptor now refers to conn (dup, fcntl, received by SCM_RIGHTS); `ret` is the descriptor.
    pub const FD_ALIAS: u16 = 0xff06;
    /// A descriptor of conn was closed; `ret` is the descriptor.
    pub const FD_CLOSED: u16 = 0xff07;
    /// A text mark; capture 0 holds it.
    pub const MARK: u16 = 0xff08;
    /// The program gave conn a name; capture 0 holds it, `ret` is the descriptor.
    pub const CONN_NAME: u16 = 0xff09;
    /// Nothing: room that was reserved and could not be given back.
    pub const EMPTY: u16 = 0xff0a;
    pub const FIRST: u16 = 0xff00;
}

/// What a [`note::UNSEEN`] record speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Unseen {
    /// io_uring was set up through `syscall()`.
    IoUring = 1,
    /// The process confined itself by seccomp: from here on nothing extra is looked up.
    Confined = 2,
    /// A shell of `system` or `popen` began without our variables.
    Shell = 3,
}

/// The fixed head of an event as it lies in memory.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct EventHead {
    pub word: u32,
    pub call: u16,
    pub errno: u16,
    pub start: u64,
    pub end: u64,
    pub ret: i64,
    pub conn: u32,
    pub flags: u16,
    pub nargs: u8,
    pub ncaps: u8,
}

const _: () = assert!(core::mem::size_of::<EventHead>() == HEAD);

/// What part of an argument a capture holds. All data is in the C library's own layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Part {
    /// What the argument points to, after the call (or as given, for input).
    Data = 0,
    /// What it pointed to before the call, for value-result arguments.
    Before = 1,
    /// `struct msghdr` (index = message number) after the call.
    Hdr = 2,
    /// msg_name's bytes.
    Name = 3,
    /// The iovec array itself.
    Iov = 4,
    /// The data of iovec number `sub`.
    IovData = 5,
    /// msg_control's bytes.
    Control = 6,
    /// One `struct addrinfo` of a list (index = position).
    AddrInfo = 7,
    /// Canonical or official name.
    Canon = 8,
    /// An alias (index = position).
    Alias = 9,
    /// One address of a hostent (index = position); `sub` is the address family.
    Addr = 10,
    /// `struct hostent`'s fixed part is not copied; this holds i32 h_addrtype, i32 h_length.
    HostHead = 11,
    /// One string of a vector (index = position).
    StrItem = 12,
    /// i32 h_errno.
    HErrno = 13,
    /// Name of an interface (index = position) in a list.
    IfName = 14,
    /// `struct msghdr` before the call.
    HdrBefore = 15,
    /// u32 msg_len of a mmsghdr (index = message number).
    MsgLen = 16,
    /// u32 flags of an interface (index = position).
    IfFlags = 17,
    /// A fault that was applied to the call: [`crate::fault::Injected`] (index = position).
    Injected = 18,
    /// The calling stack: [`crate::stack`].
    Stack = 19,
}

impl Part {
    /// The part of this number, if there is one.
    pub fn from_u8(n: u8) -> Option<Part> {
        // SAFETY: numbers up to Stack are all declared above and Part is repr(u8).
        if n <= Part::Stack as u8 { Some(unsafe { core::mem::transmute::<u8, Part>(n) }) } else { None }
    }
}

/// The head of a capture as it lies in memory.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct CapHead {
    /// Index of the argument; 0xff for the result.
    pub arg: u8,
    pub part: u8,
    pub index: u16,
    pub sub: u16,
    pub pad: u16,
    /// Bytes that follow.
    pub len: u32,
    /// Bytes there were in the program.
    pub full: u32,
}

const _: () = assert!(core::mem::size_of::<CapHead>() == CAP_HEAD);

/// [`CapHead::arg`] of captures that belong to the result.
pub const ARG_RESULT: u8 = 0xff;

/// A committed event, borrowed from a chunk or a file. Every accessor is total: a damaged event reads as empty.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    pub head: EventHead,
    body: &'a [u8],
}

/// One copied piece of the program's memory.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    pub arg: u8,
    pub part: Part,
    pub index: u16,
    pub sub: u16,
    /// Bytes there were in the program; `data` may be shorter.
    pub full: u32,
    pub data: &'a [u8],
}

fn u64_at(b: &[u8], off: usize) -> Option<u64> {
    Some(u64::from_le_bytes(b.get(off..off.checked_add(8)?)?.try_into().ok()?))
}

fn u32_at(b: &[u8], off: usize) -> Option<u32> {
    Some(u32::from_le_bytes(b.get(off..off.checked_add(4)?)?.try_into().ok()?))
}

fn u16_at(b: &[u8], off: usize) -> Option<u16> {
    Some(u16::from_le_bytes(b.get(off..off.checked_add(2)?)?.try_into().ok()?))
}

/// The size in bytes an event's first word tells, or None when it is not committed or not an event.
pub fn size_of_word(word: u32) -> Option<usize> {
    let size = ((word & 0xffff) as usize) * 8;
    if word & 0xffff_0000 == MARK && (HEAD..=MAX_EVENT).contains(&size) { Some(size) } else { None }
}

/// The first word of a committed event of `size` bytes, a multiple of 8.
pub const fn word_of_size(size: usize) -> u32 {
    MARK | (size / 8) as u32
}

impl<'a> Event<'a> {
    /// Reads the event at the start of `bytes`; None when there is none or it is cut short.
    pub fn parse(bytes: &'a [u8]) -> Option<Event<'a>> {
        let word = u32_at(bytes, 0)?;
        let size = size_of_word(word)?;
        let b = bytes.get(..size)?;
        let head = EventHead {
            word,
            call: u16_at(b, 4)?,
            errno: u16_at(b, 6)?,
            start: u64_at(b, 8)?,
            end: u64_at(b, 16)?,
            ret: u64_at(b, 24)? as i64,
            conn: u32_at(b, 32)?,
            flags: u16_at(b, 36)?,
            nargs: *b.get(38)?,
            ncaps: *b.get(39)?,
        };
        let body = b.get(HEAD..)?;
        if head.nargs as usize * 8 > body.len() {
            return None;
        }
        Some(Event { head, body })
    }

    /// Bytes this event takes in its chunk.
    pub fn size(&self) -> usize {
        HEAD + self.body.len()
    }

    /// Argument `i` as the register held it; 0 when there is none.
    pub fn arg(&self, i: usize) -> u64 {
        if i < self.head.nargs as usize { u64_at(self.body, i * 8).unwrap_or(0) } else { 0 }
    }

    /// Argument `i` as a C int.
    pub fn int(&self, i: usize) -> i32 {
        self.arg(i) as i32
    }

    /// The row of this event's call; None for notes and unknown opcodes.
    pub fn call(&self) -> Option<socklens_calls::Call> {
        socklens_calls::Call::from_opcode(self.head.call)
    }

    pub fn captures(&self) -> Captures<'a> {
        let off = self.head.nargs as usize * 8;
        Captures { rest: self.body.get(off..).unwrap_or(&[]), left: self.head.ncaps }
    }

    /// The capture of argument `arg` with this part and index 0.
    pub fn cap(&self, arg: u8, part: Part) -> Option<Capture<'a>> {
        self.cap_at(arg, part, 0, 0)
    }

    /// The capture of argument `arg` with this part, index and sub-index.
    pub fn cap_at(&self, arg: u8, part: Part, index: u16, sub: u16) -> Option<Capture<'a>> {
        self.captures().find(|c| c.arg == arg && c.part == part && c.index == index && c.sub == sub)
    }
}

/// Iterates over an event's captures.
#[derive(Clone, Debug)]
pub struct Captures<'a> {
    rest: &'a [u8],
    left: u8,
}

impl<'a> Iterator for Captures<'a> {
    type Item = Capture<'a>;

    fn next(&mut self) -> Option<Capture<'a>> {
        while self.left > 0 {
            self.left -= 1;
            let b = self.rest;
            let len = u32_at(b, 8)? as usize;
            let data = b.get(CAP_HEAD..CAP_HEAD.checked_add(len)?)?;
            let next = CAP_HEAD + len.checked_next_multiple_of(8)?;
            self.rest = b.get(next..).unwrap_or(&[]);
            if let Some(part) = Part::from_u8(*b.get(1)?) {
                return Some(Capture {
                    arg: *b.first()?,
                    part,
                    index: u16_at(b, 2)?,
                    sub: u16_at(b, 4)?,
                    full: u32_at(b, 12)?,
                    data,
                });
            }
        }
        None
    }
}
