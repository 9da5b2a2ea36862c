//! The folder that is worked in: `history.sqlite`, campaigns, `out/NAME/`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::answer::{Answer, Trouble};
use super::jobs::Jobs;
use super::kept::Kept;
use super::room::Room;
use super::trust::seen::Seen;
use crate::batch::folder::whereabouts;
use crate::campaign::Campaign;
use crate::files::{self, hex};
use crate::history::{History, HistoryError};
use crate::language::{Explain, Language};
use crate::random::Seed;
use crate::reference::Reference;
use crate::report::page::headline::Headline;

/// Held locked by whoever serves a folder.
const LOCK: &str = ".relais-serve";
/// The history of a folder.
const HISTORY: &str = "history.sqlite";
/// Where the maps of a folder stand.
const MAPS: &str = "maps";
/// Where the results of a folder stand.
const OUT: &str = "out";
/// Headlines that are kept.
const MOST_HEADLINES: u64 = 10_000;
/// Bytes of dossiers whose plans are kept.
const MOST_SEEN: u64 = 32 << 20;
/// Digits of an identifier: 64 bits of a name's digest.
const DIGITS: usize = 16;

/// What one start was asked to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Language of everything that people read.
    pub language: Language,
    /// The seed of what is made.
    pub seed: Seed,
    /// Today's date.
    pub today: Date,
    /// This moment, as a journal notes it.
    pub now: fn() -> String,
    /// Reference tables.
    pub reference: Reference,
    /// Whether nothing may be written.
    pub read_only: bool,
}

/// What all requests share.
pub(crate) type Shared = Arc<Desk>;

/// A folder that is being served.
#[derive(Debug)]
pub struct Desk {
    /// What this start was asked to do.
    pub settings: Settings,
    /// What is being worked on.
    pub(crate) jobs: Jobs,
    /// How long a request waits for work that can go on without it.
    pub(crate) patience: Duration,
    /// What the shelf says of its runs.
    pub(super) headlines: Kept<Headline>,
    /// What the page of trust knows of them.
    pub(super) seen: Kept<Seen>,
    root: PathBuf,
    _lock: Option<File>,
}

/// Why a folder cannot be served.
#[derive(Debug, Error)]
pub enum DeskError {
    /// No folder stands there.
    #[error("`{path}` is not a folder")]
    NoFolder {
        /// What was named.
        path: PathBuf,
    },
    /// Another `relais serve` has it.
    #[error("`{path}` is served already")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("`{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Explain for DeskError {
    fn explain(&self, language: Language) -> String {
        let say =
            |key: &str, path: &Path| language.say(key, &[("path", &path.display().to_string())]);
        match self {
            Self::NoFolder { path } => say("serve-error-no-folder", path),
            Self::Taken { path } => say("serve-error-taken", path),
            Self::Io { path, source } => language.unwritable(path, source),
        }
    }
}

impl Desk {
    /// Takes a folder, alone: a second one that would write is told so.
    ///
    /// # Errors
    ///
    /// [`DeskError`].
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, DeskError> {
        let none = |_| DeskError::NoFolder { path: folder.to_owned() };
        let root = fs::canonicalize(folder).map_err(none)?;
        if !root.is_dir() {
            return Err(DeskError::NoFolder { path: folder.to_owned() });
        }
        // Who only looks takes nothing from anybody, and writes nothing, not even a lock.
        let lock = if settings.read_only { None } else { Some(taken(&root)?) };
        Ok(Self {
            settings,
            jobs: Jobs::default(),
            patience: Duration::ZERO,
            headlines: Kept::new(MOST_HEADLINES, |_| 1),
            seen: Kept::new(MOST_SEEN, |bytes| bytes),
            root,
            _lock: lock,
        })
    }

    /// Whether this start may write.
    ///
    /// # Errors
    ///
    /// That it was started to look only.
    pub(crate) fn may_write(&self) -> Answer<()> {
        if !self.settings.read_only {
            return Ok(());
        }
        Err(Trouble::told(StatusCode::FORBIDDEN, &self.room(), "serve-read-only-text"))
    }

    /// What its pages have around them.
    pub(crate) fn room(&self) -> Room {
        let settings = &self.settings;
        let folder = name_of(&self.root);
        Room { language: settings.language, folder, read_only: settings.read_only }
    }

