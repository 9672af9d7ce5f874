//! fcntl: commands, their third argument and what their results mean.

use crate::fields::{Fields, number};
use crate::printer::{Format, Printer};
use crate::xlat::{self, name, signed};

/// Prints a command.
pub fn cmd(p: &mut Printer, cmd: i32) {
    p.sym(i64::from(cmd), signed(xlat::F, i64::from(cmd)), "F_???");
}

/// Whether the command takes a third argument: where it does not, the register holds anything.
pub fn takes_arg(cmd: i32) -> bool {
    !matches!(
        cmd,
        libc::F_GETFD
            | libc::F_GETFL
            | libc::F_GETOWN
            | F_GETSIG
            | libc::F_GETLEASE
            | libc::F_GETPIPE_SZ
            | libc::F_GET_SEALS
    )
}

const F_SETSIG: i32 = 10;
const F_GETSIG: i32 = 11;
const F_SETOWN_EX: i32 = 15;
const F_GETOWN_EX: i32 = 16;
const F_GETOWNER_UIDS: i32 = 17;
const F_DUPFD_QUERY: i32 = 1027;
const F_GET_RW_HINT: i32 = 1035;
const F_SET_FILE_RW_HINT: i32 = 1038;

/// How many bytes the kernel reads behind the third argument, and how many it writes there; None when it is no pointer.
pub const fn size(cmd: i32) -> Option<(usize, usize)> {
    match cmd {
        libc::F_GETLK | libc::F_OFD_GETLK => Some((32, 32)),
        libc::F_SETLK | libc::F_SETLKW | libc::F_OFD_SETLK | libc::F_OFD_SETLKW => Some((32, 0)),
        F_SETOWN_EX => Some((8, 0)),
        F_GETOWN_EX | F_GETOWNER_UIDS => Some((0, 8)),
        F_GET_RW_HINT | 1037 => Some((0, 8)),
        1036 | F_SET_FILE_RW_HINT => Some((8, 0)),
        _ => None,
    }
}

/// Prints the third argument. `before` is what it pointed to at the call, `data` what after it; without either the pointer is printed.
pub fn arg(p: &mut Printer, cmd: i32, value: u64, before: Option<&[u8]>, data: Option<&[u8]>) {
    let low = u64::from(value as u32);
    match cmd {
        libc::F_SETFD => p.flags(low, xlat::FD, "FD_???"),
        libc::F_SETFL => open_flags(p, low),
        // strace shows the long that the kernel was given.
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC if p.format() == Format::Strace => p.num(value as i64),
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => p.unum(low),
        libc::F_SETOWN => p.num(i64::from(value as i32)),
        libc::F_SETPIPE_SZ => p.unum(low),
        F_SETSIG => match signed(xlat::SIG, i64::from(value as i32)) {
            None if !p.json() => p.num(i64::from(value as i32)),
            signal => p.sym(i64::from(value as i32), signal, ""),
        },
        libc::F_SETLEASE => p.sym(i64::from(value as i32), name(xlat::F_LOCK, low), "F_???"),
        libc::F_ADD_SEALS => p.flags(low, xlat::F_SEAL, "F_SEAL_???"),
        libc::F_NOTIFY => p.flags(low, xlat::DN, "DN_???"),
        F_DUPFD_QUERY if p.format() != Format::Strace => p.fd(value as i32),
        libc::F_SETLK | libc::F_SETLKW | libc::F_OFD_SETLK | libc::F_OFD_SETLKW => {
            lock(p, value, before.or(data), false)
        }
        libc::F_GETLK | libc::F_OFD_GETLK => lock(p, value, data, true),
        F_SETOWN_EX => owner(p, value, before.or(data)),
        F_GETOWN_EX => owner(p, value, data),
        F_GETOWNER_UIDS if p.format() != Format::Strace => match data {
            Some(b) if b.len() >= 8 => {
                let mut f = Fields::new(b);
                p.begin_array();
                for _ in 0..2 {
                    p.elem();
                    p.unum(f.take(4).map_or(0, number));
                }
                p.end_array();
            }
            _ => p.ptr(value),
        },
        F_GET_RW_HINT..=F_SET_FILE_RW_HINT if p.format() != Format::Strace => {
            let b = if matches!(cmd, F_GET_RW_HINT | 1037) { data } else { before.or(data) };
            match b.and_then(|b| b.get(..8)).map(number) {
                Some(v) => crate::fields::boxed(p, |p| p.sym(v as i64, name(xlat::RW_HINT, v), "RWH_WRITE_LIFE_???")),
                None => p.ptr(value),
            }
        }
        // What is not known may be a pointer or a number.
        _ => match p.format() {
            Format::Json => p.unum(value),
            _ => p.hex(value),
        },
    }
}

