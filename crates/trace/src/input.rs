//! What a call in progress was given: the memory that its arguments point to, as captures of an event.

use socklens_calls::{Arg, Kind};
use socklens_wire::Part;

/// Longest string or address looked at.
const TEXT_MAX: usize = 256;
const ADDR_MAX: usize = 128;
/// Longest option value.
const OPTION_MAX: usize = 512;
/// Pieces looked at of one list.
const ITEMS_MAX: usize = 32;
/// Longest control block.
const CONTROL_MAX: usize = 4096;
/// Bytes of struct iovec, msghdr, mmsghdr and pollfd.
const IOVEC: usize = 16;
const MSGHDR: usize = 56;
const MMSGHDR: usize = 64;
const POLLFD: usize = 8;
/// Where all captures end: an event is at most 64 KiB long.
const BYTES_MAX: usize = 32 * 1024;

/// Copies memory of another process; how much of it could be read.
fn peek(pid: u32, from: u64, into: &mut [u8]) -> usize {
    if from == 0 || into.is_empty() {
        return 0;
    }
    let local = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    let remote = libc::iovec { iov_base: from as *mut libc::c_void, iov_len: into.len() };
    // SAFETY: the kernel writes at most `into`, and checks the other process's range itself.
    let n = unsafe { libc::process_vm_readv(pid as libc::pid_t, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(n).unwrap_or(0).min(into.len())
}

/// Copies a C string, page by page so that its end may lie at the end of a mapping.
fn peek_text(pid: u32, from: u64, into: &mut [u8; TEXT_MAX]) -> Option<usize> {
    let first = (4096 - (from & 4095) as usize).min(TEXT_MAX);
    let mut n = peek(pid, from, &mut into[..first]);
    if n == first && !into[..n].contains(&0) {
        n += peek(pid, from + first as u64, &mut into[first..]);
    }
    let end = into[..n].iter().position(|b| *b == 0)?;
    Some(end + 1)
}

fn u64_at(b: &[u8], at: usize) -> u64 {
    b.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Where a capture belongs.
#[derive(Clone, Copy)]
struct At {
    arg: u8,
    part: Part,
    index: u16,
    sub: u16,
}

/// Appends captures to an event.
struct Peek<'a> {
    pid: u32,
    strlen: usize,
    bytes: &'a mut Vec<u8>,
    count: u8,
}

impl Peek<'_> {
    fn put(&mut self, at: At, data: &[u8], full: usize) {
        if data.is_empty() || self.count == u8::MAX || self.bytes.len() + data.len() > BYTES_MAX {
            return;
        }
        self.count += 1;
        self.bytes.extend([at.arg, at.part as u8]);
        self.bytes.extend(at.index.to_le_bytes());
        self.bytes.extend(at.sub.to_le_bytes());
        self.bytes.extend([0, 0]);
        self.bytes.extend((data.len() as u32).to_le_bytes());
        self.bytes.extend(u32::try_from(full).unwrap_or(u32::MAX).to_le_bytes());
        self.bytes.extend(data);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }

    /// `want` bytes of the `full` at `from`; what could be read of them.
    fn copy(&mut self, at: At, from: u64, want: usize, full: usize) -> Vec<u8> {
        let mut data = vec![0; want];
        let n = peek(self.pid, from, &mut data);
        data.truncate(n);
        self.put(at, &data, full);
        data
    }

    /// As [`Peek::copy`], all or nothing.
    fn whole(&mut self, at: At, from: u64, len: usize) {
        let mut data = vec![0; len];
        if peek(self.pid, from, &mut data) == len {
            self.put(at, &data, len);
        }
    }

    fn iovecs(&mut self, at: At, from: u64, count: usize, given: bool) {
        let kept = count.min(ITEMS_MAX);
        let array = self.copy(At { part: Part::Iov, ..at }, from, kept * IOVEC, count.saturating_mul(IOVEC));
        for (k, v) in array.chunks_exact(IOVEC).enumerate().filter(|_| given) {
            let len = u64_at(v, 8) as usize;
            let data = At { part: Part::IovData, sub: k as u16, ..at };
            self.copy(data, u64_at(v, 0), len.min(self.strlen), len);
        }
    }

    fn message(&mut self, at: At, from: u64) {
        let mut h = [0; MSGHDR];
        if peek(self.pid, from, &mut h) != h.len() {
            return;
        }
        self.put(At { part: Part::Hdr, ..at }, &h, h.len());
        let namelen = u64_at(&h, 8) as u32 as usize;
        self.copy(At { part: Part::Name, ..at }, u64_at(&h, 0), namelen.min(ADDR_MAX), namelen);
        self.iovecs(at, u64_at(&h, 16), u64_at(&h, 24) as usize, true);
        let control = u64_at(&h, 40) as usize;
        self.copy(At { part: Part::Control, ..at }, u64_at(&h, 32), control.min(CONTROL_MAX), control);
    }

    /// What argument `i` points to.
    fn argument(&mut self, kinds: &[Arg], args: &[u64; 6], i: usize) {
        let (Some(kind), Some(&from)) = (kinds.get(i).map(|a| a.kind), args.get(i)) else { return };
        let number = |n: u8| args.get(n as usize).copied().unwrap_or(0) as usize;
        let at = At { arg: i as u8, part: Part::Data, index: 0, sub: 0 };
        let before = At { part: Part::Before, ..at };
        match kind {
            Kind::AddrIn(n) => {
                let want = number(n).min(ADDR_MAX);
                self.copy(at, from, want, want);
            }
            Kind::BufIn(n) | Kind::DnsIn(n) => {
                let keep = if matches!(kind, Kind::BufIn(_)) { self.strlen } else { CONTROL_MAX };
                self.copy(at, from, number(n).min(keep).min(CONTROL_MAX), number(n));
            }
            Kind::IovIn(n) => self.iovecs(at, from, number(n), true),
            Kind::IovOut(n) => self.iovecs(at, from, number(n), false),
            Kind::MsgIn => self.message(at, from),
            Kind::MmsgIn(n) => {
                for k in 0..number(n).min(ITEMS_MAX) {
                    self.message(At { index: k as u16, ..at }, from.wrapping_add((k * MMSGHDR) as u64));
                }
            }
            Kind::OptIn(n) => {
                let len = number(n) as u32 as usize;
                self.copy(at, from, len.min(OPTION_MAX), len);
            }
            Kind::PollFds(n) => {
                self.copy(at, from, number(n).min(256) * POLLFD, number(n).saturating_mul(POLLFD));
            }
            Kind::FdSet => self.whole(before, from, (args[0] as u32 as usize).min(1024).div_ceil(64) * 8),
            Kind::LenPtr => self.whole(before, from, 4),
            Kind::OffPtr => self.whole(before, from, 8),
            Kind::Timeval => self.whole(before, from, 16),
            Kind::Timespec => self.whole(at, from, 16),
            Kind::SigSet => self.whole(at, from, 8),
            Kind::EventIn => self.whole(at, from, 12),
            Kind::Hints => self.whole(at, from, 48),
            Kind::HostAddr(n) if matches!(number(n), 4 | 16) => self.whole(at, from, number(n)),
            Kind::Str => {
                let mut text = [0u8; TEXT_MAX];
                let n = peek_text(self.pid, from, &mut text).unwrap_or(0);
                self.put(at, &text[..n], n);
            }
            _ => {}
        }
    }
}

/// Appends a capture of what each argument points to in process `pid`; how many there are.
pub fn captures(pid: u32, kinds: &[Arg], args: &[u64; 6], strlen: u32, bytes: &mut Vec<u8>) -> u8 {
    let mut p = Peek { pid, strlen: (strlen as usize).min(CONTROL_MAX), bytes, count: 0 };
    for i in 0..kinds.len().min(args.len()) {
        p.argument(kinds, args, i);
    }
    p.count
}
