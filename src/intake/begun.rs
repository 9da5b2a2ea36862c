//! A history that an import begins: written aside, and given its name only once it is whole.
//!
//! SQLite finds the journal of a file by the file's name. A file that lost its name while somebody had
//! it open, and a new one under the same name, would share one journal, and either would take the
//! other's for the rest of a crash. So nobody ever unlinks a history: an import that is refused has
//! begun none.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::{folder_of, own_part};
use crate::history::History;

/// A place of its own beside a history that is not there yet.
pub(crate) struct Aside {
    place: PathBuf,
}

impl Aside {
    /// A place for what is to become `history`; places that killed imports left are cleaned.
    pub(crate) fn beside(history: &Path) -> Self {
        clean(history);
        let mut name = start_of(history);
        name.push(format!("{}{END}", std::process::id()));
        Self { place: history.with_file_name(name) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.place
    }

    /// Gives it its name; `false` where somebody else's history has got that name meanwhile (or
    /// somebody took this place for one that was left behind): then nothing has happened.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn name(&self, history: &Path) -> std::io::Result<bool> {
        use std::io::ErrorKind::{AlreadyExists, NotFound};
        match linked(&self.place, history) {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.kind(), AlreadyExists | NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        remove(&self.place);
    }
}

const END: &str = ".new";

/// `.NAME.` of a history's name, with room for what follows.
fn start_of(history: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(own_part(history.file_name().unwrap_or_default()));
    name.push(".");
    name
}

/// A second name for a file, or another one where the file system knows no second names; an error
/// where that name is taken.
fn linked(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(from, to) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => moved(from, to, error),
        linked => linked,
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn moved(from: &Path, to: &Path, _: std::io::Error) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

/// Windows does not replace a history that somebody has open.
#[cfg(windows)]
fn moved(from: &Path, to: &Path, _: std::io::Error) -> std::io::Result<()> {
    if std::fs::symlink_metadata(to).is_ok() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    std::fs::rename(from, to)
}

#[cfg(not(any(windows, target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn moved(_: &Path, _: &Path, error: std::io::Error) -> std::io::Result<()> {
    Err(error)
}

fn remove(place: &Path) {
    for end in ["", "-journal"] {
        let mut name = place.as_os_str().to_owned();
        name.push(end);
        // What cannot be removed is cleaned by the next import.
        let _ = std::fs::remove_file(name);
    }
}

/// Removes places on which nobody has a lock any more.
fn clean(history: &Path) {
    let Ok(entries) = std::fs::read_dir(folder_of(history)) else { return };
    let start = start_of(history);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let own = name.as_encoded_bytes().strip_prefix(start.as_encoded_bytes());
        let number = own.and_then(|own| own.strip_suffix(END.as_bytes()));
        if number.is_some_and(|number| number.iter().all(u8::is_ascii_digit)) {
            let place = entry.path();
            if is_left(&place) {
                remove(&place);
            }
        }
    }
}

/// A place younger than this may be one whose import has not come to its lock yet.
const YOUNG: Duration = Duration::from_mins(1);

/// Whether nobody writes there any more.
fn is_left(place: &Path) -> bool {
    let made = std::fs::metadata(place).and_then(|file| file.modified());
    if made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age < YOUNG)) {
        return false;
    }
    let Ok(mut history) = History::open(place) else { return false };
    history.wait_at_most(Duration::ZERO).is_ok() && history.begin().is_ok()
}
