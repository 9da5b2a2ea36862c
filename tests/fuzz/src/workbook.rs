//! Any bytes as a workbook.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relais_fuzz::read("xlsx", bytes, None));
