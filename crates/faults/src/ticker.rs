//! What a fault does later: a partition heals, and what was held back may be read. The program may be waiting in the kernel
//! then, so a thread of ours does it: made by clone when it is first needed, without libc's knowledge, with all signals
//! blocked. It touches no thread-local storage and makes system calls only.

use super::apply::{Job, sleep};
use super::decide::{self, Chosen};
use super::kernel;
use super::rearm::{self, Side};
use super::{Cx, connect, data, delayed, early, lent};
use core::arch::naked_asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use libc::c_int;
use socklens_calls::{Call, class};
use socklens_inside::errno::{errno, set_errno};
use socklens_inside::sys;
use socklens_rules::fault::{Dir, Recipe, Skip};
use socklens_wire::fault::{FaultConn, lane, state as conn_is};

/// Something to be done.
struct Task {
    /// CLOCK_MONOTONIC nanoseconds; 0 free, 1 being written.
    due: AtomicU64,
    fd: AtomicU32,
    serial: AtomicU32,
    conn: AtomicU32,
    /// Bit 0 IPv6, bit 1 TCP.
    kind: AtomicU32,
}

/// Most connections with something to be done later.
pub const TASKS: usize = 128;
static TASK: [Task; TASKS] = [const {
    Task {
        due: AtomicU64::new(0),
        fd: AtomicU32::new(0),
        serial: AtomicU32::new(0),
        conn: AtomicU32::new(0),
        kind: AtomicU32::new(0),
    }
}; TASKS];

/// The process whose thread runs; another one's number means that there is none here.
static OWNER: AtomicU32 = AtomicU32::new(0);
/// Changes when there is a new task.
static NEWS: AtomicU32 = AtomicU32::new(0);

const STACK: usize = 16 * 1024;

#[repr(C, align(16))]
struct Stack(UnsafeCell<[u8; STACK]>);

// SAFETY: only the thread it belongs to touches it, and there is one.
unsafe impl Sync for Stack {}

static GROUND: Stack = Stack(UnsafeCell::new([0; STACK]));

/// clone(flags, stack) whose child runs `body` and never returns.
#[unsafe(naked)]
unsafe extern "C" fn start(flags: usize, stack: usize) -> isize {
    naked_asm!(
        "xor edx, edx",
        "xor r10d, r10d",
        "xor r8d, r8d",
        "mov eax, 56",
        "syscall",
        "test rax, rax",
        "jz 2f",
        "ret",
        "2:",
        "xor ebp, ebp",
        "and rsp, -16",
        "call {body}",
        "ud2",
        body = sym body,
    )
}

/// The thread.
extern "C" fn body() -> ! {
    loop {
        let news = NEWS.load(Ordering::Acquire);
        let mut next = delayed::send_due(sys::clock_ns(libc::CLOCK_MONOTONIC));
        for t in &TASK {
            let due = t.due.load(Ordering::Acquire);
            if due <= 1 {
                continue;
            }
            if due <= sys::clock_ns(libc::CLOCK_MONOTONIC) {
                perform(t);
                t.due.store(0, Ordering::Release);
            } else {
                next = next.min(due);
            }
        }
        let left = next.saturating_sub(sys::clock_ns(libc::CLOCK_MONOTONIC)).max(1);
        wait_news(news, if next == u64::MAX { 3_600_000_000_000 } else { left });
    }
}

fn wait_news(seen: u32, ns: u64) {
    let ts = libc::timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as i64 };
    let (at, ts) = (NEWS.as_ptr() as usize, core::ptr::from_ref(&ts) as usize);
    // SAFETY: the word is ours; FUTEX_WAIT only reads it.
    unsafe { sys::call6(libc::SYS_futex, at, libc::FUTEX_WAIT as usize, seen as usize, ts, 0, 0) };
}

/// Does what is due for a connection, on any descriptor it still has.
fn perform(t: &Task) {
    let (serial, index) = (t.serial.load(Ordering::Relaxed), t.conn.load(Ordering::Relaxed));
    let mut fd = t.fd.load(Ordering::Relaxed) as c_int;
    if lent::fd(fd).serial() != serial {
        fd = -1;
        lent::each_fd(|n, e| {
            if e.serial() == serial && e.conn().is_some() {
                fd = n;
            }
        });
    }
    let conn = lent::segment().fault_conn(index).filter(|c| c.serial.load(Ordering::Relaxed) == serial);
    if fd < 0 {
        early::opened(serial);
    } else if let Some(c) = conn {
        let kind = t.kind.load(Ordering::Relaxed);
        let now = sys::clock_ns(libc::CLOCK_MONOTONIC);
        open(c, fd, now, kind & 2 != 0);
        mend(c, fd, now, kind & 1 != 0, kind & 2 != 0);
    }
}

