//! Bytes as a DNS message, sent and received.
//!
//! The first [`FRONT`] bytes choose how it is printed.

use crate::event;
use crate::make::Make;
use socklens_calls::Call;

/// Bytes before the message.
pub const FRONT: usize = 3;
/// Longest message looked at.
const MOST: usize = 4096;

/// Prints the message as the query and as the answer of a `res_send`.
pub fn run(data: &[u8]) {
    let Some((how, msg)) = data.split_first_chunk::<FRONT>() else { return };
    let msg = &msg[..msg.len().min(MOST)];
    let mut front = [0; event::FRONT];
    front[..FRONT].copy_from_slice(how);
    let len = msg.len() as u64;
    let call = Make::new(Call::res_send, &[0x1000, len, 0x2000, len], len as i64);
    event::run(&[&front[..], &call.data(0, msg).data(2, msg).bytes()].concat());
}
