//! Calls in progress, shown as events: their arguments are in the thread's slot, what these point to in the process.

use crate::conns::Conns;
use crate::shm::InCall;
use socklens_calls::{Call, Kind, class};
use socklens_wire::event::{CAP_HEAD, HEAD, flag, word_of_size};
use socklens_wire::{Event, Part};

/// Longest string or address looked at.
const TEXT_MAX: usize = 256;
const ADDR_MAX: usize = 128;

/// Calls whose result is the pid of a new process.
pub fn makes_child(call: u16) -> bool {
    matches!(Call::from_opcode(call), Some(Call::fork | Call::_Fork | Call::vfork | Call::clone | Call::syscall))
}

/// Calls that replace the process's image and so never return when they succeed.
pub fn replaces_image(call: u16) -> bool {
    use Call::{execl, execle, execlp, execv, execve, execveat, execvp, execvpe, fexecve};
    matches!(
        Call::from_opcode(call),
        Some(execve | execv | execvp | execvpe | fexecve | execveat | execl | execlp | execle)
    )
}

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

/// Whether a call in progress will be recorded when it returns: waiting is, when a socket is waited for.
pub fn worth(call: &InCall, host_pid: u32, proc: u32, conns: &Conns) -> bool {
    let Some(known) = Call::from_opcode(call.opcode) else { return false };
    match known {
        _ if call.conn != 0 => true,
        Call::poll | Call::ppoll | Call::__poll_chk | Call::__ppoll_chk => {
            let mut fds = [0u8; 64 * 8];
            let want = (call.args[1].min(64) * 8) as usize;
            let n = if host_pid == 0 { 0 } else { peek(host_pid, call.args[0], &mut fds[..want]) };
            let fd = |p: &[u8]| i32::from_le_bytes([p[0], p[1], p[2], p[3]]);
            fds[..n].chunks_exact(8).any(|p| conns.of_fd(proc, fd(p)).is_some())
        }
        // Shown only where the instance watches a socket.
        Call::epoll_wait | Call::epoll_pwait | Call::epoll_pwait2 => true,
        Call::select | Call::pselect => true,
        _ => known.spec().class & (class::NET | class::DNS | class::NETIF | class::PROCESS) != 0,
    }
}

fn capture(bytes: &mut Vec<u8>, arg: u8, data: &[u8], full: u32) {
    bytes.extend([arg, Part::Data as u8, 0, 0, 0, 0, 0, 0]);
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(full.to_le_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
}

/// Makes an event of a call in progress. `host_pid` 0: nothing is read from the process.
pub fn event(call: &InCall, host_pid: u32, strlen: u32, bytes: &mut Vec<u8>) {
    bytes.clear();
    let spec = Call::from_opcode(call.opcode).map(Call::spec);
    let kinds = spec.map_or(&[][..], |s| s.args);
    let nargs = kinds.len().min(call.args.len());
    bytes.resize(HEAD, 0);
    for a in &call.args[..nargs] {
        bytes.extend(a.to_le_bytes());
    }
    let mut ncaps = 0u8;
    let arg = |n: u8| call.args.get(n as usize).copied().unwrap_or(0);
    for (i, a) in kinds.iter().enumerate().take(nargs) {
        let at = call.args[i];
        let mut text = [0u8; TEXT_MAX];
        let (len, full) = match a.kind {
            Kind::AddrIn(n) => {
                let want = (arg(n) as usize).min(ADDR_MAX);
                (peek(host_pid, at, &mut text[..want]), want)
            }
            Kind::BufIn(n) => {
                let want = (arg(n) as usize).min(strlen as usize).min(TEXT_MAX);
                (peek(host_pid, at, &mut text[..want]), arg(n) as usize)
            }
            Kind::Str => {
                let n = peek_text(host_pid, at, &mut text).unwrap_or(0);
                (n, n)
            }
            _ => (0, 0),
        };
        if len > 0 && host_pid != 0 {
            capture(bytes, i as u8, &text[..len], full.min(u32::MAX as usize) as u32);
            ncaps += 1;
        }
    }
    const { assert!(CAP_HEAD == 16) };
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(4, &call.opcode.to_le_bytes());
    put(8, &call.start.to_le_bytes());
    put(16, &call.start.to_le_bytes());
    put(32, &call.conn.to_le_bytes());
    put(36, &flag::UNFINISHED.to_le_bytes());
    put(38, &[nargs as u8, ncaps]);
    let word = word_of_size(bytes.len()).to_le_bytes();
    bytes[..4].copy_from_slice(&word);
}

/// Says when the call was looked at last, and with `done` that it succeeded then: an exec never returns.
pub fn finish(bytes: &mut [u8], end: u64, done: bool) {
    if Event::parse(bytes).is_some() {
        bytes[16..24].copy_from_slice(&end.to_le_bytes());
        if done {
            bytes[36..38].copy_from_slice(&0u16.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_call_in_progress_is_read_from_its_process() {
        let addr = [2u8, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        let args = [3, addr.as_ptr() as u64, 16, 0, 0, 0];
        let call = InCall { opcode: Call::connect as u16, conn: 7, start: 5, args };
        let mut bytes = Vec::new();
        event(&call, std::process::id(), 32, &mut bytes);
        let ev = Event::parse(&bytes).unwrap();
        assert_eq!(ev.head.conn, 7);
        assert_eq!(ev.int(0), 3);
        assert_eq!(ev.cap(1, Part::Data).unwrap().data, addr);
        // An unmapped pointer stays a pointer.
        let call = InCall { args: [3, 16, 16, 0, 0, 0], ..call };
        event(&call, std::process::id(), 32, &mut bytes);
        assert_eq!(Event::parse(&bytes).unwrap().head.ncaps, 0);
    }
}
