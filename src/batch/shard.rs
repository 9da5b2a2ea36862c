//! A batch in parts, each on a machine of its own: who works on what, and the one summary in the end.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::files;
use crate::language::{Explain, Language};

/// One part of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// More parts than this are none.
const MOST: u32 = 100_000;

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|n| (1..=MOST).contains(n));
        text.split_once('/')
            .and_then(|(index, of)| Some(Self { index: number(index)?, of: number(of)? }))
            .filter(|own| own.index <= own.of)
            .ok_or("I/N, such as 2/8: part 2 of 8")
    }
}

impl Shard {
    /// Whether a campaign of this name is in it: told by the name alone, so that machines need not
    /// talk to each other.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        let digest = Sha256::digest(name);
        let number = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        number % u64::from(self.of) == u64::from(self.index - 1)
    }

    /// Where its summary is written.
    #[must_use]
    pub fn file(self, folder: &Path) -> PathBuf {
        folder.join(format!("summary-{}-of-{}.json", self.index, self.of))
    }
}

/// Where the summary of a whole batch is written.
#[must_use]
pub fn whole(folder: &Path) -> PathBuf {
    folder.join("summary.json")
}

/// How a batch ended, or a part of one: the same bytes however many parts it had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Of the file.
    pub relais_batch: u32,
    /// By name.
    pub campaigns: Vec<Entry>,
}

/// One campaign of a batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name of its folder below the batch's.
    pub name: String,
    /// Its file, as it was named.
    pub campaign: String,
    /// The advertiser, where the file is a pattern for several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advertiser: Option<String>,
    /// How it ended.
    pub ended: Ended,
    /// What the command answers for it alone: 0 to 3.
    pub exit: u8,
    /// Codes of the findings that ask for a person.
    pub findings: Vec<String>,
    /// Fingerprint of everything that its results depend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<String>,
    /// Why there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a campaign of a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Its results are there.
    Done,
    /// It has none: the entry says why.
    Failed,
    /// Somebody stopped the batch first.
    Interrupted,
}

/// Version of the file.
const VERSION: u32 = 1;

impl Summary {
    /// A summary of these campaigns.
    #[must_use]
    pub fn of(mut campaigns: Vec<Entry>) -> Self {
        campaigns.sort();
        Self { relais_batch: VERSION, campaigns }
    }

    /// Writes it, in the place of an older one and of nothing else.
    ///
    /// # Errors
    ///
    /// [`SummaryError`].
    pub fn put(&self, path: &Path) -> Result<(), SummaryError> {
        check_place(path)?;
        let mut text = serde_json::to_string_pretty(self).expect("a summary is JSON");
        text.push('\n');
        files::put(path, text.as_bytes())
            .map_err(|error| SummaryError::Unwritten { path: path.to_owned(), error })
    }

    fn read(path: &Path) -> Result<Self, SummaryError> {
        let text = files::read_text(path, files::LARGEST_TEXT)
            .map_err(|error| SummaryError::Unreadable { path: path.to_owned(), error })?;
        serde_json::from_str(&text)
            .map_err(|error| SummaryError::Foreign { path: path.to_owned(), error })
    }
}

/// Refuses a place in which something else than a summary stands.
///
/// # Errors
///
/// [`SummaryError`].
pub fn check_place(path: &Path) -> Result<(), SummaryError> {
    if path.symlink_metadata().is_err() { Ok(()) } else { Summary::read(path).map(drop) }
}

/// Joins the summaries of all parts in a folder into that of the whole batch.
///
/// # Errors
///
/// [`SummaryError`] where a part is missing, or parts of two batches stand there.
pub fn merge(folder: &Path) -> Result<Summary, SummaryError> {
    let parts = parts(folder)?;
    let Some(of) = parts.iter().map(|part| part.of).max() else {
        return Err(SummaryError::NoParts { folder: folder.to_owned() });
    };
    if let Some(other) = parts.iter().find(|part| part.of != of) {
        let files = [other.file(folder), Shard { index: 1, of }.file(folder)];
        return Err(SummaryError::TwoBatches { files });
    }
    let there = |index: &u32| parts.iter().any(|part| part.index == *index);
    let missing: Vec<u32> = (1..=of).filter(|index| !there(index)).collect();
    if !missing.is_empty() {
        return Err(SummaryError::Missing { folder: folder.to_owned(), missing, of });
    }
    let mut campaigns = Vec::new();
    for part in &parts {
        campaigns.extend(Summary::read(&part.file(folder))?.campaigns);
    }
    let whole = Summary::of(campaigns);
    match whole.campaigns.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => Err(SummaryError::Twice { name: pair[0].name.clone() }),
        None => Ok(whole),
    }
}

/// The parts whose summaries stand in a folder.
fn parts(folder: &Path) -> Result<Vec<Shard>, SummaryError> {
    let unreadable = |error| SummaryError::Unreadable { path: folder.to_owned(), error };
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let own = name.to_str().and_then(|name| name.strip_prefix("summary-"));
        let own = own.and_then(|name| name.strip_suffix(".json"));
        let own = own.and_then(|name| name.split_once("-of-"));
        parts.extend(own.and_then(|(index, of)| format!("{index}/{of}").parse::<Shard>().ok()));
    }
    parts.sort_by_key(|part| (part.of, part.index));
    Ok(parts)
}

