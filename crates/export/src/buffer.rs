//! One buffer for all lines.

use socklens_decode::Out;
use std::io::{self, Write};

/// Usual size: a write of this much is cheap per byte, and it stays in the cache.
const SIZE: usize = 256 * 1024;
/// Room for a line besides what its event's bytes take.
const ROOM: usize = 16 * 1024;
/// Most characters that one byte of an event becomes: `\u00ff`, shown among the arguments and as payload, and base64; and of a netlink
/// message's attributes the names.
const PER_BYTE: usize = 28;

pub struct Buffer {
    bytes: Vec<u8>,
    len: usize,
    writer: Box<dyn Write>,
}

impl Buffer {
    pub fn new(writer: Box<dyn Write>) -> Buffer {
        Buffer { bytes: vec![0; SIZE], len: 0, writer }
    }

    /// Appends what `write` writes of `size` bytes of an event, in room enough for all of it.
    pub fn put(&mut self, size: usize, write: impl FnOnce(&mut Out)) -> io::Result<()> {
        let room = ROOM + size * PER_BYTE;
        if self.bytes.len() - self.len < room {
            self.flush()?;
            if self.bytes.len() < room {
                self.bytes.resize(room, 0);
            }
        }
        let mut out = Out::new(&mut self.bytes[self.len..]);
        write(&mut out);
        self.len += out.len();
        Ok(())
    }

    /// Hands everything to the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.len == 0 {
            return Ok(());
        }
        let done = self.writer.write_all(&self.bytes[..self.len]);
        self.len = 0;
        done?;
        self.writer.flush()
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A writer whose bytes can be looked at.
    #[derive(Clone, Default)]
    pub struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, b: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(b);
            Ok(b.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_of_all_lengths_stay_whole() {
        let to = Shared::default();
        let mut b = Buffer::new(Box::new(to.clone()));
        let mut want = Vec::new();
        for i in 0..200usize {
            let n = i * i * 40 % 48_000;
            let line = vec![b'a' + (i % 26) as u8; n * PER_BYTE];
            b.put(n, |out| out.raw(&line)).unwrap();
            want.extend_from_slice(&line);
        }
        b.flush().unwrap();
        assert!(*to.0.lock().unwrap() == want);
    }
}
