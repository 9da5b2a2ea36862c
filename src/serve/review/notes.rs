//! The reviewer's notes: a text beside the run, which no new run replaces.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::files::{self, hex};
use crate::serve::answer::{Answer, Trouble};
use crate::serve::desk::Desk;

/// Where they stand.
pub(super) const NOTES: &str = "notes.md";

/// Notes as a form shows them.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The text.
    pub(super) text: String,
    /// What it was when the form was made: a digest.
    pub(super) seen: String,
}

impl Notes {
    fn new(text: String) -> Self {
        let seen = hex(&Sha256::digest(&text));
        Self { text, seen }
    }
}

/// The notes of a run; empty where there are none.
pub(super) fn of(run: &Path, desk: &Desk) -> Answer<Notes> {
    let path = run.join(NOTES);
    if std::fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    {
        return Ok(Notes::new(String::new()));
    }
    let room = desk.room();
    let path = desk.inside(&path).ok_or_else(|| Trouble::nowhere(&room))?;
    let text = files::read_text(&path, files::LARGEST_TEXT);
    let told = |error| Trouble::bad(&room, &room.language.unwritable(&path, &error));
    text.map(Notes::new).map_err(told)
}
