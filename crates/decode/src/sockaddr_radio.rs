//! Socket addresses of what goes over the air: Bluetooth, NFC, IEEE 802.15.4, amateur radio.

use crate::fields::{Fields, number};
use crate::printer::{Format, Printer};
use crate::sockaddr::{le16, le32};
use crate::sockaddr_rare::{mac, with_comment, wrap_num, wrapped};
use crate::xlat::{self, Xlat};

pub(crate) fn bluetooth(p: &mut Printer, b: &[u8]) -> bool {
    // The kernel tells these apart by the protocol of the socket; an address alone has only its length.
    match b.len() {
        4 | 6 => {
            p.field("hci_dev");
            wrap_num(p, "htobs", le16(b, 2));
            if b.len() == 6 {
                let mut f = Fields::new(b.get(4..).unwrap_or(&[]));
                f.sym(p, "hci_channel", 2, xlat::HCI_CHANNEL, "HCI_CHANNEL_???");
            }
            true
        }
        8 => {
            p.field("sco_bdaddr");
            mac(p, b.get(2..8));
            true
        }
        10 => {
            p.field("rc_bdaddr");
            mac(p, b.get(2..8));
            p.field("rc_channel");
            p.unum(u64::from(b.get(8).copied().unwrap_or(0)));
            true
        }
        12 | 14 => {
            l2cap(p, b);
            true
        }
        _ => false,
    }
}

fn l2cap(p: &mut Printer, b: &[u8]) {
    let (psm, cid) = (le16(b, 2), le16(b, 10));
    p.field("l2_psm");
    dynamic(p, psm, xlat::L2CAP_PSM, (0x1001, "L2CAP_PSM_DYN_START"), (0x1001, 0xffff), "L2CAP_PSM_???");
    p.field("l2_bdaddr");
    mac(p, b.get(4..10));
    p.field("l2_cid");
    dynamic(p, cid, xlat::L2CAP_CID, (0x40, "L2CAP_CID_DYN_START"), (0x40, 0xffff), "L2CAP_CID_???");
    if b.len() >= 14 {
        let mut f = Fields::new(b.get(12..).unwrap_or(&[]));
        f.sym(p, "l2_bdaddr_type", 1, xlat::BDADDR, "BDADDR_???");
    }
}

/// A number whose upper range is named by its distance from the range's beginning.
fn dynamic(p: &mut Printer, v: u16, table: Xlat, start: (u16, &str), range: (u16, u16), unknown: &str) {
    if xlat::name(table, u64::from(v)).is_some() || !(range.0..=range.1).contains(&v) || p.json() {
        wrapped(p, "htobs", u64::from(v), table, unknown);
        return;
    }
    let strace = p.format() == Format::Strace;
    let out = p.out();
    out.str(if strace { "htobs(" } else { "" });
    out.str(start.1);
    if v > start.0 {
        out.byte(b'+');
        out.udec(u64::from(v.wrapping_sub(start.0)));
    }
    out.str(if strace { ")" } else { "" });
}

pub(crate) fn nfc(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b.get(4..).unwrap_or(&[]));
    // strace takes the device for an interface, and leaves the service points' names away.
    let strace = p.format() == Format::Strace;
    if strace {
        f.interface(p, "dev_idx")
    } else {
        f.unum(p, "dev_idx", 4)
    }
    f.hex(p, "target_idx", 4);
    f.sym(p, "nfc_protocol", 4, xlat::NFC_PROTO, "NFC_PROTO_???");
    if b.len() > 16 && b.len() < 96 {
        p.more();
    } else if b.len() >= 96 {
        for (name, at) in [("dsap", 16), ("ssap", 17)] {
            let v = u64::from(b.get(at).copied().unwrap_or(0));
            p.field(name);
            with_comment(p, v, xlat::name(xlat::LLCP_SAP, v).filter(|_| !strace || v != 0));
        }
        p.field("service_name");
        let len = number(b.get(88..96).unwrap_or(&[]));
        let s = b.get(18..81).unwrap_or(&[]);
        p.text(s.get(..usize::try_from(len).unwrap_or(usize::MAX)).unwrap_or(s));
        p.field("service_name_len");
        p.unum(len);
    }
}