/// A gate that is just being opened: nothing may be received yet, and what is told ready is not hidden any more. Whoever has
/// hidden it before has it told again.
const OPENING: u64 = 1;

fn open(c: &FaultConn, fd: c_int, now: u64, tcp: bool) {
    let until = c.gate.load(Ordering::Relaxed);
    if until != 0 && until <= now {
        open_now(c, fd, until, tcp);
    }
}

fn open_now(c: &FaultConn, fd: c_int, until: u64, tcp: bool) {
    let _ = c.gate.compare_exchange(until, OPENING, Ordering::AcqRel, Ordering::Relaxed);
    if tcp {
        kernel::set(fd, libc::SOL_SOCKET, libc::SO_RCVLOWAT, 1);
    } else {
        rearm::again(fd, lent::fd(fd), false, Side::In);
    }
    early::opened(c.serial.load(Ordering::Relaxed));
    // Now: whoever finds the gate open may receive, and what a blocking receive waits for is settled as it begins.
    let _ = c.gate.compare_exchange(OPENING, 0, Ordering::AcqRel, Ordering::Relaxed);
}

/// An error has come: it is told at once, and with it what was held back.
pub fn give_up(conn: Option<&FaultConn>, cx: &Cx) {
    if let Some(c) = conn {
        open_now(c, cx.fd, c.gate.load(Ordering::Relaxed), cx.tcp());
    }
}

/// Until when what a connection has received is held back. The process that is to open the gate may be gone.
pub fn closed_until(c: &FaultConn) -> Option<u64> {
    Some(c.gate.load(Ordering::Acquire)).filter(|&until| until > OPENING && until > lent::mono())
}

/// Calls `f` with descriptor and serial number of the connections whose gates this process will open.
pub fn each_gate(mut f: impl FnMut(c_int, u32)) {
    for t in TASK.iter().filter(|t| t.due.load(Ordering::Acquire) > 1) {
        let serial = t.serial.load(Ordering::Relaxed);
        let conn = lent::segment().fault_conn(t.conn.load(Ordering::Relaxed));
        if conn.is_some_and(|c| c.serial.load(Ordering::Relaxed) == serial && closed_until(c).is_some()) {
            f(t.fd.load(Ordering::Relaxed) as c_int, serial);
        }
    }
}

fn mend(c: &FaultConn, fd: c_int, now: u64, v6: bool, tcp: bool) {
    let until = c.heal.load(Ordering::Relaxed);
    if until != 0 && until <= now && c.heal.compare_exchange(until, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        let was = c.flags.fetch_and(!(conn_is::DEAF | conn_is::MUTE), Ordering::Relaxed);
        connect::heal(fd, v6, tcp, was);
    }
}

/// What is due for the connection of a call, should the thread be late or in another process.
pub fn due(conn: Option<&FaultConn>, cx: &Cx) {
    let Some(c) = conn else { return };
    if c.heal.load(Ordering::Relaxed) | c.gate.load(Ordering::Relaxed) != 0 {
        let now = lent::mono();
        open(c, cx.fd, now, cx.tcp());
        mend(c, cx.fd, now, cx.v6(), cx.tcp());
    }
}

/// Sees to it that the thread runs; false when that is impossible.
pub fn runs() -> bool {
    let pid = lent::pid();
    let was = OWNER.load(Ordering::Acquire);
    if was != pid && OWNER.compare_exchange(was, pid, Ordering::AcqRel, Ordering::Acquire).is_ok() {
        for t in &TASK {
            t.due.store(0, Ordering::Relaxed);
        }
        if !launch() {
            OWNER.store(0, Ordering::Release);
            return false;
        }
    }
    true
}

/// The thread looks at what there is to do.
pub fn wake() {
    NEWS.fetch_add(1, Ordering::AcqRel);
    sys::futex_wake(NEWS.as_ptr(), 1);
}

/// Notes a task and sees to it that the thread runs; false when that is impossible.
fn later(cx: &Cx, at: u64) -> bool {
    if !runs() {
        return false;
    }
    let Some(t) = TASK.iter().find(|t| t.due.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_ok())
    else {
        return false;
    };
    t.fd.store(cx.fd as u32, Ordering::Relaxed);
    t.serial.store(cx.entry.serial(), Ordering::Relaxed);
    t.conn.store(cx.entry.conn().unwrap_or(u32::MAX), Ordering::Relaxed);
    t.kind.store(u32::from(cx.v6()) | u32::from(cx.tcp()) << 1, Ordering::Relaxed);
    t.due.store(at, Ordering::Release);
    wake();
    true
}

