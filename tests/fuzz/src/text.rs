//! Any bytes as a text file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relais_fuzz::read("csv", bytes, None));
