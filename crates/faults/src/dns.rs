//! Names: lookups that fail, or answer with less or otherwise.

use super::apply::{Job, sleep};
use super::data;
use super::decide::Chosen;
use super::lent::fetch;
use libc::{addrinfo, c_int};
use socklens_calls::Call;
use socklens_inside::errno::set_errno;
use socklens_rules::fault::{DnsMode, Recipe, Skip};

/// The answer a rule gives; None to go on with the call.
pub fn answer(job: &mut Job, c: &Chosen) -> Option<i64> {
    let mode = c.action.dns_mode()?;
    if mode == DnsMode::Delay {
        let ns = job.time(c);
        job.fire(c, Recipe::Sleep, 0, ns);
        sleep(ns);
        return None;
    }
    if job.cx.call != Call::getaddrinfo {
        return older(job, c, mode);
    }
    let code = match mode {
        DnsMode::Again => libc::EAI_AGAIN,
        DnsMode::NoName => libc::EAI_NONAME,
        DnsMode::Fail => libc::EAI_FAIL,
        DnsMode::Empty => libc::EAI_NODATA,
        DnsMode::Only4 => return only(job, c, libc::AF_INET),
        DnsMode::Only6 => return only(job, c, libc::AF_INET6),
        DnsMode::To => return to(job, c),
        DnsMode::Delay => return None,
    };
    job.fire(c, Recipe::Fake, 0, code as u64);
    Some(i64::from(code))
}

unsafe extern "C" {
    /// Where this thread's h_errno lies.
    safe fn __h_errno_location() -> *mut c_int;
}

/// Values of h_errno, from <netdb.h>.
mod host {
    pub const NOT_FOUND: i32 = 1;
    pub const TRY_AGAIN: i32 = 2;
    pub const NO_RECOVERY: i32 = 3;
    pub const NO_DATA: i32 = 4;
}

/// Why an older lookup fails, in its words and in getnameinfo's.
#[derive(Clone, Copy)]
struct Failure {
    host: i32,
    code: i32,
}

const NO_DATA: Failure = Failure { host: host::NO_DATA, code: 0 };

/// The lookups besides getaddrinfo: they fail as it does, in their own words. A name that has no address of the family they
/// ask for has no data.
fn older(job: &mut Job, c: &Chosen, mode: DnsMode) -> Option<i64> {
    let failure = match mode {
        DnsMode::Again => Failure { host: host::TRY_AGAIN, code: libc::EAI_AGAIN },
        DnsMode::NoName => Failure { host: host::NOT_FOUND, code: libc::EAI_NONAME },
        DnsMode::Fail => Failure { host: host::NO_RECOVERY, code: libc::EAI_FAIL },
        DnsMode::Empty => NO_DATA,
        DnsMode::Only4 | DnsMode::Only6 | DnsMode::To => return older_family(job, c, mode),
        DnsMode::Delay => return None,
    };
    fails(job, c, failure)
}

fn fails(job: &mut Job, c: &Chosen, Failure { host, code }: Failure) -> Option<i64> {
    let (value, ret) = match job.cx.call {
        Call::gethostbyname | Call::gethostbyname2 | Call::gethostbyaddr => {
            // SAFETY: libc's own place, this thread's.
            unsafe { *__h_errno_location() = host };
            (host, 0)
        }
        Call::gethostbyname_r | Call::gethostbyname2_r | Call::gethostbyaddr_r => {
            let last = job.cx.args.len().checked_sub(1)?;
            let (result, h_errno) = (job.cx.arg(last.checked_sub(1)?), job.cx.arg(last));
            // SAFETY: the caller's own places, to which libc writes in any case.
            unsafe {
                (result as *mut usize).write(0);
                (h_errno as *mut c_int).write(host);
            }
            (host, if host == host::TRY_AGAIN { libc::EAGAIN } else { 0 })
        }
        Call::getnameinfo if code != 0 => {
            if job.cx.arg(6) as c_int & libc::NI_NUMERICHOST != 0 {
                job.skip(c, Skip::Precondition);
                return None;
            }
            (code, code)
        }
        _ => {
            job.skip(c, Skip::Unsupported);
            return None;
        }
    };
    if ret == libc::EAGAIN {
        set_errno(ret);
    }
    job.fire(c, Recipe::Fake, 0, i64::from(value) as u64);
    Some(i64::from(ret))
}

