//! Starting the program exactly as it would start without us, waiting for it, and passing signals on.

use crate::preload::Changes;
use crate::startup;
use socklens_rules::fault::{Region, SWITCHES};
use socklens_trace::{ExitStatus, Map, Wake};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

static CHILD: AtomicI32 = AtomicI32::new(0);
/// The pid that installed the handlers: a forked child that has not executed yet shares them.
static OWNER: AtomicI32 = AtomicI32::new(0);
/// A signal that came before there was a child to pass it on to.
static EARLY: AtomicI32 = AtomicI32::new(0);
static ASKED: AtomicU32 = AtomicU32::new(0);
static WAKE: OnceLock<Arc<Wake>> = OnceLock::new();

/// A terminal sends these to the program itself, since it is in our process group.
const TERMINAL: [i32; 2] = [libc::SIGINT, libc::SIGQUIT];
/// These are sent to us alone.
const FORWARDED: [i32; 2] = [libc::SIGTERM, libc::SIGHUP];

extern "C" fn on_signal(signal: i32) {
    // SAFETY: getpid has no preconditions.
    if unsafe { libc::getpid() } != OWNER.load(Ordering::Relaxed) {
        return;
    }
    let ended = WAKE.get().is_some_and(|w| w.has_ended());
    if FORWARDED.contains(&signal) {
        if !ended {
            match CHILD.load(Ordering::Relaxed) {
                0 => EARLY.store(signal, Ordering::Relaxed),
                // SAFETY: the child was not waited for yet when it has not ended, so the pid is its own.
                pid => unsafe {
                    libc::kill(pid, signal);
                },
            }
        }
        // The second one is meant for us.
        if ASKED.fetch_add(1, Ordering::Relaxed) == 0 && !ended {
            return;
        }
    }
    if (ended || FORWARDED.contains(&signal))
        && let Some(w) = WAKE.get()
    {
        w.stop();
    }
}

static SHOW: AtomicU32 = AtomicU32::new(0);

extern "C" fn on_show(_: i32) {
    SHOW.store(1, Ordering::Relaxed);
    if let Some(w) = WAKE.get() {
        w.look();
    }
}

/// From here on SIGUSR1 asks for the statistics: [`shown`] tells. Before [`start`].
pub fn show_on_usr1() {
    // SAFETY: the handler only uses atomics and a futex.
    unsafe { on(libc::SIGUSR1, on_show) };
}

/// Sets what is done on a signal; what was ignored stays ignored, as it will be in the program.
///
/// # Safety
/// The handler is async-signal-safe.
unsafe fn on(signal: i32, handler: extern "C" fn(i32)) {
    // SAFETY: the structures are our own, and the caller vouches for the handler.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(signal, std::ptr::null(), &raw mut old) != 0 || old.sa_sigaction == libc::SIG_IGN {
            return;
        }
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = handler as *const () as usize;
        new.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &raw const new, std::ptr::null_mut());
    }
}

/// The session whose rules are switched; it stays mapped.
static SWITCHED: OnceLock<Arc<Map>> = OnceLock::new();

extern "C" fn on_switch(signal: i32) {
    if let Some(map) = SWITCHED.get() {
        Region::of(&map.segment()).switches.fetch_xor(1 << signal, Ordering::Relaxed);
    }
}

/// From here on some signals switch the rules that name them.
pub fn switch_rules(map: Arc<Map>) {
    // The first and only run of this process.
    let _ = SWITCHED.set(map);
    for signal in SWITCHES {
        // SAFETY: the handler only uses an atomic.
        unsafe { on(signal, on_switch) };
    }
}

/// Whether SIGUSR1 came since the last time.
pub fn shown() -> bool {
    SHOW.swap(0, Ordering::Relaxed) != 0
}

/// Catches signals from here on. What was ignored stays ignored, as it will be in the program.
fn catch(wake: &Arc<Wake>) {
    // The first and only run of this process.
    let _ = WAKE.set(wake.clone());
    // SAFETY: getpid has no preconditions.
    OWNER.store(unsafe { libc::getpid() }, Ordering::Relaxed);
    for signal in TERMINAL.into_iter().chain(FORWARDED) {
        // SAFETY: the handler only uses atomics, kill and a futex.
        unsafe { on(signal, on_signal) };
    }
}

/// Starts the program. Its end is told to `wake`.
pub fn start(command: &[OsString], changes: &Changes, wake: &Arc<Wake>) -> io::Result<u32> {
    let Some((program, args)) = command.split_first() else {
        return Err(io::Error::from(io::ErrorKind::NotFound));
    };
    let mut cmd = Command::new(program);
    cmd.args(args);
    for (name, value) in changes {
        match value {
            Some(v) => cmd.env(name, v),
            None => cmd.env_remove(name),
        };
    }
    if let Some(given) = startup::given() {
        // SAFETY: restore() makes async-signal-safe calls only.
        unsafe {
            cmd.pre_exec(move || {
                given.restore();
                Ok(())
            })
        };
    }
    catch(wake);
    let child = cmd.spawn()?;
    let pid = child.id();
    CHILD.store(pid as i32, Ordering::Relaxed);
    let early = EARLY.swap(0, Ordering::Relaxed);
    if early != 0 {
        // SAFETY: the child exists and was not waited for.
        unsafe { libc::kill(pid as i32, early) };
    }
    let wake = wake.clone();
    std::thread::Builder::new().name("socklens-wait".to_owned()).spawn(move || wait(pid, &wake))?;
    Ok(pid)
}

fn wait(pid: u32, wake: &Wake) {
    let mut status = 0;
    loop {
        // SAFETY: waits for our own child; the status is ours.
        let r = unsafe { libc::waitpid(pid as i32, &raw mut status, 0) };
        if r == pid as i32 {
            break;
        }
        if io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            // Somebody made SIGCHLD ignored before us: the kernel has thrown the status away.
            status = 0;
            break;
        }
    }
    let status = if libc::WIFSIGNALED(status) {
        ExitStatus::Killed { signal: libc::WTERMSIG(status), core: libc::WCOREDUMP(status) }
    } else {
        ExitStatus::Exited(libc::WEXITSTATUS(status))
    };
    wake.child_ended(pid, status);
}

/// Ends this process as the program ended: by the same signal, without a core of our own.
pub fn die_of(signal: i32) {
    // SAFETY: changes only this process, which ends here.
    unsafe {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
        libc::signal(signal, libc::SIG_DFL);
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
        libc::raise(signal);
    }
}
