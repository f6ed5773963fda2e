#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    wt_fuzz::laws::trust::nobody_is_paired_by_chance(bytes);
    wt_fuzz::laws::trust::files_come_back(bytes);
});