/// `only4`, `only6` and `to` of an older lookup: it asks for one family, and finds the addresses that there are of it.
fn older_family(job: &mut Job, c: &Chosen, mode: DnsMode) -> Option<i64> {
    let asked = match job.cx.call {
        Call::gethostbyname | Call::gethostbyname_r => libc::AF_INET,
        Call::gethostbyname2 | Call::gethostbyname2_r => job.cx.arg(1) as c_int,
        // An address has no other addresses.
        _ => {
            job.skip(c, Skip::Unsupported);
            return None;
        }
    };
    let other = |family: c_int| asked != family;
    match mode {
        DnsMode::Only4 if other(libc::AF_INET) => fails(job, c, NO_DATA),
        DnsMode::Only6 if other(libc::AF_INET6) => fails(job, c, NO_DATA),
        DnsMode::To => {
            let (family, text) = numeric(job, c)?;
            if other(family) {
                return fails(job, c, NO_DATA);
            }
            job.fire(c, Recipe::AddrList, 0, if family == libc::AF_INET { 4 } else { 6 });
            let mut args = data::Changed::of(job.cx);
            args.set(0, text.bytes.as_ptr() as u64);
            Some(data::call_real(job.cx.call, &args.args))
        }
        // It asks for that family anyway.
        _ => None,
    }
}

/// The program's hints, or those that a lookup without any has.
fn hints(job: &Job) -> Option<addrinfo> {
    let at = job.cx.arg(2);
    if at != 0 {
        return fetch::<addrinfo>(at, false);
    }
    Some(addrinfo {
        ai_flags: libc::AI_ADDRCONFIG,
        ai_family: libc::AF_UNSPEC,
        ai_socktype: 0,
        ai_protocol: 0,
        ai_addrlen: 0,
        ai_addr: core::ptr::null_mut(),
        ai_canonname: core::ptr::null_mut(),
        ai_next: core::ptr::null_mut(),
    })
}

/// Makes the lookup with other hints and perhaps another name.
fn lookup(job: &Job, h: &addrinfo, name: Option<&[u8; 48]>) -> i64 {
    let mut to = data::Changed::of(job.cx);
    to.set(2, core::ptr::from_ref(h) as u64);
    if let Some(n) = name {
        to.set(0, n.as_ptr() as u64);
    }
    data::call_real(Call::getaddrinfo, &to.args)
}

/// Only the addresses of one family.
fn only(job: &mut Job, c: &Chosen, family: c_int) -> Option<i64> {
    let Some(mut h) = hints(job) else {
        job.skip(c, Skip::Precondition);
        return None;
    };
    if h.ai_family != libc::AF_UNSPEC && h.ai_family != family {
        job.fire(c, Recipe::Fake, 0, libc::EAI_NODATA as u64);
        return Some(i64::from(libc::EAI_NODATA));
    }
    h.ai_family = family;
    h.ai_flags &= !libc::AI_V4MAPPED;
    job.fire(c, Recipe::AddrList, 0, family as u64);
    Some(lookup(job, &h, None))
}

/// Another address for the same name.
fn to(job: &mut Job, c: &Chosen) -> Option<i64> {
    let Some(mut h) = hints(job) else {
        job.skip(c, Skip::Precondition);
        return None;
    };
    let (family, text) = numeric(job, c)?;
    h.ai_flags |= libc::AI_NUMERICHOST;
    job.fire(c, Recipe::AddrList, 0, if family == libc::AF_INET { 4 } else { 6 });
    Some(lookup(job, &h, Some(&text.bytes)))
}

/// The address of `dns to`, as text.
fn numeric(job: &Job, c: &Chosen) -> Option<(c_int, Text)> {
    let (family, ip) = job.block.bytes(c.action.list).split_first()?;
    let mut text = Text { bytes: [0; 48], len: 0 };
    if *family == 4 {
        for (i, &b) in ip.iter().take(4).enumerate() {
            if i > 0 {
                text.put(b'.');
            }
            text.decimal(b);
        }
        return Some((libc::AF_INET, text));
    }
    for (i, &b) in ip.iter().take(16).enumerate() {
        if i > 0 && i % 2 == 0 {
            text.put(b':');
        }
        text.put(hex(b >> 4));
        text.put(hex(b & 15));
    }
    Some((libc::AF_INET6, text))
}

fn hex(n: u8) -> u8 {
    if n < 10 { b'0' + n } else { b'a' + n - 10 }
}

/// A numeric address as text.
struct Text {
    bytes: [u8; 48],
    len: usize,
}

impl Text {
    fn put(&mut self, b: u8) {
        if let Some(to) = self.bytes.get_mut(self.len) {
            *to = b;
            self.len += 1;
        }
    }

    fn decimal(&mut self, b: u8) {
        if b >= 100 {
            self.put(b'0' + b / 100);
        }
        if b >= 10 {
            self.put(b'0' + b / 10 % 10);
        }
        self.put(b'0' + b % 10);
    }
}
