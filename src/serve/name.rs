//! Names that people give to files.

use super::answer::{Answer, Trouble};
use super::room::Room;

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
