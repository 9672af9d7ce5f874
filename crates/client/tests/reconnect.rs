//! A client that reconnects, tested with faults. The tests whose names begin with `faulty` need the library in the process:
//! the first two run them, in a process that has it.

use socklens_client::{Error, Faults, available, mark, seed};
use socklens_testkit::{Form, How, Run};
use std::io::{ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

#[test]
fn with_the_library_calls_fail_as_rules_say() {
    for how in [How::Silent, How::Command(Form::Json)] {
        let run = Run::new(std::env::current_exe().unwrap()).args(["--ignored", "faulty", "--test-threads", "4"]);
        let outcome = run.run(how);
        assert!(outcome.out().contains("test result: ok. 6 passed"), "{}\n{}", outcome.out(), outcome.err());
    }
}

#[test]
fn without_the_library_that_is_told() {
    assert!(!available() && !mark("nobody hears it"));
    assert_eq!(Faults::here("connect : refuse").unwrap_err(), Error::NotHere);
    assert_eq!(seed(1), Err(Error::NotHere));
}

const SIZE: usize = 200 << 10;

/// Fetches a file; goes on where it was when the connection is lost.
struct Client {
    server: SocketAddr,
    connects: usize,
    resets: usize,
}

impl Client {
    fn new(server: SocketAddr) -> Client {
        Client { server, connects: 0, resets: 0 }
    }

    fn dial(&mut self) -> Result<TcpStream> {
        for _ in 0..4 {
            self.connects += 1;
            match TcpStream::connect(self.server) {
                Err(e) if e.kind() == ErrorKind::ConnectionRefused => {}
                other => return other,
            }
        }
        self.connects += 1;
        TcpStream::connect(self.server)
    }

    fn fetch(&mut self) -> Result<Vec<u8>> {
        let mut have = Vec::new();
        while have.len() < SIZE {
            let mut stream = self.dial()?;
            stream.write_all(&(have.len() as u64).to_be_bytes())?;
            let mut part = [0; 16384];
            while have.len() < SIZE {
                match stream.read(&mut part) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(n) => have.extend_from_slice(&part[..n]),
                    Err(e) if e.kind() == ErrorKind::ConnectionReset => {
                        self.resets += 1;
                        break;
                    }
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(have)
    }
}

fn file() -> Vec<u8> {
    (0..SIZE).map(|i| (i * 7 + i / 251) as u8).collect()
}

/// A server of the file, one client after the other.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut from = [0; 8];
            if client.read_exact(&mut from).is_ok() {
                let from = usize::try_from(u64::from_be_bytes(from)).unwrap();
                // Who was reset has not taken everything.
                let _ = client.write_all(&file()[from..]).and_then(|()| client.read(&mut [0]));
            }
        }
    });
    address
}

#[test]
#[ignore = "needs the library in the process"]
fn faulty_refused_twice() {
    let mut client = Client::new(server());
    let faults = Faults::here("connect @n=1..2 : refuse").unwrap();
    assert_eq!(client.fetch().unwrap(), file());
    assert_eq!((client.connects, client.resets, faults.fired()), (3, 0, Ok(2)));
}

#[test]
#[ignore = "needs the library in the process"]
fn faulty_always_refused() {
    let mut client = Client::new(server());
    let faults = Faults::here("connect : refuse").unwrap();
    assert_eq!(client.fetch().unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!((client.connects, faults.fired()), (5, Ok(5)));
    // Paused and gone they do nothing.
    faults.pause().unwrap();
    assert!(client.dial().is_ok());
    faults.resume().unwrap();
    assert!(client.dial().is_err());
    drop(faults);
    assert_eq!(client.fetch().unwrap(), file());
}

#[test]
#[ignore = "needs the library in the process"]
fn faulty_short_writes() {
    let mut client = Client::new(server());
    let faults = Faults::here("out : short 1!").unwrap();
    assert_eq!(client.fetch().unwrap(), file());
    assert!(client.connects == 1 && faults.fired().unwrap() >= 7);
}

#[test]
#[ignore = "needs the library in the process"]
fn faulty_reset_after_64_kb() {
    let mut client = Client::new(server());
    let faults = Faults::here("in @bytes=64K : reset").unwrap();
    assert_eq!(client.fetch().unwrap(), file());
    assert_eq!((client.connects, client.resets, faults.fired()), (4, 3, Ok(3)));
}

#[test]
#[ignore = "needs the library in the process"]
fn faulty_everywhere_reaches_other_threads() {
    let address = server();
    let faults = Faults::everywhere(&format!("connect peer=:{} : refuse", address.port())).unwrap();
    let e = thread::spawn(move || TcpStream::connect(address).unwrap_err().kind()).join().unwrap();
    assert_eq!((e, faults.fired()), (ErrorKind::ConnectionRefused, Ok(1)));
}

#[test]
#[ignore = "needs the library in the process"]
fn faulty_wrong_rules_are_explained() {
    assert!(available() && seed(7).is_ok());
    let Err(Error::Syntax(text)) = Faults::here("connect : refuze") else { panic!("it was taken") };
    assert!(text.contains("did you mean `refuse`") && text.contains("^^^^^^"), "{text}");
    assert!(matches!(Faults::here("connect : refuse\0"), Err(Error::Syntax(_))));
}
