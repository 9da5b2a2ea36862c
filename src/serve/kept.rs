//! What was read of files, kept while they stay as they were.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// A file written less than this before it is read may be written again within the same tick of the
/// file system's clock, and is read anew at the next request.
const SETTLED: Duration = Duration::from_secs(2);

/// How a file looks from outside; `None` where there is none.
type Look = Option<(u64, Option<SystemTime>, (i64, i64, u64))>;

/// What was read, by what it was read from.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    most: u64,
    weigh: fn(u64) -> u64,
    all: Mutex<All<T>>,
}

#[derive(Debug)]
struct All<T> {
    asked: u64,
    entries: BTreeMap<PathBuf, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    looks: Vec<Look>,
    what: Arc<T>,
    weight: u64,
    last: u64,
}

impl<T> Kept<T> {
    /// Keeps at most so much: what was longest not asked for goes first. `weigh` tells the weight of
    /// what so many bytes of files became.
    pub(crate) fn new(most: u64, weigh: fn(u64) -> u64) -> Self {
        let all = All { asked: 0, entries: BTreeMap::new() };
        Self { most, weigh, all: Mutex::new(all) }
    }

    /// What `read` makes of these files; not read again while they are as they were.
    pub(crate) fn of<E>(
        &self,
        key: &Path,
        files: &[PathBuf],
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let looks = looks(files);
        if let Some(what) = self.locked().find(key, &looks) {
            return Ok(what);
        }
        let what = Arc::new(read()?);
        // Files that changed while they were read are read again.
        if is_settled(&looks) && looks == self::looks(files) {
            let bytes = looks.iter().flatten().map(|look| look.0).sum();
            self.keep(key, looks, &what, (self.weigh)(bytes));
        }
        Ok(what)
    }

    fn locked(&self) -> MutexGuard<'_, All<T>> {
        // Entries are put and taken whole.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, key: &Path, looks: Vec<Look>, what: &Arc<T>, weight: u64) {
        if weight > self.most {
            return;
        }
        let mut all = self.locked();
        let entry = Entry { looks, what: Arc::clone(what), weight, last: all.asked };
        all.entries.insert(key.to_owned(), entry);
        while all.weight() > self.most {
            all.forget_one();
        }
    }
}

impl<T> All<T> {
    fn find(&mut self, key: &Path, looks: &[Look]) -> Option<Arc<T>> {
        self.asked += 1;
        let entry = self.entries.get_mut(key).filter(|entry| entry.looks == looks)?;
        entry.last = self.asked;
        Some(Arc::clone(&entry.what))
    }

    fn weight(&self) -> u64 {
        self.entries.values().map(|entry| entry.weight).sum()
    }

    fn forget_one(&mut self) {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.entries.remove(&key);
        }
    }
}

fn looks(files: &[PathBuf]) -> Vec<Look> {
    let look = |own: Metadata| (own.len(), own.modified().ok(), changed(&own));
    files.iter().map(|path| fs::metadata(path).ok().map(look)).collect()
}

/// When the system last saw a change, and which file it is: an older date that somebody gave a file
/// hides neither.
#[cfg(unix)]
fn changed(own: &Metadata) -> (i64, i64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (own.ctime(), own.ctime_nsec(), own.ino())
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> (i64, i64, u64) {
    (0, 0, 0)
}

/// Whether a later change of any of them will show.
fn is_settled(looks: &[Look]) -> bool {
    let is_old = |date: SystemTime| date.elapsed().is_ok_and(|age| age > SETTLED);
    looks.iter().flatten().all(|look| look.1.is_some_and(is_old))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a file as if that had been ten seconds ago.
    fn put(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        let date = SystemTime::now() - Duration::from_secs(10);
        fs::File::options().write(true).open(path).unwrap().set_modified(date).unwrap();
    }

    /// Reads a file through what is kept, and counts that.
    fn read(kept: &Kept<String>, path: &Path, reads: &mut usize) -> String {
        let files = [path.to_owned()];
        let read = || fs::read_to_string(path).inspect(|_| *reads += 1);
        kept.of(path, &files, read)
            .map_or_else(|error| error.kind().to_string(), |own| (*own).clone())
    }

    #[test]
    fn a_file_is_read_once_and_a_change_is_seen_at_once() {
        let (folder, mut reads) = (tempfile::tempdir().unwrap(), 0);
        let (kept, file) = (Kept::new(100, |bytes| bytes), folder.path().join("a"));
        put(&file, "one");
        for _ in 0..3 {
            assert_eq!(read(&kept, &file, &mut reads), "one");
        }
        assert_eq!(reads, 1);
        put(&file, "two, longer");
        assert_eq!(read(&kept, &file, &mut reads), "two, longer");
        // Of the same length, just now: nothing shows whether it is written once more.
        for text in ["TWO, longer", "two, LONGER", "Two, Longer"] {
            fs::write(&file, text).unwrap();
            assert_eq!(read(&kept, &file, &mut reads), text);
        }
        assert_eq!(reads, 5);
        fs::remove_file(&file).unwrap();
        assert_eq!(read(&kept, &file, &mut reads), "entity not found");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_the_same_length_and_date_is_another_one() {
        let (folder, mut reads) = (tempfile::tempdir().unwrap(), 0);
        let (kept, file) = (Kept::new(100, |bytes| bytes), folder.path().join("a"));
        put(&file, "one");
        let date = fs::metadata(&file).unwrap().modified().unwrap();
        assert_eq!(read(&kept, &file, &mut reads), "one");
        let other = folder.path().join("b");
        put(&other, "two");
        fs::File::options().write(true).open(&other).unwrap().set_modified(date).unwrap();
        fs::rename(&other, &file).unwrap();
        assert_eq!(read(&kept, &file, &mut reads), "two");
    }

    #[test]
    fn what_was_longest_not_asked_for_goes_first() {
        let (folder, mut reads) = (tempfile::tempdir().unwrap(), 0);
        let kept = Kept::new(7, |bytes| bytes);
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| folder.path().join(name));
        for file in [&a, &b, &c] {
            put(file, "abc");
        }
        put(&d, "more than all");
        for file in [&a, &b, &a, &c, &a, &d, &a] {
            read(&kept, file, &mut reads);
        }
        assert_eq!(reads, 4, "`a` once");
        read(&kept, &b, &mut reads);
        read(&kept, &d, &mut reads);
        assert_eq!(reads, 6, "`b` went for `c`, `d` is never kept");
    }
}