    /// A path as it is where no link on its way leads out of the folder; `None` otherwise, and where
    /// nothing stands.
    pub(crate) fn inside(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok().filter(|real| real.starts_with(&self.root))
    }

    /// Folders that hold a run, below `out/` and in the folder itself, by name.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let is_run = |path: &Path| {
            ["plan.json", "dossier.json"].iter().any(|name| path.join(name).is_file())
        };
        let mut runs = self.below(&self.root.join(OUT), is_run);
        runs.extend(self.below(&self.root, is_run));
        runs.sort();
        runs
    }

    /// What stands in a folder, hidden names left out, no link leading away.
    fn below(&self, folder: &Path, is_one: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let shown = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        let paths = shown.map(|entry| entry.path());
        paths.filter(|path| self.inside(path).is_some() && is_one(path)).collect()
    }

    /// What addresses call a file or folder of this one: part of a digest, from which no path is
    /// made.
    pub(crate) fn id(&self, path: &Path) -> String {
        identifier(path.strip_prefix(&self.root).unwrap_or(path))
    }

    /// Where a campaign of this folder stands, whose name holds no path.
    pub(crate) fn campaign(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The campaign files of this folder, by name; what is a map of exports, say, is none.
    pub(crate) fn campaigns(&self) -> Vec<PathBuf> {
        let mut files = self.tables(&self.root);
        let text = |path: &Path| files::read_text(path, files::LARGEST_TEXT);
        files.retain(|path| !text(path).is_ok_and(|text| Campaign::is_other(&text)));
        files
    }

    /// The TOML files of one of its folders, by name.
    pub(crate) fn tables(&self, folder: &Path) -> Vec<PathBuf> {
        let is_toml = |path: &Path| path.extension().is_some_and(|ending| ending == "toml");
        let mut files = self.below(folder, |path| path.is_file() && is_toml(path));
        files.sort();
        files
    }

    /// Where the maps of this folder stand.
    pub(crate) fn maps(&self) -> PathBuf {
        self.root.join(MAPS)
    }

    /// The campaign file of an identifier.
    pub(crate) fn campaign_of(&self, id: &str) -> Answer<PathBuf> {
        let found = self.campaigns().into_iter().find(|path| self.id(path) == id);
        found.ok_or_else(|| Trouble::nowhere(&self.room()))
    }

    /// Where results go.
    pub(crate) fn out(&self) -> PathBuf {
        self.root.join(OUT)
    }

    /// Whether a path stays in this folder, links followed, whether anything stands there or not.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        // A link to what is not there yet would lead out once something is written.
        match fs::symlink_metadata(path) {
            Ok(_) => self.inside(path).is_some(),
            Err(_) => whereabouts(path).starts_with(&self.root),
        }
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the history stands.
    pub(crate) fn history_path(&self) -> PathBuf {
        self.root.join(HISTORY)
    }

    /// A hold on the work under way, for who ends this start.
    pub fn work(&self) -> Jobs {
        self.jobs.clone()
    }

    /// The run of an identifier.
    pub(crate) fn run(&self, id: &str) -> Answer<PathBuf> {
        let found = self.runs().into_iter().find(|path| self.id(path) == id);
        found.ok_or_else(|| Trouble::nowhere(&self.room()))
    }

    /// The history; `None` where there is none yet.
    pub(crate) fn history(&self) -> Option<Result<History, HistoryError>> {
        let path = self.inside(&self.root.join(HISTORY))?;
        let open =
            if self.settings.read_only { History::open_to_look } else { History::open_existing };
        Some(open(&path))
    }
}

fn taken(root: &Path) -> Result<File, DeskError> {
    let path = root.join(LOCK);
    let told = |source| DeskError::Io { path: path.clone(), source };
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = open.map_err(told)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(DeskError::Taken { path: root.to_owned() }),
        Err(fs::TryLockError::Error(source)) => Err(told(source)),
    }
}

/// The last part of a path, for people.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// What stands in addresses for a name: part of its digest.
pub(crate) fn identifier(name: &Path) -> String {
    let mut digest = hex(&Sha256::digest(name.as_os_str().as_encoded_bytes()));
    digest.truncate(DIGITS);
    digest
}
