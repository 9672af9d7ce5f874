//! syslog: its arguments become a va_list for vsyslog.

use crate::hot::fds::Entry;
use crate::hot::order::on;
use crate::hot::real;
use core::arch::naked_asm;
use libc::{c_char, c_int, c_void};
use socklens_calls::Call;

macro_rules! syslog_entry {
    ($name:ident, $target:ident, $gp:literal) => {
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name() {
            naked_asm!(
                ".cfi_startproc",
                "sub rsp, 216",
                ".cfi_adjust_cfa_offset 216",
                "mov [rsp + 32], rdi",
                "mov [rsp + 40], rsi",
                "mov [rsp + 48], rdx",
                "mov [rsp + 56], rcx",
                "mov [rsp + 64], r8",
                "mov [rsp + 72], r9",
                "movaps [rsp + 80], xmm0",
                "movaps [rsp + 96], xmm1",
                "movaps [rsp + 112], xmm2",
                "movaps [rsp + 128], xmm3",
                "movaps [rsp + 144], xmm4",
                "movaps [rsp + 160], xmm5",
                "movaps [rsp + 176], xmm6",
                "movaps [rsp + 192], xmm7",
                concat!("mov dword ptr [rsp], ", $gp),
                "mov dword ptr [rsp + 4], 48",
                "lea rax, [rsp + 224]",
                "mov [rsp + 8], rax",
                "lea rax, [rsp + 32]",
                "mov [rsp + 16], rax",
                "mov rcx, rsp",
                "call {target}",
                "add rsp, 216",
                ".cfi_adjust_cfa_offset -216",
                "ret",
                ".cfi_endproc",
                target = sym $target,
            )
        }
    };
}
syslog_entry!(syslog, socklens_syslog, "16");
syslog_entry!(__syslog_chk, socklens_syslog_chk, "24");

#[unsafe(no_mangle)]
unsafe extern "C" fn socklens_syslog(priority: c_int, format: *const c_char, _: usize, args: *mut c_void) {
    let p = real::address(Call::vsyslog);
    let call = || {
        if p != 0 {
            // SAFETY: vsyslog with the caller's format and a va_list of its arguments.
            unsafe {
                core::mem::transmute::<usize, unsafe extern "C" fn(c_int, *const c_char, *mut c_void)>(p)(
                    priority, format, args,
                )
            }
        }
    };
    if !on() {
        return call();
    }
    observe!(syslog(priority, format), Entry::NONE, call, |()| Entry::NONE)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn socklens_syslog_chk(priority: c_int, flag: c_int, format: *const c_char, args: *mut c_void) {
    let p = real::address(Call::__vsyslog_chk);
    let call = || {
        if p != 0 {
            // SAFETY: as above.
            unsafe {
                core::mem::transmute::<usize, unsafe extern "C" fn(c_int, c_int, *const c_char, *mut c_void)>(p)(
                    priority, flag, format, args,
                )
            }
        }
    };
    if !on() {
        return call();
    }
    observe!(__syslog_chk(priority, flag, format), Entry::NONE, call, |()| Entry::NONE)
}
