//! Rules that come and go in a block: the others stay as they are, byte for byte.

use socklens_rules::fault::{Extras, FaultBlock, MAX_RULES};

fn add(block: &mut FaultBlock, source: &str, group: u32) -> Option<u64> {
    let mut fresh = Box::new(FaultBlock::new());
    fresh.outline(block);
    fresh.add(source, &Extras::default()).unwrap_or_else(|e| panic!("{source}: {e:?}"));
    block.graft(&fresh, group, 0)
}

/// Everything of a rule, with what its parts of the heap hold.
fn whole(block: &FaultBlock, i: usize) -> String {
    let r = &block.rules()[i];
    let lists: Vec<_> = block.actions(r).iter().map(|a| (a, block.bytes(a.list), block.bytes(a.loss.list))).collect();
    format!("{r:?} {:?} {:?} {:?} {lists:?}", block.bytes(r.name), block.bytes(r.selector), block.bytes(r.text))
}

#[test]
fn what_is_grafted_is_what_was_written() {
    let source = "a = connect host=db.* @n=1..2 : refuse; dgram : drop list(3,7,9), dup 1%\n\
        in peer=10.0.0.0/8 @after=a : error ECONNRESET|ETIMEDOUT -> ok; out @until=a : short 1..9";
    let mut plain = Box::new(FaultBlock::new());
    plain.add(source, &Extras::default()).unwrap();
    let mut grafted = Box::new(FaultBlock::new());
    assert_eq!(add(&mut grafted, source, 5), Some(0b1111));
    assert_eq!(grafted.texts().collect::<Vec<_>>(), plain.texts().collect::<Vec<_>>());
    for (a, b) in plain.rules().iter().zip(grafted.rules()) {
        assert_eq!((a.id, a.calls, a.types, a.when), (b.id, b.calls, b.types, b.when));
        assert_eq!((b.group, b.thread), (5, 0));
        assert_eq!(plain.bytes(a.selector), grafted.bytes(b.selector));
        for (x, y) in plain.actions(a).iter().zip(grafted.actions(b)) {
            assert_eq!(plain.bytes(x.list), grafted.bytes(y.list));
            assert_eq!(plain.bytes(x.loss.list), grafted.bytes(y.loss.list));
        }
    }
    assert_eq!(plain.any, grafted.any);
}

#[test]
fn others_stay_where_they_are_and_names_are_found_across_gaps() {
    let mut block = Box::new(FaultBlock::new());
    add(&mut block, "one = send : log", 1);
    add(&mut block, "two = recv peer=:80 : error ECONNRESET", 2);
    add(&mut block, "three = connect : refuse", 3);
    let (one, three) = (whole(&block, 0), whole(&block, 2));
    block.remove(0b10);
    assert!(block.rules()[1].is_vacant());
    // Behind the last one, though there is a gap.
    assert_eq!(add(&mut block, "close @after=three : log; shutdown @until=one : log", 4), Some(0b11000));
    assert_eq!((block.rules()[3].when.after, block.rules()[4].when.until), (2, 0));
    assert_eq!((whole(&block, 0), whole(&block, 2)), (one, three));
    assert_eq!((block.referrer(0b100), block.referrer(0b1), block.referrer(0b1_1101)), (Some(3), Some(4), None));
    assert_eq!((block.group(4), block.group(0), block.group(9)), (0b11000, 0b11101, 0));
    block.remove(0b11100);
    assert_eq!(block.rules().len(), 1);
    block.remove(1);
    assert!(block.rules().is_empty() && block.any == [0; 4] && block.heap_len == 0 && block.action_count == 0);
}

#[test]
fn coming_and_going_for_ever_finds_room() {
    let mut block = Box::new(FaultBlock::new());
    let source = |n: usize| format!("r{n} = out peer=10.{}.0.0/16 : short 1, error ECONNRESET", n % 250);
    let mut kept: Vec<(u64, String, usize)> = Vec::new();
    for n in 0..2000 {
        if kept.len() == 40 {
            let (bits, text, at) = kept.remove(n * 7 % 40);
            assert_eq!(whole(&block, at), text, "changed by others");
            block.remove(bits);
        }
        let bits = add(&mut block, &source(n), n as u32 + 1).expect("room");
        let at = bits.trailing_zeros() as usize;
        kept.push((bits, whole(&block, at), at));
    }
    while let Some(bits) = add(&mut block, "send : log", 9000) {
        assert_eq!(bits.count_ones(), 1);
    }
    assert_eq!(block.rules().iter().filter(|r| !r.is_vacant()).count(), MAX_RULES);
}
