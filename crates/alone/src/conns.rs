//! Connections as the C API shows them, and the names that programs give them.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};
use core::sync::atomic::{AtomicU32, Ordering};
use socklens_decode::{Out, label};
use socklens_inside::capi::{SOCKLENS_NAME_MAX, socklens_conn};
use socklens_inside::half::Lent;
use socklens_wire::ConnSlot;
use socklens_wire::conn::flag;

/// Names kept: of connections whose numbers differ by as much only the latest name is.
const NAMES: usize = 1024;

struct Name {
    /// The connection's number; 0 while the text is being written.
    serial: AtomicU32,
    text: UnsafeCell<[u8; SOCKLENS_NAME_MAX + 1]>,
}

// SAFETY: the text is written by who took the serial from it, and bytes are all that can mix when it is read meanwhile.
unsafe impl Sync for Name {}

static TABLE: [Name; NAMES] =
    [const { Name { serial: AtomicU32::new(0), text: UnsafeCell::new([0; SOCKLENS_NAME_MAX + 1]) } }; NAMES];

/// [`socklens_inside::half::Half::name`].
pub extern "C" fn name(serial: u32, name: *const u8, len: usize) {
    let Some(entry) = TABLE.get(serial as usize % NAMES) else { return };
    // SAFETY: the caller's string, of which so many bytes are there.
    let name = unsafe { core::slice::from_raw_parts(name, len.min(SOCKLENS_NAME_MAX)) };
    entry.serial.store(0, Ordering::Release);
    let mut text = [0u8; SOCKLENS_NAME_MAX + 1];
    for (to, &b) in text.iter_mut().zip(name) {
        *to = b;
    }
    // SAFETY: see Name.
    unsafe { entry.text.get().write(text) };
    entry.serial.store(serial, Ordering::Release);
}

/// The name of a connection; empty when it has none.
pub fn name_of(serial: u32) -> [u8; SOCKLENS_NAME_MAX + 1] {
    match TABLE.get(serial as usize % NAMES) {
        // SAFETY: see Name.
        Some(e) if e.serial.load(Ordering::Acquire) == serial && serial != 0 => unsafe { e.text.get().read() },
        _ => [0; SOCKLENS_NAME_MAX + 1],
    }
}

fn address(bytes: &[u8], to: &mut [c_char]) {
    let mut text = [0u8; 127];
    let mut out = Out::new(&mut text);
    if !bytes.is_empty() {
        label::short_addr(&mut out, bytes);
    }
    for (to, &b) in to.iter_mut().zip(out.bytes()) {
        *to = b as c_char;
    }
}

/// The words of [`label::proto`], for C.
const PROTOS: [&core::ffi::CStr; 18] = [
    c"raw",
    c"sctp",
    c"udplite",
    c"dccp",
    c"ping",
    c"mptcp",
    c"tcp",
    c"udp",
    c"inet",
    c"unix",
    c"netlink",
    c"packet",
    c"vsock",
    c"bluetooth",
    c"can",
    c"alg",
    c"xdp",
    c"tipc",
];

/// [`socklens_inside::half::Half::conn`].
///
/// # Safety
/// There is room for a socklens_conn at `to`.
pub unsafe extern "C" fn describe(lent: &'static Lent, slot: &ConnSlot, fd: c_int, now: u64, to: *mut socklens_conn) {
    // SAFETY: integers, and a pointer that may be null.
    let mut conn: socklens_conn = unsafe { core::mem::zeroed() };
    conn.size = size_of::<socklens_conn>() as u32;
    fill(lent, slot, fd, now, &mut conn);
    // SAFETY: the caller's.
    unsafe { to.write(conn) };
}

fn fill(lent: &'static Lent, slot: &ConnSlot, fd: c_int, now: u64, to: &mut socklens_conn) {
    let info = &slot.info;
    let proto = label::proto(info).as_bytes();
    to.conn = info.serial;
    to.fd = fd;
    to.role = u32::from(info.role);
    to.family = c_int::from(info.family);
    to.type_ = c_int::from(info.ty);
    to.protocol = c_int::from(info.protocol);
    to.inherited = c_int::from(info.flags & flag::INHERITED != 0);
    to.proto = PROTOS.iter().find(|p| p.to_bytes() == proto).map_or(c"socket".as_ptr(), |p| p.as_ptr());
    address(info.local(), &mut to.local);
    address(info.peer(), &mut to.peer);
    for (to, b) in to.name.iter_mut().zip(name_of(info.serial)) {
        *to = b as c_char;
    }
    let t = &slot.totals;
    let get = |n: &core::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
    for c in [&t.own, &t.others] {
        to.calls_in = to.calls_in.wrapping_add(get(&c.calls_in));
        to.calls_out = to.calls_out.wrapping_add(get(&c.calls_out));
        to.calls_other = to.calls_other.wrapping_add(get(&c.calls_other));
        to.bytes_in = to.bytes_in.wrapping_add(get(&c.bytes_in));
        to.bytes_out = to.bytes_out.wrapping_add(get(&c.bytes_out));
        to.errors = to.errors.wrapping_add(get(&c.errors));
    }
    let since = |then: u64| if then == 0 || then > now { 0 } else { (lent.ns)(now - then) };
    to.age_ns = since(get(&t.opened));
    to.idle_ns = since(get(&t.last));
    let (began, done) = (get(&t.connect_start), get(&t.connect_end));
    to.connect_ns = if began != 0 && done > began { (lent.ns)(done - began) } else { 0 };
}
