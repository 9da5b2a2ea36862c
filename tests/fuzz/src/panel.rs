//! Any bytes as a panel; what is read can be written and read again as the same panel.
#![no_main]

use std::path::Path;

use relais::panel::Panel;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("panel.csv");
    let Ok((panel, _)) = Panel::read_csv_from(bytes, path, &[]) else { return };
    let mut written = Vec::new();
    panel.write_csv_to(&mut written).expect("memory takes every byte");
    let (again, _) = Panel::read_csv_from(&written[..], path, &[])
        .expect("a panel that was written can be read");
    assert_eq!(panel.cells.len(), again.cells.len());
    assert_eq!(panel.spend().to_bits(), again.spend().to_bits());
});
