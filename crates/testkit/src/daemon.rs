//! A server that a test starts, waits for, and ends.

use crate::run::wait_for;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// A port of the loopback interface that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// A child process that is ended when it goes out of scope.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    what: String,
}

impl Daemon {
    pub fn new(child: Child, what: &str) -> Daemon {
        Daemon { child, what: what.to_owned() }
    }

    /// Waits until something listens on the port.
    #[track_caller]
    pub fn wait_for_port(&mut self, port: u16) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} has ended before it listened: {status}", self.what);
            }
            assert!(Instant::now() < deadline, "{} does not listen on port {port}", self.what);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Sends the signal and returns how the process ended.
    #[track_caller]
    pub fn stop(mut self, signal: i32) -> ExitStatus {
        // SAFETY: our own child, not waited for yet.
        unsafe { libc::kill(self.pid(), signal) };
        wait_for(&mut self.child, Duration::from_secs(20))
            .unwrap_or_else(|| panic!("{} does not end on signal {signal}", self.what))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
