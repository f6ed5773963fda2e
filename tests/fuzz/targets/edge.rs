#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wt_fuzz::laws::edge::whatever_comes_is_taken_or_refused(bytes));
