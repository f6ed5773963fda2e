#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wt_fuzz::laws::messages::packets_are_read(bytes));