pub(crate) fn ieee802154(p: &mut Printer, b: &[u8]) {
    let kind = le32(b, 4);
    p.field("addr");
    p.begin_struct();
    p.field("addr_type");
    with_comment(
        p,
        u64::from(kind),
        Some(xlat::name(xlat::IEEE802154, u64::from(kind)).unwrap_or("IEEE802154_ADDR_???")),
    );
    let pan = le16(b, 8);
    p.field("pan_id");
    with_comment(p, u64::from(pan), (pan == 0xffff).then_some("IEEE802154_PANID_BROADCAST"));
    match kind {
        0 => {}
        2 => {
            let short = le16(b, 10);
            p.field("short_addr");
            let name = match short {
                0xffff => Some("IEEE802154_ADDR_BROADCAST"),
                0xfffe => Some("IEEE802154_ADDR_UNDEF"),
                _ => None,
            };
            with_comment(p, u64::from(short), name);
        }
        _ => {
            p.field("hwaddr");
            mac(p, b.get(10..18));
        }
    }
    p.end_struct();
}

/// Six characters, shifted by one bit and padded by spaces, then the station number.
fn ax25_call(p: &mut Printer, b: &[u8]) {
    let mut call = [b' '; 6];
    call.iter_mut().zip(b).for_each(|(c, &b)| *c = b >> 1);
    let end = call.iter().rposition(|&c| c != b' ').map_or(0, |i| i.saturating_add(1));
    let name = call.get(..end).unwrap_or(&[]);
    let last = b.get(6).copied().unwrap_or(0);
    let is_call = name.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    // As it is written; the bytes where it is none that could be.
    let plain = is_call && last <= 30 && b.iter().all(|b| b & 1 == 0) && !(name.is_empty() && last != 0) && !p.json();
    if !plain {
        p.begin_struct();
        p.field("ax25_call");
        crate::fields::piece(p, b);
        p.end_struct();
        // What would end the comment is not put into one.
        let fits = |c: &u8| matches!(c, b' '..=b'~') && !matches!(c, b'*' | b'/');
        if !call.iter().all(fits) || p.json() {
            return;
        }
        p.note(" /* ");
    }
    let station = (last >> 1) & 15;
    if name.is_empty() && station == 0 {
        p.out().byte(b'*');
    } else {
        p.out().raw(name);
        p.out().byte(b'-');
        p.out().udec(u64::from(station));
    }
    if !plain {
        p.note(" */");
    }
}

pub(crate) fn ax25(p: &mut Printer, b: &[u8]) {
    let digis = le32(b, 12) as i32;
    let rest = b.get(16..).unwrap_or(&[]);
    // Without digipeaters, and without room for them, it is a plain sockaddr_ax25.
    let full = digis != 0 || !rest.is_empty();
    if full {
        p.field("fsa_ax25");
        p.begin_struct();
    }
    p.field("sax25_call");
    ax25_call(p, b.get(2..9).unwrap_or(&[]));
    p.field("sax25_ndigis");
    p.num(i64::from(digis));
    if !full {
        return;
    }
    p.end_struct();
    let want = usize::try_from(digis).unwrap_or(0);
    if want > 0 {
        p.field("fsa_digipeater");
        p.begin_array();
        let mut got = 0usize;
        for call in rest.chunks_exact(7).take(want.min(8)) {
            p.elem();
            ax25_call(p, call);
            got = got.saturating_add(1);
        }
        if got < want.min(8) {
            p.more();
        }
        p.end_array();
    }
    // No more than eight are known, and pieces of them to nobody.
    if !rest.len().is_multiple_of(7) || rest.len() > 56 {
        p.more();
    }
}
