//! Fuzzing of the readers with libFuzzer.
//!
//! ```text
//! cd tests/fuzz
//! mkdir -p corpus/text && cp ../../data/demo/exports/*.csv corpus/text/
//! cargo run --release --bin text     -- corpus/text     -max_len=65536 -rss_limit_mb=1024 -max_total_time=600
//! cargo run --release --bin workbook -- corpus/workbook -max_len=65536 -rss_limit_mb=1024 -max_total_time=600
//! cargo run --release --bin map      -- corpus/map      -max_len=8192  -rss_limit_mb=1024 -max_total_time=600
//! cargo run --release --bin panel    -- corpus/panel    -max_len=4096  -rss_limit_mb=1024 -max_total_time=600
//! ```
//!
//! `.cargo/config.toml` here turns LLVM's coverage on; the stable compiler is enough. `TMPDIR` on a
//! memory disk keeps the readers from waiting for files.
//!
//! What it finds becomes a test in `src/ingest/tests.rs`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;

use relais::ingest::{Act, Formats, Mapping, formats};
use relais::reference::Reference;

/// The shipped formats, read once.
pub fn shipped() -> &'static Formats {
    static FORMATS: OnceLock<Formats> = OnceLock::new();
    FORMATS.get_or_init(|| formats(&Reference::default()).expect("the shipped formats are sound"))
}

/// Reads bytes as a file of this ending. Rows or an error are both right; a line that is neither
/// handed over nor told of is not.
pub fn read(ending: &str, bytes: &[u8], map: Option<&Mapping>) {
    let path = std::env::temp_dir().join(format!("relais-fuzz-{}.{ending}", std::process::id()));
    std::fs::write(&path, bytes).expect("the temporary folder is writable");
    read_file(&path, map);
}

fn read_file(path: &Path, map: Option<&Mapping>) {
    let mut handed = 0;
    let read = shipped().read(path, map, &mut |row| {
        handed += 1;
        assert!(row.period.is_none_or(|(start, end)| start <= end));
        assert!(row.spend.is_none_or(|spend| spend.is_zero() || spend.is_sign_positive()));
        ControlFlow::Continue(())
    });
    if let Ok(report) = read {
        assert_eq!(report.rows_accepted() + report.rows_beside, handed);
        let told = report.findings.iter().filter(|f| f.action == Act::Rejected).count() as u64;
        assert!(told + report.findings_omitted >= report.rows_rejected);
    }
}
