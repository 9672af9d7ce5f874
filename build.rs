//! Link arguments of the library: its soname, binding at load time (no lazy resolver inside a hook), and staying
//! loaded for good (a hook may be running when somebody calls dlclose).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for arg in ["-Wl,-soname,libsocklens.so.0", "-Wl,-z,now", "-Wl,-z,nodelete", "-Wl,-z,relro", "-nostartfiles"] {
        println!("cargo::rustc-cdylib-link-arg={arg}");
    }
}
