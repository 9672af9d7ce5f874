#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| socklens_fuzz::hello::run(data));