/// Summaries that cannot be written or joined.
#[derive(Debug, Error)]
pub enum SummaryError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// It cannot be written.
    #[error("{}: {error}", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is somebody else's, or damaged.
    #[error("{}, line {}, column {}: {error}", path.display(), error.line(), error.column())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found.
        error: serde_json::Error,
    },
    /// No part stands there.
    #[error("{}: no summary-I-of-N.json", folder.display())]
    NoParts {
        /// The folder.
        folder: PathBuf,
    },
    /// Parts of two batches.
    #[error("parts of two batches: {} and {}", files[0].display(), files[1].display())]
    TwoBatches {
        /// One of each.
        files: [PathBuf; 2],
    },
    /// Some parts are not there.
    #[error("{}: parts {missing:?} of {of} are missing", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// Which.
        missing: Vec<u32>,
        /// Of how many.
        of: u32,
    },
    /// A campaign stands in two parts.
    #[error("{name} stands in two parts")]
    Twice {
        /// Its name.
        name: String,
    },
}

/// Missing parts that are named one by one.
const NAMED: usize = 20;

impl Explain for SummaryError {
    fn explain(&self, language: Language) -> String {
        let shown = |path: &Path| path.display().to_string();
        let say = |key: &str, values: &[(&str, &str)]| language.say(key, values);
        match self {
            Self::Unreadable { path, error } | Self::Unwritten { path, error } => {
                format!("{}: {}", path.display(), language.cause(error))
            }
            Self::Foreign { path, error } => {
                let values = [("path", &*shown(path)), ("error", &language.json(error))];
                say("error-run-summary-foreign", &values)
            }
            Self::NoParts { folder } => say("error-run-summary-none", &[("path", &shown(folder))]),
            Self::TwoBatches { files: [one, other] } => {
                say("error-run-summary-two", &[("one", &shown(one)), ("other", &shown(other))])
            }
            Self::Missing { folder, missing, of } => {
                let mut named: Vec<String> =
                    missing.iter().take(NAMED).map(u32::to_string).collect();
                named.extend((missing.len() > NAMED).then(|| "…".to_owned()));
                let (path, of) = (shown(folder), of.to_string());
                let values = [("path", &*path), ("missing", &named.join(", ")), ("of", &of)];
                say("error-run-summary-missing", &values)
            }
            Self::Twice { name } => say("error-run-summary-twice", &[("name", name)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            campaign: format!("{name}.toml"),
            advertiser: None,
            ended: Ended::Done,
            exit: 0,
            findings: Vec::new(),
            inputs: Some("f".to_owned()),
            error: None,
        }
    }

    #[test]
    fn every_name_is_in_one_part_and_parts_are_alike() {
        let names: Vec<String> = (0..3_000).map(|i| format!("advertiser-{i}")).collect();
        for of in [1, 2, 7] {
            let sizes: Vec<usize> = (1..=of)
                .map(|index| {
                    let shard = Shard { index, of };
                    names.iter().filter(|name| shard.has(name)).count()
                })
                .collect();
            assert_eq!(sizes.iter().sum::<usize>(), names.len());
            // Binomial: four standard deviations.
            let expected = names.len() as f64 / f64::from(of);
            let room = 4.0 * (expected * (1.0 - 1.0 / f64::from(of))).sqrt();
            assert!(sizes.iter().all(|n| (*n as f64 - expected).abs() <= room), "{sizes:?}");
        }
        // First eight bytes of `printf advertiser-0 | sha256sum`: what other machines do as well.
        assert_eq!([1, 2, 3].map(|index| Shard { index, of: 3 }.has("advertiser-0")), REFERENCE);
    }

    /// `int(hashlib.sha256(b"advertiser-0").hexdigest()[:16], 16) % 3`.
    const REFERENCE: [bool; 3] = [REST == 0, REST == 1, REST == 2];
    const REST: u64 = 1;

    #[test]
    fn parts_are_written_as_a_share_of_a_whole() {
        let read = |text: &str| text.parse::<Shard>().ok();
        assert_eq!(read("2/8"), Some(Shard { index: 2, of: 8 }));
        for wrong in ["0/8", "9/8", "2", "2/", "/8", "a/b", "-1/2", "1/100001", "1/2/3"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn all_parts_make_the_whole_and_anything_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |index, of| Shard { index, of }.file(folder.path());
        assert!(matches!(merge(folder.path()), Err(SummaryError::NoParts { .. })));
        Summary::of(vec![entry("c"), entry("a")]).put(&at(1, 3)).unwrap();
        Summary::of(Vec::new()).put(&at(3, 3)).unwrap();
        match merge(folder.path()) {
            Err(SummaryError::Missing { missing, of, .. }) => {
                assert_eq!((missing, of), (vec![2], 3));
            }
            other => panic!("{other:?}"),
        }
        Summary::of(vec![entry("b")]).put(&at(2, 3)).unwrap();
        let whole = Summary::of(["b", "c", "a"].map(entry).to_vec());
        assert_eq!(merge(folder.path()).unwrap(), whole);
        Summary::of(vec![entry("a")]).put(&at(2, 3)).unwrap();
        assert!(matches!(merge(folder.path()), Err(SummaryError::Twice { .. })));
        Summary::of(Vec::new()).put(&at(1, 2)).unwrap();
        assert!(matches!(merge(folder.path()), Err(SummaryError::TwoBatches { .. })));
        // What is somebody else's is neither read as a part nor replaced.
        let other = folder.path().join("summary.json");
        std::fs::write(&other, "{\"mine\": 1}").unwrap();
        assert!(matches!(whole.put(&other), Err(SummaryError::Foreign { .. })));
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "{\"mine\": 1}");
    }
}
