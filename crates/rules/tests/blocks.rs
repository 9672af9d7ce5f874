//! Whatever the bytes of a block: no panic, an end, nothing outside it.

use socklens_calls::Call;
use socklens_rules::fault::draw::{lost, time};
use socklens_rules::fault::{FaultBlock, Region, Rule};
use socklens_rules::{Filter, Program, Subject};

#[test]
fn a_block_has_a_fixed_size() {
    assert_eq!((size_of::<FaultBlock>(), Region::SIZE), (57344, 57344 * 2 + 64 + 64 * 192 + 64 * 32 + 33 * 1024));
    assert!(FaultBlock::new().is_sound() && FaultBlock::new().rules().is_empty());
}

#[test]
fn damaged_blocks_are_survived() {
    let mut block = Box::new(FaultBlock::new());
    let mut x = 0x5eed_u64;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let (mut matched, mut steps) = (0, 0);
    for round in 0..60 {
        for b in block.as_bytes_mut().iter_mut() {
            *b = (next() >> 24) as u8;
        }
        if round % 2 == 0 {
            // Plausible counts and positions, so that rules, actions and selectors are looked at.
            (block.rule_count, block.action_count) = (64, 160);
            for i in 0..64 {
                let rule = 128 + 192 * i;
                let bytes = block.as_bytes_mut();
                bytes[rule + 40..rule + 48].fill(0);
                bytes[rule + 53] &= 0x3f;
                bytes[rule + 54] &= [0, 0xff][i % 2];
                bytes[rule + 55] = 0;
                bytes[rule + 60] &= 0x7f;
                bytes[rule + 61] = 0;
                bytes[rule + 62] &= 0x0f;
                bytes[rule + 63] = 0;
                // For any thread.
                let thread = rule + std::mem::offset_of!(Rule, thread);
                bytes[thread..thread + 8].fill(0);
            }
        }
        for call in [Call::send, Call::recv, Call::connect] {
            block.may_touch(call);
            let cx = Subject::new(call);
            for rule in block.rules() {
                matched += u32::from(block.matches(rule, &cx));
                rule.when.counts(next());
                rule.when.open_at(next());
                rule.when.touches(next(), next());
                rule.when.chance(next());
                steps += u32::from(block.step(rule, 0, 3, next()).is_some());
                for a in block.actions(rule) {
                    assert!(a.kind().is_some() == a.effect().is_some());
                    std::hint::black_box((a.dir(), a.size(), a.dns_mode()));
                    block.choose_error(a, next());
                    time(&block, &a.dist, next(), &mut next());
                    lost(&block, &a.loss, next(), next(), &mut next());
                }
            }
        }
    }
    // Something was looked at.
    assert!(matched > 0 && steps > 0, "{matched} {steps}");
}

#[test]
fn packed_selectors_mean_the_same() {
    for source in ["fd=3", "fd=1|2 and not comm=x*", "peer=10.0.0.0/8:5432 or pid=7", "nb=1"] {
        let filter = Filter::parse(source).unwrap();
        let mut bytes = vec![];
        filter.pack(&mut |b| bytes.extend_from_slice(b));
        let packed = Program::packed(&bytes).unwrap();
        for fd in 0..4 {
            let cx = Subject { fd, pid: 7, comm: b"y", nonblock: Some(fd == 3), ..Subject::new(Call::send) };
            assert_eq!(packed.eval(&cx), filter.eval(&cx), "{source} {fd}");
        }
        for cut in 0..bytes.len() {
            assert!(Program::packed(&bytes[..cut]).is_none_or(|p| !p.eval(&Subject::new(Call::send)) || cut > 0));
        }
    }
    assert!(Program::default().eval(&Subject::new(Call::send)));
}
