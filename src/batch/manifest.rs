//! The file that says which files of a folder are relais's own, and from which inputs they came.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::{self, hex};

/// Name of the manifest; a result folder is whole once it is there.
pub(super) const MANIFEST: &str = "done.json";

/// What a folder says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// Fingerprint of everything that a run's result depends on; `None` where no run made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inputs: Option<String>,
    /// Files that relais wrote, below the folder with `/` between, and the SHA-256 of each. A
    /// folder of an older relais has none: all its files are then taken as somebody else's.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

impl Manifest {
    /// Lists everything that stands in `folder`, made sure to be on the disk.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or synced.
    pub(super) fn of_folder(folder: &Path, inputs: Option<&str>) -> io::Result<Self> {
        let mut manifest = Self { inputs: inputs.map(str::to_owned), files: BTreeMap::new() };
        for file in files_below(folder)? {
            let path = folder.join(&file);
            crate::files::sync_file(&path)?;
            manifest.files.insert(key(&file).unwrap_or_default(), digest(&path)?);
        }
        Ok(manifest)
    }

    /// The manifest of a folder; `None` when it has none that relais wrote, or none that can be
    /// read.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        Self::look(folder).ok().flatten()
    }

    /// The manifest of a folder; `None` when it has none that relais wrote.
    ///
    /// # Errors
    ///
    /// When there is one that cannot be read: whose the folder is nobody knows then.
    pub(super) fn look(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(MANIFEST);
        // A pipe or a link of this name is not a manifest, and must not be waited for.
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_file() => Ok(Self::of_text(&fs::read(path)?)),
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(None),
        }
    }

    fn of_text(text: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(text).ok()?;
        let by_a_run = manifest.inputs.as_ref().is_some_and(|inputs| {
            inputs.len() == 64 && inputs.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        (by_a_run || manifest.inputs.is_none() && !manifest.files.is_empty()).then_some(manifest)
    }

    /// Writes the manifest into its folder, whole or not at all.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        files::put(&folder.join(MANIFEST), &serde_json::to_vec_pretty(self)?)
    }

    /// Whether a run made this from exactly these inputs.
    pub(super) fn is_from(&self, inputs: &str) -> bool {
        self.inputs.as_deref() == Some(inputs)
    }

    /// Whether every listed file stands in `folder`.
    pub(super) fn is_whole(&self, folder: &Path) -> bool {
        self.files.keys().all(|file| folder.join(file).is_file())
    }

    /// Whether nobody has changed the listed files that relais reads again: plan, outcomes, model.
    pub(super) fn can_be_read_again(&self, folder: &Path) -> bool {
        let mut read = self.files.keys().map(Path::new).filter(|file| {
            file.parent() == Some(Path::new(""))
                && file.extension().is_some_and(|own| own == "json")
        });
        read.all(|file| self.is_as_written(folder, file))
    }

    /// Whether relais wrote this file, and nobody has touched it since.
    pub(super) fn is_as_written(&self, folder: &Path, file: &Path) -> bool {
        let listed = key(file).and_then(|key| self.files.get(&key));
        let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
        let path = folder.join(file);
        listed.is_some_and(|listed| {
            is_file(&path) && digest(&path).is_ok_and(|found| found == *listed)
        })
    }

    /// Whether this file is listed.
    pub(super) fn lists(&self, file: &Path) -> bool {
        key(file).is_some_and(|key| self.files.contains_key(&key))
    }

    /// Lists a file no longer.
    pub(super) fn forget(&mut self, file: &Path) {
        if let Some(key) = key(file) {
            self.files.remove(&key);
        }
    }

    /// Lists a file with the digest of what relais writes into it.
    pub(super) fn list(&mut self, file: &Path, digest: &str) {
        if let Some(key) = key(file) {
            self.files.insert(key, digest.to_owned());
        }
    }
}

/// Whether an error says that nothing is there.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A path below a folder as the manifest writes it; `None` when it has no such form.
fn key(file: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = file
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.join("/"))
}

/// SHA-256 of bytes.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file's bytes.
pub(super) fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut sha, mut part) = (fs::File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&sha.finalize())),
            read => sha.update(&part[..read]),
        }
    }
}

/// Everything below a folder that is not a folder, in order; links are not followed.
pub(super) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(walk(folder)?
        .into_iter()
        .filter(|(_, is_folder)| !is_folder)
        .map(|(path, _)| path)
        .collect())
}

/// Everything below a folder, folders after what they hold, with whether each is a folder.
pub(super) fn walk(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let (mut found, mut waiting) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = waiting.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            let is_folder = entry.file_type()?.is_dir();
            if is_folder {
                waiting.push(path.clone());
            }
            found.push((path, is_folder));
        }
    }
    found.sort();
    found.reverse();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_manifest_that_relais_wrote_is_one() {
        let home = tempfile::tempdir().unwrap();
        for text in ["", "{}", "[]", "{\"done\": true}", "{\"inputs\": \"mine\"}"] {
            fs::write(home.path().join(MANIFEST), text).unwrap();
            assert_eq!(Manifest::read(home.path()), None, "{text}");
        }
        let old = format!("{{\"inputs\": \"{}\"}}", "0a".repeat(32));
        fs::write(home.path().join(MANIFEST), old).unwrap();
        assert!(Manifest::read(home.path()).is_some());
    }

    #[test]
    fn an_edited_file_is_noticed() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("charts")).unwrap();
        let chart = Path::new("charts").join("a.svg");
        fs::write(home.path().join(&chart), "as written").unwrap();
        let manifest = Manifest::of_folder(home.path(), Some("x")).unwrap();
        assert!(manifest.is_as_written(home.path(), &chart));
        fs::write(home.path().join(&chart), "edited").unwrap();
        assert!(!manifest.is_as_written(home.path(), &chart));
        assert!(manifest.lists(&chart) && !manifest.lists(Path::new("b.svg")));
    }
}