/// O_RDWR|O_NONBLOCK.
pub fn open_flags(p: &mut Printer, v: u64) {
    let (mode, rest) = (v & 3, v & !3);
    let access = name(xlat::O_ACC, mode).unwrap_or("O_ACCMODE");
    if p.json() {
        // Flags of the access mode count as one more row; the table's own rows never have these bits.
        let out = p.out();
        out.str("{\"n\":");
        out.udec(v);
        out.str(",\"s\":\"");
        out.str(access);
        let mut left = rest;
        for (bits, flag) in xlat::O.rows() {
            if bits != 0 && left & bits == bits {
                out.byte(b'|');
                out.str(flag);
                left &= !bits;
            }
        }
        if left != 0 {
            out.byte(b'|');
            out.hex(left);
        }
        out.str("\"}");
        return;
    }
    p.word(access);
    if rest != 0 {
        p.note("|");
        p.flags(rest, xlat::O, "");
    }
}

fn lock(p: &mut Printer, value: u64, bytes: Option<&[u8]>, with_pid: bool) {
    let Some(b) = bytes.filter(|b| !b.is_empty()) else {
        return p.ptr(value);
    };
    let mut f = Fields::new(b);
    p.begin_struct();
    f.sym(p, "l_type", 2, xlat::F_LOCK, "F_???");
    f.sym(p, "l_whence", 2, xlat::SEEK, "SEEK_???");
    f.skip(4);
    f.num(p, "l_start", 8);
    f.num(p, "l_len", 8);
    if with_pid {
        f.num(p, "l_pid", 4);
    }
    p.end_struct();
}

fn owner(p: &mut Printer, value: u64, bytes: Option<&[u8]>) {
    let Some(b) = bytes.filter(|b| !b.is_empty()) else {
        return p.ptr(value);
    };
    let mut f = Fields::new(b);
    p.begin_struct();
    f.sym(p, "type", 4, xlat::F_OWNER, "F_OWNER_???");
    f.num(p, "pid", 4);
    p.end_struct();
}

/// Prints a result that is more than a number, such as `0x802 (flags O_RDWR|O_NONBLOCK)`; false, and nothing printed, when it is one.
pub fn result(p: &mut Printer, cmd: i32, ret: i64) -> bool {
    if ret < 0 {
        return false;
    }
    let v = ret as u64;
    match cmd {
        libc::F_GETFL => decorated(p, v, " (flags ", |p| open_flags(p, v)),
        libc::F_GETFD if v != 0 => decorated(p, v, " (flags ", |p| p.flags(v, xlat::FD, "FD_???")),
        libc::F_GET_SEALS if v != 0 => decorated(p, v, " (seals ", |p| p.flags(v, xlat::F_SEAL, "F_SEAL_???")),
        libc::F_GETLEASE => decorated(p, v, " (", |p| p.sym(ret, name(xlat::F_LOCK, v), "F_???")),
        F_GETSIG if v != 0 => {
            if p.json() {
                p.sym(ret, name(xlat::SIG, v), "");
            } else {
                p.unum(v);
                p.note(" (");
                match name(xlat::SIG, v) {
                    Some(signal) => p.note(signal),
                    None => p.unum(v),
                }
                p.note(")");
            }
        }
        _ => return false,
    }
    true
}

fn decorated(p: &mut Printer, v: u64, open: &str, meaning: impl FnOnce(&mut Printer)) {
    if p.json() {
        meaning(p);
        return;
    }
    p.hex(v);
    p.note(open);
    meaning(p);
    p.note(")");
}
