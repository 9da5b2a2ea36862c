//! Reference tables: embedded in the binary, overridden by a folder.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::files::hex;
use crate::language::nearest;

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");
static MODELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/models");

/// Endings of the files that are tables.
const TABLES: [&str; 2] = ["toml", "ftl"];

/// Folders all of whose tables are read, whatever their names.
const OPEN: [&str; 3] = ["formats", "maps", "demo"];

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

    /// The folder whose tables replace the embedded ones.
    #[must_use]
    pub fn folder(&self) -> Option<&PathBuf> {
        self.folder.as_ref()
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

    /// SHA-256 of all tables and words that results depend on, the folder's in the place of the
    /// embedded ones; the shipped exports of the demo are inputs and not among them.
    ///
    /// # Errors
    ///
    /// [`ReferenceError::Unreadable`].
    pub fn fingerprint(&self) -> Result<String, ReferenceError> {
        let mut names = BTreeSet::new();
        embedded(&DATA, &mut names);
        if let Some(own) = &self.folder {
            below(own, Path::new(""), 0, &mut names);
        }
        let mut digest = Sha256::new();
        for name in names.iter().filter(|name| !name.starts_with("demo/")) {
            let bytes = self.bytes(name)?;
            digest.update(format!("{name}\n{}\n", bytes.len()));
            digest.update(bytes);
        }
        Ok(hex(&digest.finalize()))
    }

    /// Files of the folder that look like tables and that nothing reads, each with the table whose
    /// name is nearest: a misspelt table would be left aside in silence, and the shipped one used.
    #[must_use]
    pub fn strangers(&self) -> Vec<(String, Option<String>)> {
        let Some(own) = &self.folder else { return Vec::new() };
        let (mut known, mut found) = (BTreeSet::new(), BTreeSet::new());
        embedded(&DATA, &mut known);
        below(own, Path::new(""), 0, &mut found);
        let is_table = |name: &str| {
            let kind = Path::new(name).extension().and_then(|kind| kind.to_str());
            kind.is_some_and(|kind| TABLES.contains(&kind.to_ascii_lowercase().as_str()))
        };
        let is_open = |name: &str| {
            OPEN.iter().any(|folder| name.rsplit_once('/').is_some_and(|(of, _)| of == *folder))
        };
        let strange = |name: &String| is_table(name) && !is_open(name) && !known.contains(name);
        let told = |name: String| {
            let near = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
            (name, near)
        };
        found.into_iter().filter(strange).map(told).collect()
    }

    /// A model specification shipped in `models/`, by its file name.
    #[must_use]
    pub fn model_text(name: &str) -> Option<&'static str> {
        MODELS.get_file(name).and_then(include_dir::File::contents_utf8)
    }
}

/// Paths of all files in the binary, with `/` between.
fn embedded(folder: &Dir<'_>, names: &mut BTreeSet<String>) {
    names.extend(folder.files().map(|file| file.path().display().to_string().replace('\\', "/")));
    folder.dirs().for_each(|below| embedded(below, names));
}

/// Folders below one another that are looked into; tables stand two below their own.
const DEEPEST: usize = 8;

/// Paths of all files below a folder, with `/` between.
fn below(root: &Path, folder: &Path, depth: usize, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let path = folder.join(entry.file_name());
        if root.join(&path).is_file() {
            names.insert(path.display().to_string().replace('\\', "/"));
        } else if depth < DEEPEST {
            below(root, &path, depth + 1, names);
        }
    }
}

fn name_of(path: &Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}
