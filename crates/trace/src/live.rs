//! Calls in progress, shown as events: their arguments are in the thread's slot, what these point to in the process.

use crate::conns::Conns;
use crate::input;
use crate::shm::InCall;
use socklens_calls::{Call, class};
use socklens_wire::event::{CAP_HEAD, HEAD, flag, word_of_size};
use socklens_wire::{Event, Part};

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

/// Whether a call in progress will be recorded when it returns: waiting is, when a socket is waited for. `bytes`: its event,
/// made while its memory could be read.
pub fn worth(call: &InCall, bytes: &[u8], proc: u32, conns: &Conns) -> bool {
    let Some(known) = Call::from_opcode(call.opcode) else { return false };
    match known {
        _ if call.conn != 0 => true,
        Call::poll | Call::ppoll | Call::__poll_chk | Call::__ppoll_chk => {
            let fd = |p: &[u8]| i32::from_le_bytes([p[0], p[1], p[2], p[3]]);
            let event = Event::parse(bytes);
            let fds = event.and_then(|e| e.cap(0, Part::Data)).map_or(&[][..], |c| c.data);
            fds.chunks_exact(8).any(|p| conns.of_fd(proc, fd(p)).is_some())
        }
        // Shown only where the instance watches a socket.
        Call::epoll_wait | Call::epoll_pwait | Call::epoll_pwait2 => true,
        Call::select | Call::pselect => true,
        _ => known.spec().class & (class::NET | class::DNS | class::NETIF | class::PROCESS) != 0,
    }
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
    let ncaps = if host_pid == 0 { 0 } else { input::captures(host_pid, &kinds[..nargs], &call.args, strlen, bytes) };
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

/// Makes an event that of a call in progress since `start`.
pub fn unfinish(bytes: &mut [u8], start: u64) {
    if Event::parse(bytes).is_some() {
        bytes[8..16].copy_from_slice(&start.to_le_bytes());
        bytes[36..38].copy_from_slice(&flag::UNFINISHED.to_le_bytes());
    }
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
        let look = |opcode: Call, args: [u64; 6]| {
            let mut bytes = Vec::new();
            event(&InCall { opcode: opcode as u16, args, ..call }, std::process::id(), 2, &mut bytes);
            bytes
        };
        let data = *b"abcd";
        let iov = [data.as_ptr() as u64, 4];
        let msg = [addr.as_ptr() as u64, 16, iov.as_ptr() as u64, 1, 0, 0, 0];
        let bytes = look(Call::sendmsg, [3, msg.as_ptr() as u64, 0, 0, 0, 0]);
        let ev = Event::parse(&bytes).unwrap();
        assert_eq!(ev.cap(1, Part::Name).unwrap().data, addr);
        assert_eq!(ev.cap(1, Part::IovData).map(|c| (c.data, c.full)), Some((&data[..2], 4)));
        let poll = [3u8, 0, 0, 0, 1, 0, 0, 0];
        let bytes = look(Call::poll, [poll.as_ptr() as u64, 1, 0, 0, 0, 0]);
        assert_eq!(Event::parse(&bytes).unwrap().cap(0, Part::Data).unwrap().data, poll);
        let (set, time) = ([5u64; 16], [1u64, 2]);
        let mut bytes = look(Call::select, [1000, set.as_ptr() as u64, 0, 0, time.as_ptr() as u64, 0]);
        let ev = Event::parse(&bytes).unwrap();
        assert_eq!(ev.cap(1, Part::Before).unwrap().data, [5u64.to_le_bytes(); 16].concat());
        assert_eq!(ev.cap(4, Part::Before).unwrap().data, [1u64.to_le_bytes(), 2u64.to_le_bytes()].concat());
        // An unmapped pointer stays a pointer.
        let call = InCall { args: [3, 16, 16, 0, 0, 0], ..call };
        event(&call, std::process::id(), 32, &mut bytes);
        assert_eq!(Event::parse(&bytes).unwrap().head.ncaps, 0);
    }
}