fn launch() -> bool {
    let mask = sys::block_signals();
    let flags = libc::CLONE_VM
        | libc::CLONE_FS
        | libc::CLONE_FILES
        | libc::CLONE_SIGHAND
        | libc::CLONE_THREAD
        | libc::CLONE_SYSVSEM;
    // SAFETY: the stack is the new thread's alone: OWNER lets one thread of a process come here once.
    let r = unsafe { start(flags as usize, GROUND.0.get() as usize + STACK) };
    sys::set_signals(mask);
    r > 0
}

/// A partition ends after this time.
pub fn heal(cx: &Cx, conn: Option<&FaultConn>, ns: u64) {
    let Some(c) = conn else { return };
    let at = lent::mono().wrapping_add(ns);
    c.heal.store(at, Ordering::Relaxed);
    // Without the thread it ends at the first call after that.
    later(cx, at);
}

/// Whether what arrived is being held back.
pub fn gated(conn: Option<&FaultConn>) -> bool {
    conn.is_some_and(|c| c.gate.load(Ordering::Acquire) != 0)
}

/// Sleeps until it is not, and sees to it that it is not: the thread may be late.
pub fn wait_open(conn: Option<&FaultConn>, cx: &Cx) {
    let Some(c) = conn else { return };
    let until = c.gate.load(Ordering::Acquire);
    let now = lent::mono();
    if until > now {
        sleep(until - now);
    }
    open(c, cx.fd, lent::mono(), cx.tcp());
}

/// Holds readiness to read back until then; false when that is impossible.
pub fn gate(cx: &Cx, conn: &FaultConn, until: u64) -> bool {
    const MORE_THAN_COMES: c_int = 1 << 20;
    let tcp = cx.tcp();
    // The program has asked for readiness of its own kind.
    if tcp
        && conn.gate.load(Ordering::Relaxed) == 0
        && kernel::get(cx.fd, libc::SOL_SOCKET, libc::SO_RCVLOWAT).is_none_or(|v| v > 1)
    {
        return false;
    }
    lent::segment().fault_shared().gated_until.fetch_max(until, Ordering::Relaxed);
    // The gate first: no receive may begin while the kernel waits for so much and nobody knows.
    conn.gate.store(until, Ordering::Release);
    if !later(cx, until) || tcp && !kernel::set(cx.fd, libc::SOL_SOCKET, libc::SO_RCVLOWAT, MORE_THAN_COMES) {
        conn.gate.store(0, Ordering::Release);
        return false;
    }
    if tcp && conn.gate.load(Ordering::Acquire) != until {
        // It was open again before.
        kernel::set(cx.fd, libc::SOL_SOCKET, libc::SO_RCVLOWAT, 1);
    }
    true
}

/// Bytes arrive later. A program that blocks sleeps once they are there; for one that waits for events the kernel holds the
/// readiness back after what was sent, as long as an answer would take longer. True when the call has to fail with EAGAIN,
/// since what it would receive is not due.
pub fn latency(job: &mut Job, c: &Chosen) -> bool {
    let cx = job.cx;
    if !cx.tcp() && !cx.dgram() {
        job.skip(c, Skip::WrongType);
        return false;
    }
    let blocks = kernel::blocks(cx.fd, data::flags(cx));
    if cx.lane == lane::OUT {
        // What is received next answers this.
        decide::mark(job.plan.conn, conn_is::FLOWING, false);
    }
    match (cx.lane, c.action.dir()) {
        // Sent later, one by one: dgram.rs.
        _ if goes_later(job, c, blocks) => {}
        (lane::IN, Dir::In | Dir::Both) if blocks => arriving(job, c),
        // The sends of the rule do it, if they can.
        (lane::IN, Dir::Both) if !cx.unix() && job.is_about(c, class::OUT) => {}
        (lane::IN, Dir::In) if cx.tcp() && job.is_about(c, class::OUT) => {}
        (lane::IN, Dir::In | Dir::Both) => return hold_arrived(job, c),
        // The receives do it.
        (lane::OUT, Dir::In | Dir::Both) if (blocks || cx.unix()) && job.is_about(c, class::IN) => {}
        (lane::OUT, Dir::In) if cx.dgram() && job.is_about(c, class::IN) => {}
        (lane::OUT, Dir::Out | Dir::Both) if blocks => {
            let ns = job.time(c);
            job.fire(c, Recipe::Sleep, 0, ns);
            sleep(ns);
        }
        (lane::OUT, Dir::In) if blocks => job.skip(c, Skip::Blocking),
        (lane::OUT, Dir::In | Dir::Both) if cx.tcp() => hold_answer(job, c),
        (lane::OUT, _) => job.skip(c, Skip::Nonblocking),
        (_, Dir::Out) if job.is_about(c, class::OUT) => {}
        _ => job.skip(c, Skip::Precondition),
    }
    false
}

