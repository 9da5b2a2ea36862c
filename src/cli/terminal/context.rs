//! What every command shares: language, output, seed, reference tables, progress.

use std::io::{IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Date;
use serde::Serialize;

use super::screen::{shown, shown_json};
use crate::allocate::AllocateError;
use crate::files;
use crate::language::{Explain, Language};
use crate::random::Seed;
use crate::reference::Reference;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All good.
    Good = 0,
    /// Done, with findings that need a person.
    Findings = 1,
    /// Bad input; nothing was stored.
    BadInput = 2,
    /// A fault of our own.
    Fault = 3,
}

/// What every command shares.
#[derive(Debug, Clone)]
pub struct Context {
    /// Language of everything a person reads.
    pub language: Language,
    /// One JSON object on stdout, and nothing else there.
    pub json: bool,
    /// The seed of the run.
    pub seed: Seed,
    /// Today's date, which nothing but findings on flights that are over depends on.
    pub today: Date,
    /// Reference tables.
    pub reference: Reference,
}

/// An error already put into the person's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// The search ended within its limits, and nobody knows whether there is a plan.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Undecided(pub String);

/// A fault of our own.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

impl Context {
    /// Puts the trouble of a division into the person's words.
    ///
    /// # Errors
    ///
    /// [`Undecided`] where the search spent its nodes without a plan, otherwise [`Failure`].
    pub fn divided<T>(&self, result: Result<T, AllocateError>) -> anyhow::Result<T> {
        result.map_err(|error| self.undivided(&error))
    }

    /// Why a budget is not divided, in the person's words: [`Undecided`] or [`Failure`].
    pub(crate) fn undivided(&self, error: &AllocateError) -> anyhow::Error {
        let text = error.explain(self.language);
        match error {
            AllocateError::Undecided { .. } => Undecided(text).into(),
            _ => Failure(text).into(),
        }
    }

    /// Puts a stage's error into the person's words.
    ///
    /// # Errors
    ///
    /// [`Failure`], when `result` is an error.
    pub fn explain<T, E: Explain>(&self, result: Result<T, E>) -> Result<T, Failure> {
        result.map_err(|error| Failure(error.explain(self.language)))
    }

    /// Writes the file that a person named: whole or not at all.
    ///
    /// # Errors
    ///
    /// The file and what the system said, in the person's words.
    pub fn put(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        files::put_named(path, write).map_err(|error| self.unwritable(path, &error))
    }

    /// Says that a file could not be written, and why; a reader who has left is none of that.
    pub(crate) fn unwritable(&self, path: &Path, error: &std::io::Error) -> anyhow::Error {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return std::io::Error::from(error.kind()).into();
        }
        Failure(self.language.unwritable(path, error)).into()
    }

    /// A fault of our own, in the person's words.
    #[must_use]
    pub fn fault(&self, what: &str) -> String {
        self.language.say("error-fault", &[("what", what)])
    }

    /// Prints the answer of `--json`: one object, and nothing else on stdout.
    ///
    /// # Errors
    ///
    /// When stdout is closed.
    pub fn answer_json<T: Serialize>(&self, value: &T) -> anyhow::Result<()> {
        let json = serde_json::to_string(value)?;
        self.print(&shown_json(&json))
    }

    /// Prints (part of) the answer for people on stdout; nothing when `--json` was asked for.
    ///
    /// # Errors
    ///
    /// When stdout is closed.
    pub fn answer(&self, text: &str) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { self.print(&shown(text)) }
    }

    fn print(&self, line: &str) -> anyhow::Result<()> {
        writeln!(std::io::stdout().lock(), "{line}").map_err(|error| {
            let name = self.language.text("standard-output");
            self.unwritable(Path::new(&name), &error)
        })
    }

    /// Tells something that is not the answer, on stderr.
    pub fn note(&self, text: &str) {
        // A closed stderr must not stop the work.
        let _ = writeln!(std::io::stderr().lock(), "{}", shown(text));
    }

    /// A progress bar on stderr; hidden when it is not a terminal.
    #[must_use]
    pub fn bar(&self, total: u64, label: &str) -> ProgressBar {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{msg:24} {wide_bar} {percent:>3} % {eta:>6}")
            .expect("the template is well formed");
        ProgressBar::with_draw_target(Some(total), target)
            .with_style(style)
            .with_message(label.to_owned())
    }
}
