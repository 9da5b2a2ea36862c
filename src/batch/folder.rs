//! A result folder that is either whole or not there.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

/// The file that marks a folder as whole, and says from which inputs it came.
const MARK: &str = "done.json";

/// What a finished folder says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    /// Fingerprint of everything the result depends on.
    inputs: String,
}

/// A folder under a temporary name, renamed to its own when everything is in it.
///
/// Dropped without [`WorkFolder::finish`], it removes itself: an interrupted run leaves no
/// half-written result.
#[derive(Debug)]
pub struct WorkFolder {
    working: PathBuf,
    target: PathBuf,
    finished: bool,
}

impl WorkFolder {
    /// Makes an empty folder beside `target`.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made.
    pub fn beside(target: &Path) -> io::Result<Self> {
        let name = target.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
        let working = target.with_file_name(format!(".{name}.{}.partial", std::process::id()));
        if working.exists() {
            fs::remove_dir_all(&working)?;
        }
        fs::create_dir_all(&working)?;
        Ok(Self { working, target: target.to_owned(), finished: false })
    }

    /// Where to write.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.working
    }

    /// Puts the folder in its place, marked with the fingerprint of its inputs.
    ///
    /// An older result is moved aside first and removed last, so that at no moment a reader finds
    /// a mixture.
    ///
    /// # Errors
    ///
    /// When the system refuses to write or rename; the older result is then still there.
    pub fn finish(mut self, inputs: &str) -> io::Result<PathBuf> {
        let mark = serde_json::to_vec(&Mark { inputs: inputs.to_owned() })?;
        fs::write(self.working.join(MARK), mark)?;
        let old = self.working.with_extension("old");
        let had_old = self.target.exists();
        if had_old {
            fs::rename(&self.target, &old)?;
        }
        if let Err(error) = fs::rename(&self.working, &self.target) {
            if had_old {
                fs::rename(&old, &self.target)?;
            }
            return Err(error);
        }
        self.finished = true;
        if had_old {
            fs::remove_dir_all(&old)?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing more can be done about a folder that cannot be removed.
            let _ = fs::remove_dir_all(&self.working);
        }
    }
}

/// Whether `target` holds a whole result made from exactly these inputs.
#[must_use]
pub fn is_done(target: &Path, inputs: &str) -> bool {
    fs::read(target.join(MARK))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Mark>(&bytes).ok())
        .is_some_and(|mark| mark.inputs == inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_whole_or_absent() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("été 2027");
        let left = WorkFolder::beside(&target).unwrap();
        fs::write(left.path().join("plan.json"), "{}").unwrap();
        drop(left);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);

        for (inputs, content) in [("a", "1"), ("b", "2")] {
            let work = WorkFolder::beside(&target).unwrap();
            fs::write(work.path().join("plan.json"), content).unwrap();
            work.finish(inputs).unwrap();
            assert!(is_done(&target, inputs));
            assert_eq!(fs::read_to_string(target.join("plan.json")).unwrap(), content);
        }
        assert!(!is_done(&target, "a"));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