/// A receive that does not block, by a rule that cannot have its sends hold the answer back: what has arrived after a pause
/// is not there yet, as when another holder of the socket was quicker. True when so.
fn hold_arrived(job: &mut Job, c: &Chosen) -> bool {
    let (cx, Some(conn)) = (job.cx, job.plan.conn) else { return false };
    let flags = data::flags(cx);
    if flags & (libc::MSG_ERRQUEUE | libc::MSG_OOB) != 0 || kernel::has_error(cx.fd) {
        return false;
    }
    if kernel::readable_now(cx.fd) <= 0 {
        decide::mark(Some(conn), conn_is::FLOWING, false);
        return false;
    }
    if decide::is(Some(conn), conn_is::FLOWING) {
        return false;
    }
    let age = if cx.tcp() { kernel::since_data(cx.fd) } else { 0 };
    let ns = job.time(c).saturating_sub(age);
    decide::mark(Some(conn), conn_is::FLOWING, true);
    if ns == 0 {
        return false;
    }
    let held = gate(cx, conn, lent::mono().wrapping_add(ns));
    if held {
        job.fire(c, Recipe::Gate, 0, ns);
    } else {
        job.skip(c, Skip::Refused);
    }
    held
}

/// After a receive that did not block: what comes when all has been read, comes late again.
pub fn received(job: &Job) {
    let cx = job.cx;
    if cx.lane == lane::IN && !kernel::blocks(cx.fd, data::flags(cx)) && kernel::readable_now(cx.fd) <= 0 {
        decide::mark(job.plan.conn, conn_is::FLOWING, false);
    }
}

/// Has the kernel hold back what answers a send.
fn hold_answer(job: &mut Job, c: &Chosen) {
    let Some(conn) = job.plan.conn else { return };
    if conn.gate.load(Ordering::Relaxed) != 0 {
        return;
    }
    let ns = job.time(c);
    if gate(job.cx, conn, lent::mono().wrapping_add(ns)) {
        job.fire(c, Recipe::Gate, 0, ns);
    } else {
        job.skip(c, Skip::Refused);
    }
}

/// Whether latency keeps the datagrams of a call back: one that waits has it in its receives, unless the rule is not about
/// those, or says `out`.
pub fn goes_later(job: &Job, c: &Chosen, blocks: bool) -> bool {
    let cx = job.cx;
    cx.lane == lane::OUT
        && cx.dgram()
        && !cx.unix()
        && match c.action.dir() {
            Dir::Out => true,
            Dir::Both => !blocks || !job.is_about(c, class::IN),
            Dir::In => false,
        }
}

/// A receive that blocks: the first bytes after a pause come as late as they would over a longer way.
fn arriving(job: &mut Job, c: &Chosen) {
    let (cx, conn) = (job.cx, job.plan.conn);
    let mut age = 0;
    if kernel::readable_now(cx.fd) > 0 {
        if decide::is(conn, conn_is::FLOWING) {
            return;
        }
        age = if cx.tcp() { kernel::since_data(cx.fd) } else { 0 };
    } else {
        decide::mark(conn, conn_is::FLOWING, false);
        let mut p = libc::pollfd { fd: cx.fd, events: libc::POLLIN, revents: 0 };
        let limit = kernel::timeout(cx.fd, libc::SO_RCVTIMEO) / 1_000_000;
        let ms = if limit == 0 { u64::MAX } else { limit };
        // The real poll: the thread may be cancelled in it.
        let args = [core::ptr::from_mut(&mut p) as u64, 1, ms, 0, 0, 0, 0, 0];
        let e = errno();
        let ready = data::call_real(Call::poll, &args);
        set_errno(e);
        if ready <= 0 {
            return;
        }
    }
    let ns = job.time(c).saturating_sub(age);
    decide::mark(conn, conn_is::FLOWING, true);
    if ns > 0 {
        job.fire(c, Recipe::Sleep, 0, ns);
        sleep(ns);
    }
}
