//! Names of signals.

/// `SIGSEGV`, and for real-time signals strace's `SIGRT_2`.
pub fn name(signal: i32) -> String {
    const NAMES: [&str; 32] = [
        "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];
    match usize::try_from(signal).ok().and_then(|n| NAMES.get(n)) {
        Some(name) if signal > 0 => format!("SIG{name}"),
        _ if signal >= 32 => format!("SIGRT_{}", signal - 32),
        _ => format!("signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_strace_names_them() {
        assert_eq!(super::name(11), "SIGSEGV");
        assert_eq!(super::name(34), "SIGRT_2");
        assert_eq!(super::name(0), "signal 0");
    }
}
