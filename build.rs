//! Link arguments of the library: its soname, binding at load time (no lazy resolver inside a hook), and staying
//! loaded for good (a hook may be running when somebody calls dlclose). Our own functions are called by our own names.
//!
//! And as few segments as can be (adr/0010): the loader maps each in every process that begins.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// For lld alone: constants and code in one segment (GNU ld does so with `-z noseparate-code`), and functions that are the
/// same once.
const FOR_LLD: [&str; 2] = ["-Wl,--no-rosegment", "-Wl,--icf=all"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let args = [
        "-Wl,-soname,libsocklens.so.0",
        "-Wl,-z,now",
        "-Wl,-z,nodelete",
        "-Wl,-z,norelro",
        "-Wl,-Bsymbolic-functions",
        "-Wl,-z,noseparate-code",
        "-nostartfiles",
    ];
    for arg in args.into_iter().chain(FOR_LLD.into_iter().filter(|arg| is_known(arg))) {
        println!("cargo::rustc-cdylib-link-arg={arg}");
    }
}

/// Whether the linker that rustc uses here knows an argument: it is asked to link an empty library.
fn is_known(arg: &str) -> bool {
    let (Some(dir), Some(rustc), Some(target)) = (env::var_os("OUT_DIR"), env::var_os("RUSTC"), env::var_os("TARGET"))
    else {
        return false;
    };
    let dir = PathBuf::from(dir);
    let source = dir.join("empty.rs");
    let text = "#![no_std] #[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }";
    if std::fs::write(&source, text).is_err() {
        return false;
    }
    let mut c = Command::new(rustc);
    c.args(["--crate-type=cdylib", "-Cpanic=abort", "-Clink-arg=-nostartfiles"]).arg("--target").arg(target);
    c.arg(format!("-Clink-arg={arg}")).arg("-o").arg(dir.join("empty.so")).arg(source);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        c.arg("-C").arg(format!("linker={}", linker.to_string_lossy()));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    c.args(flags.split('\x1f').filter(|f| !f.is_empty()));
    c.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
