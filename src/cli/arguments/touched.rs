//! The files that a command reads and writes: none writes over what it reads.

use std::path::Path;

use crate::cli::terminal::context::{Context, Failure};
use crate::files::is_same;

/// Files of one call that a person named.
#[derive(Debug, Default)]
pub(crate) struct Touched<'a> {
    reads: Vec<&'a Path>,
    writes: Vec<&'a Path>,
}

impl<'a> Touched<'a> {
    /// Files that are read.
    pub(crate) fn reads<P: AsRef<Path> + 'a>(
        mut self,
        files: impl IntoIterator<Item = &'a P>,
    ) -> Self {
        self.reads.extend(files.into_iter().map(AsRef::as_ref));
        self
    }

    /// Files that are written anew.
    pub(crate) fn writes<P: AsRef<Path> + 'a>(
        mut self,
        files: impl IntoIterator<Item = &'a P>,
    ) -> Self {
        self.writes.extend(files.into_iter().map(AsRef::as_ref));
        self
    }

    /// A file that would be written over one that is read, or two results under one name.
    fn clash(&self) -> Option<(&'a Path, &'static str)> {
        self.writes.iter().enumerate().find_map(|(k, &out)| {
            if self.reads.iter().any(|&read| is_same(read, out)) {
                return Some((out, "error-writes-its-input"));
            }
            let twice = self.writes[..k].iter().any(|&other| is_same(other, out));
            twice.then_some((out, "error-writes-twice"))
        })
    }
}

/// Refuses a command that would write over one of its own inputs, before any work.
///
/// # Errors
///
/// The file, in the person's words.
pub(crate) fn check(touched: &Touched<'_>, context: &Context) -> Result<(), Failure> {
    let Some((path, key)) = touched.clash() else { return Ok(()) };
    let path = path.display().to_string();
    Err(Failure(context.language.say(key, &[("path", &path)])))
}
