//! Link arguments: binding at load time, and staying loaded for good (a thread may be in a call that a rule is about).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for arg in ["-Wl,-soname,libsocklens-faults.so", "-Wl,-z,now", "-Wl,-z,nodelete", "-Wl,-z,relro", "-nostartfiles"] {
        println!("cargo::rustc-cdylib-link-arg={arg}");
    }
}
