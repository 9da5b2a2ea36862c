//! A file of the folder as text: checked before it is kept, never written over what somebody else
//! wrote.

use std::path::Path;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::answer::{Answer, Trouble, page as rendered};
use super::desk::{Desk, name_of};
use super::room::Room;
use crate::files::{self, hex};

/// A file that is changed as text.
pub(crate) struct Edit<'a> {
    /// The file.
    pub(crate) file: &'a Path,
    /// Where the form goes.
    pub(crate) address: String,
    /// What the text is.
    pub(crate) label: &'static str,
    /// Where one goes once it is kept, and how that is called.
    pub(crate) back: (String, &'static str),
    /// What is wrong with a text, a line for each.
    pub(crate) errors: &'a dyn Fn(&str) -> Vec<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Sent {
    text: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "edit.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    edit: &'a Edit<'a>,
    text: String,
    /// Digest of the file when the form was made.
    seen: String,
    errors: Vec<String>,
    /// What somebody else has written meanwhile.
    theirs: Option<String>,
}

impl Edit<'_> {
    /// The page with the file as it is.
    pub(crate) fn page(&self, desk: &Desk) -> Answer<Html<String>> {
        let text = read(self.file, desk)?;
        let (errors, seen) = ((self.errors)(&text), digest(&text));
        self.shown(desk, text, seen, (errors, None))
    }

    fn shown(
        &self,
        desk: &Desk,
        text: String,
        seen: String,
        (errors, theirs): (Vec<String>, Option<String>),
    ) -> Answer<Html<String>> {
        let room = desk.room();
        let title = name_of(self.file);
        rendered(&Page { room: &room, title, edit: self, text, seen, errors, theirs }, &room)
    }

    /// Keeps the text, if it is sound and the file is as it was seen.
    pub(crate) fn keep(&self, desk: &Desk, sent: &Sent) -> Answer<Response> {
        let room = desk.room();
        let before = read(self.file, desk)?;
        // Browsers send lines as typewriters end them; a file that has them so keeps them.
        let text = as_before(&sent.text.replace("\r\n", "\n"), &before);
        let seen = digest(&before);
        if seen != sent.seen && before != text {
            let page = self.shown(desk, text, seen, (Vec::new(), Some(before)))?;
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
        let errors = (self.errors)(&text);
        if !errors.is_empty() {
            let page = self.shown(desk, text, seen, (errors, None))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        let put = files::put(self.file, text.as_bytes());
        put.map_err(|error| Trouble::bad(&room, &room.language.unwritable(self.file, &error)))?;
        Ok(Redirect::to(&self.back.0).into_response())
    }
}

/// A file's text.
pub(crate) fn read(file: &Path, desk: &Desk) -> Answer<String> {
    let room = desk.room();
    let told = |error| Trouble::bad(&room, &room.language.unwritable(file, &error));
    files::read_text(file, files::LARGEST_TEXT).map_err(told)
}

/// A text with its lines ended as those of the one before.
pub(crate) fn as_before(text: &str, before: &str) -> String {
    if before.contains("\r\n") { text.replace('\n', "\r\n") } else { text.to_owned() }
}

/// By what a text is known again.
pub(crate) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}
