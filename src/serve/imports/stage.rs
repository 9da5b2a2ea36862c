//! Where dropped files lie until somebody decides: a private folder each, inside the one that is
//! served.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::{hex, part_within};

/// Holds the stages of a folder; hidden, so that nobody takes them for exports of their own.
const STAGES: &str = ".relais-exports";
/// Stages that are kept; beyond, the oldest go.
const MOST: usize = 8;
/// Bytes of a stage's number.
const BYTES: usize = 8;
/// Bytes of a file's name.
const NAME: usize = 160;
/// Ends a stage's name while its files arrive.
const NEW: &str = "new";
/// Ends a stage's name while its files are being stored.
const TAKEN: &str = "taken";

/// Files that were dropped together.
#[derive(Debug)]
pub(super) struct Stage {
    /// What addresses call it.
    pub(super) id: String,
    /// Where its files lie.
    pub(super) folder: PathBuf,
}

impl Stage {
    /// A new one, which addresses find once it is whole; the oldest of too many go.
    pub(super) fn begin(root: &Path) -> io::Result<Self> {
        let all = root.join(STAGES);
        private(&all)?;
        forget(&all);
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let id = hex(&bytes);
        let folder = all.join(&id).with_extension(NEW);
        private(&folder)?;
        Ok(Self { id, folder })
    }

    /// The one of an identifier.
    pub(super) fn of(root: &Path, id: &str) -> Option<Self> {
        let all = stages(&root.join(STAGES)).into_iter();
        let folder =
            all.filter(|path| path.extension().is_none()).find(|path| path.ends_with(id))?;
        Some(Self { id: id.to_owned(), folder })
    }

    /// An empty file for one that was dropped under this name.
    pub(super) fn put(&self, name: &str) -> io::Result<File> {
        let name = plain(name);
        let (stem, ending) = name.rsplit_once('.').map_or((&*name, ""), |(a, b)| (a, b));
        for nth in 1.. {
            let own = match (nth, ending) {
                (1, _) => name.clone(),
                (nth, "") => format!("{stem} ({nth})"),
                (nth, ending) => format!("{stem} ({nth}).{ending}"),
            };
            match File::create_new(self.folder.join(own)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Its files, by name.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    /// Takes it out of everybody's sight, so that it is stored once.
    pub(super) fn take(self) -> io::Result<Self> {
        let folder = self.folder.with_extension(TAKEN);
        fs::rename(&self.folder, &folder)?;
        Ok(Self { folder, ..self })
    }

    /// Puts it where addresses find it.
    pub(super) fn show(self) -> io::Result<Self> {
        let folder = self.folder.with_extension("");
        fs::rename(&self.folder, &folder)?;
        Ok(Self { folder, ..self })
    }

    /// Takes its files away.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(self.folder)
    }
}

/// A folder that its owner alone may look into; as it is where it stands already. A link that stands
/// in its place leads elsewhere, and is none.
fn private(folder: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only there is a mode to set"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_folder(folder) => Ok(()),
        made => made,
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|own| own.is_dir())
}

/// Everything in the folder of stages; no link is followed.
fn stages(all: &Path) -> Vec<PathBuf> {
    if !is_folder(all) {
        return Vec::new();
    }
    let entries = fs::read_dir(all).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| is_folder(path)).collect()
}

/// Takes the oldest stages away, where there are too many.
fn forget(all: &Path) {
    let made = |path: &PathBuf| fs::metadata(path).and_then(|own| own.modified());
    let mut stages = stages(all);
    stages.sort_by_key(|path| made(path).unwrap_or(SystemTime::UNIX_EPOCH));
    for old in stages.iter().take((stages.len() + 1).saturating_sub(MOST)) {
        // What cannot be removed now is in nobody's way.
        let _ = fs::remove_dir_all(old);
    }
}

/// A name that leads nowhere: the last part of what a browser said, without what systems or terminals
/// take for more than a letter. The format of some exports is read from their names, so they stay.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_odd =
        |c: char| c.is_control() || "<>:\"|?*".contains(c) || crate::language::is_unseen(c);
    let name: String = last.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '~' | '$'));
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 8 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let stem = part_within(stem.as_ref(), NAME).to_string_lossy().into_owned();
    let stem = if stem.is_empty() { "export".to_owned() } else { stem };
    format!("{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_browsers_send_lead_nowhere() {
        for (said, kept) in [
            ("a.csv", "a.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\été 2026.xlsx", "été 2026.xlsx"),
            ("/abs/..", "export"),
            ("..", "export"),
            ("", "export"),
            (".hidden.csv", "hidden.csv"),
            ("~$open.xlsx", "open.xlsx"),
            ("a\0b\u{202e}c\n.csv", "a_b_c_.csv"),
            ("a:b|c?.csv", "a_b_c_.csv"),
        ] {
            assert_eq!(plain(said), kept, "{said:?}");
        }
        let long = plain(&format!("{}.csv", "é".repeat(400)));
        assert!(long.len() <= 180 && long.get(long.len() - 4..) == Some(".csv"), "{long}");
    }

    #[test]
    fn files_of_one_name_stand_side_by_side_and_old_stages_go() {
        let root = tempfile::tempdir().unwrap();
        let first = Stage::begin(root.path()).unwrap();
        assert!(Stage::of(root.path(), &first.id).is_none(), "half a file is no export");
        let first = first.show().unwrap();
        for _ in 0..3 {
            first.put("a.csv").unwrap();
        }
        let names = |stage: &Stage| {
            let files = stage.files();
            files.iter().map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&first), ["a (2).csv", "a (3).csv", "a.csv"]);
        let taken = Stage::of(root.path(), &first.id).unwrap().take().unwrap();
        assert!(Stage::of(root.path(), &first.id).is_none(), "nobody takes it twice");
        assert!(Stage::of(root.path(), &format!("{}.taken", first.id)).is_none());
        taken.show().unwrap();
        assert!(Stage::of(root.path(), &first.id).is_some());
        for _ in 0..MOST {
            Stage::begin(root.path()).unwrap();
        }
        assert!(Stage::of(root.path(), &first.id).is_none());
        assert_eq!(stages(&root.path().join(STAGES)).len(), MOST);
    }
}
