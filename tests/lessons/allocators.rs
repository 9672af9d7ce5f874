//! Allocators that call us while they start, in either order of preloading.

use super::WAYS;
use socklens_testkit::{How, Run, assert_same, require_library};

fn preloaded(name: &str, package: &str) {
    let Some(allocator) = require_library(name, package) else { return };
    for example in ["threads_many", "resolver", "fork_tree", "before_main", "exit_raw"] {
        let raw = Run::example(example).run(How::Raw);
        for how in WAYS {
            assert_same(&raw, &Run::example(example).preload_before(&allocator).run(how));
            assert_same(&raw, &Run::example(example).preload_after(&allocator).run(how));
        }
    }
}

#[test]
fn jemalloc_in_either_order() {
    preloaded("libjemalloc.so.2", "libjemalloc2");
}

#[test]
fn tcmalloc_in_either_order() {
    preloaded("libtcmalloc_minimal.so.4", "libtcmalloc-minimal4");
}

#[test]
fn an_allocator_that_uses_sockets_itself() {
    // An allocation inside any of our hooks would end in a recursion without end here.
    let allocator =
        socklens_testkit::compile_with("talking_malloc", "libtalking_malloc.so", &["-shared", "-fPIC", "-O1"]);
    let raw = Run::example("threads_many").run(How::Raw);
    for how in WAYS {
        assert_same(&raw, &Run::example("threads_many").preload_before(&allocator).run(how));
        assert_same(&raw, &Run::example("threads_many").preload_after(&allocator).run(how));
    }
}
