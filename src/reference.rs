//! Reference tables: embedded in the binary, overridden by a folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use thiserror::Error;

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");
static MODELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/models");

/// Where reference tables come from.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    folder: Option<PathBuf>,
}

/// A reference table could not be read.
#[derive(Debug, Error)]
pub enum ReferenceError {
    /// No such table.
    #[error("no reference table `{0}`")]
    Missing(String),
    /// It is there but cannot be read.
    #[error("could not read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not UTF-8.
    #[error("`{0}` is not UTF-8 text")]
    NotText(String),
}

impl Reference {
    /// The tables in the binary, with those of `folder` (laid out like `data/`) in their place.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// A table's bytes, by its path below `data/`, such as `carbon.toml`.
    ///
    /// # Errors
    ///
    /// [`ReferenceError`] when it is neither in the folder nor in the binary.
    pub fn bytes(&self, path: &str) -> Result<Cow<'static, [u8]>, ReferenceError> {
        if let Some(file) = self.folder.as_ref().map(|folder| folder.join(path))
            && file.is_file()
        {
            return std::fs::read(&file)
                .map(Cow::Owned)
                .map_err(|source| ReferenceError::Unreadable { path: file, source });
        }
        DATA.get_file(path)
            .map(|file| Cow::Borrowed(file.contents()))
            .ok_or_else(|| ReferenceError::Missing(path.to_owned()))
    }

    /// A table's text.
    ///
    /// # Errors
    ///
    /// [`ReferenceError`] when it is missing or not UTF-8.
    pub fn text(&self, path: &str) -> Result<String, ReferenceError> {
        String::from_utf8(self.bytes(path)?.into_owned())
            .map_err(|_| ReferenceError::NotText(path.to_owned()))
    }

    /// Names of all tables in a folder below `data/`, sorted, the override folder's included.
    #[must_use]
    pub fn list(&self, folder: &str) -> Vec<String> {
        let embedded = DATA.get_dir(folder).into_iter().flat_map(Dir::files);
        let mut names: Vec<String> = embedded.filter_map(|file| name_of(file.path())).collect();
        if let Some(own) = self.folder.as_ref().map(|own| own.join(folder)) {
            let entries = std::fs::read_dir(own).into_iter().flatten().flatten();
            names.extend(entries.filter_map(|entry| name_of(&entry.path())));
        }
        names.sort();
        names.dedup();
        names
    }

    /// A model specification shipped in `models/`, by its file name.
    #[must_use]
    pub fn model_text(name: &str) -> Option<&'static str> {
        MODELS.get_file(name).and_then(include_dir::File::contents_utf8)
    }
}

fn name_of(path: &Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}
