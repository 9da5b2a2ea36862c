//! Names that people give to files.

use std::io;
use std::path::Path;

use axum::http::StatusCode;

use super::answer::{Answer, Trouble};
use super::desk::name_of;
use super::room::Room;
use crate::files;

/// Letters of a file's name at most.
const LONGEST: usize = 80;

/// A name for a file in the folder itself: letters, digits, spaces, hyphens, underscores.
pub(crate) fn file_name(text: &str, room: &Room) -> Answer<String> {
    let name = text.trim().trim_end_matches(".toml").trim();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let is_name = !name.is_empty() && name.chars().count() <= LONGEST && name.chars().all(is_plain);
    if is_name && name.starts_with(char::is_alphanumeric) {
        return Ok(name.to_owned());
    }
    Err(Trouble::bad(room, &room.text("serve-save-name")))
}

/// A name to begin with for a file beside another: what may stand in one of that one's.
pub(crate) fn begun(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { ' ' };
    let name: String = stem.chars().map(plain).collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    name.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().take(LONGEST).collect()
}

/// Writes a new file; one that is there is not written over.
pub(crate) fn written(file: &Path, text: &str, room: &Room) -> Answer<()> {
    files::put_new(file, text.as_bytes()).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            let there = room.language.say("serve-save-there", &[("file", &name_of(file))]);
            return Trouble::new(StatusCode::CONFLICT, room, &there);
        }
        Trouble::bad(room, &room.language.unwritable(file, &error))
    })
}
