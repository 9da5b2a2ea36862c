//! Any text as a map; when it is one, a small file is read through it.
#![no_main]

use std::path::Path;

use relais::ingest::Mapping;

const FILE: &[u8] = b"a,b,c,name,day\n1,2,3,x | 18-24,2026-01-02\n4,,<5,y,03/04/2026\n";

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(map) = Mapping::parse(Path::new("map.toml"), text) {
        relais_fuzz::read("csv", FILE, Some(&map));
    }
});
