//! What every page has around it: its language, its folder, whether it may write.

use crate::language::{Language, capital};

/// The surroundings of a page.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// Language of the page.
    pub(crate) language: Language,
    /// Name of the folder.
    pub(crate) folder: String,
    /// Whether nothing may be written.
    pub(crate) read_only: bool,
}

impl Room {
    /// A message as a heading.
    pub(crate) fn title(&self, key: &str) -> String {
        capital(&self.text(key))
    }

    /// A message.
    pub(crate) fn text(&self, key: &str) -> String {
        self.language.text(key)
    }
}
