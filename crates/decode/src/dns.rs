//! A short look into a DNS message (RFC 1035): the question, how it ended, and the first answers.
//!
//! Names may point back into the message: the number of jumps is bounded, so that no message can make this loop.

use crate::printer::{Format, Printer};
use crate::sockaddr::{be16, quad, sixteen};
use crate::{Out, quote, xlat};

/// Bytes before the question.
const HEADER: usize = 12;
/// A name is at most 255 bytes; its text may be four times as long when escaped.
const NAME_TEXT: usize = 1024;
/// Jumps and labels followed in one name.
const STEPS: usize = 128;
/// Answers shown without `-v`.
const ANSWERS: usize = 8;
/// Answers looked at in any case.
const ANSWERS_MOST: usize = 64;

/// Writes the name at `at`, dotted, and returns where the message goes on behind it.
fn name(msg: &[u8], at: usize, out: &mut Out) -> Option<usize> {
    let mut pos = at;
    let mut after = None;
    let mut any = false;
    for _ in 0..STEPS {
        let len = *msg.get(pos)?;
        match len {
            0 => {
                if !any {
                    out.byte(b'.');
                }
                return Some(after.unwrap_or(pos.checked_add(1)?));
            }
            1..=63 => {
                if any {
                    out.byte(b'.');
                }
                any = true;
                let start = pos.checked_add(1)?;
                pos = start.checked_add(usize::from(len))?;
                quote::safe(out, msg.get(start..pos)?);
            }
            0xc0.. => {
                let low = *msg.get(pos.checked_add(1)?)?;
                if after.is_none() {
                    after = Some(pos.checked_add(2)?);
                }
                pos = usize::from(u16::from_be_bytes([len & 0x3f, low]));
            }
            _ => return None,
        }
    }
    None
}

/// Prints the name at `at` as a value and returns where the message goes on.
fn name_value(p: &mut Printer, msg: &[u8], at: usize) -> Option<usize> {
    let mut tmp = [0u8; NAME_TEXT];
    let mut t = Out::new(&mut tmp);
    let next = name(msg, at, &mut t);
    p.text(t.bytes());
    next
}

/// The message's question and answers: `{id=0x1a2b, NOERROR, A "example.com", answers=[93.184.216.34]}`.
pub fn message(p: &mut Printer, msg: &[u8]) {
    if msg.len() < HEADER {
        p.payload(msg, msg.len() as u64);
        return;
    }
    let bits = be16(msg, 2);
    let response = bits & 0x8000 != 0;
    p.begin_struct();
    p.field("id");
    p.hex(u64::from(be16(msg, 0)));
    p.field("qr");
    p.word(if response { "response" } else { "query" });
    if response {
        let code = u64::from(bits & 15);
        p.field("rcode");
        p.sym(code as i64, xlat::name(xlat::DNS_RCODE, code), "RCODE_???");
        if bits & 0x200 != 0 {
            p.field("tc");
            p.num(1);
        }
    }
    let (questions, answers) = (be16(msg, 4), be16(msg, 6));
    let mut pos = Some(HEADER);
    if questions > 0 {
        p.field("name");
        pos = name_value(p, msg, HEADER);
        if let Some(at) = pos {
            p.field("type");
            rr_type(p, be16(msg, at));
            pos = at.checked_add(4);
        }
        for _ in 1..questions.min(4) {
            let mut none: [u8; 0] = [];
            pos = pos.and_then(|at| name(msg, at, &mut Out::new(&mut none))).and_then(|at| at.checked_add(4));
        }
        if questions > 4 {
            pos = None;
        }
    }
    if response {
        p.field("answers");
        p.begin_array();
        let most = if p.opts().verbose || p.json() { ANSWERS_MOST } else { ANSWERS };
        for i in 0..usize::from(answers) {
            let at = pos.filter(|_| i < most);
            let Some(next) = at.and_then(|at| answer(p, msg, at)) else {
                p.more();
                break;
            };
            pos = Some(next);
        }
        p.end_array();
    }
    p.end_struct();
}

fn rr_type(p: &mut Printer, t: u16) {
    p.sym(i64::from(t), xlat::name(xlat::DNS_TYPE, u64::from(t)), "TYPE_???");
}

/// One answer record; None, and nothing printed, when the message ends inside it.
fn answer(p: &mut Printer, msg: &[u8], at: usize) -> Option<usize> {
    let mut none: [u8; 0] = [];
    let fixed = name(msg, at, &mut Out::new(&mut none))?;
    let data = fixed.checked_add(10)?;
    let end = data.checked_add(usize::from(be16(msg, fixed.checked_add(8)?)))?;
    let rdata = msg.get(data..end)?;
    let kind = be16(msg, fixed);
    let ttl = u32::from_be_bytes(quad(msg, fixed.checked_add(4)?));
    p.elem();
    if p.format() == Format::Text {
        record_data(p, msg, kind, data, rdata);
        return Some(end);
    }
    p.begin_struct();
    p.field("type");
    rr_type(p, kind);
    p.field("ttl");
    p.unum(u64::from(ttl));
    p.field("data");
    record_data(p, msg, kind, data, rdata);
    p.end_struct();
    Some(end)
}

fn record_data(p: &mut Printer, msg: &[u8], kind: u16, at: usize, rdata: &[u8]) {
    match (kind, rdata) {
        (1, &[a, b, c, d]) => p.ip4([a, b, c, d]),
        (28, r) if r.len() == 16 => p.ip6(&sixteen(r, 0)),
        // NS, CNAME, PTR: a name; MX: a name after its preference.
        (2 | 5 | 12, _) => {
            name_value(p, msg, at);
        }
        (15, r) if r.len() > 2 => {
            name_value(p, msg, at.saturating_add(2));
        }
        // TXT: the first string.
        (16, r) => {
            let n = usize::from(r.first().copied().unwrap_or(0));
            let s = r.get(1..).unwrap_or(&[]);
            p.text(s.get(..n).unwrap_or(s));
        }
        (_, r) => p.payload(r, r.len() as u64),
    }
}
