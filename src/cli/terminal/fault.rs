//! What remains of the unexpected: a fault of our own is told as one, and ends with its own code.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::batch::schedule::panic_text;

/// Where the first fault of this process came from: file, line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<Mutex<Option<String>>>);

impl Watch {
    /// Notes where faults come from instead of printing them; with `RUST_BACKTRACE` set the
    /// engineers' own message stays as well.
    pub(crate) fn begin() -> Self {
        let watch = Self::default();
        let (noted, usual) = (watch.clone(), std::panic::take_hook());
        let is_wanted = std::env::var_os("RUST_BACKTRACE").is_some();
        std::panic::set_hook(Box::new(move |info| {
            noted.note(info);
            if is_wanted {
                usual(info);
            }
        }));
        watch
    }

    fn note(&self, info: &PanicHookInfo<'_>) {
        // A second fault while the first is noted has nothing to add.
        let Ok(mut place) = self.0.lock() else { return };
        let at = info.location().map(|at| format!("{}:{}", short(at.file()), at.line()));
        *place = place.take().or(at);
    }

    /// The answer of `work`, or what is known of the fault that ended it: what it said, and where.
    pub(crate) fn guarded<T>(&self, work: impl FnOnce() -> T) -> Result<T, String> {
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
            let said = panic_text(panic.as_ref());
            let place = self.0.lock().ok().and_then(|place| place.clone());
            place.map_or_else(|| said.clone(), |place| format!("{said} ({place})"))
        })
    }
}

/// The last three parts of a source file's path: no folder of the machine that built the program.
fn short(file: &str) -> String {
    let parts: Vec<_> = Path::new(file).components().rev().take(3).collect();
    parts.iter().rev().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_and_a_sound_answer_passes() {
        let watch = Watch::default();
        assert_eq!(watch.guarded(|| 7), Ok(7));
        let empty: &[u8] = &[];
        let broken = || *empty.first().expect("a promise of our own");
        assert_eq!(watch.guarded(broken).unwrap_err(), "a promise of our own");
    }

    #[test]
    fn a_place_names_no_folder_of_a_machine() {
        assert_eq!(
            short("/home/a/.cargo/registry/src/x/zip-9.4/src/read.rs"),
            "zip-9.4/src/read.rs"
        );
        assert_eq!(short("src/units.rs"), "src/units.rs");
    }
}
