//! Files that are whole or not there: written under a name beside their own, synced, then renamed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

/// What a file under way is called: its own name with this at the end.
const UNDER_WAY: &str = ".part";

/// Writes a file in place of whatever bears its name: whole or not at all.
///
/// # Errors
///
/// What the system said; the file is then as it was.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Aside::write(path, |out| out.write_all(bytes))?.place(path)
}

/// Writes the file that a person named, whole or not at all: where the name is a link, the file that
/// it leads to; a pipe or a device as it comes, because there is nothing to rename.
///
/// # Errors
///
/// What the system or `write` said; the file is then as it was.
pub fn put_named(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file() && !there.is_dir()) {
        let mut out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    // A link stays one: the file that it leads to is written.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    Aside::write(&path, write)?.place(&path)
}

/// Writes a file where there is none yet: whole or not at all.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`], or what the system said.
pub fn put_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    Aside::write(path, |out| out.write_all(bytes))?.place_new(path)
}

/// Opens a file, or a pipe, to read it; a device has no end and is refused.
///
/// # Errors
///
/// What the system said; [`io::ErrorKind::NotSeekable`] for a device.
pub fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let is = file.metadata()?;
    if is.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if is.is_file() || is_pipe(&is) { Ok(file) } else { Err(io::ErrorKind::NotSeekable.into()) }
}

/// Refuses what gives its content only once: a pipe or a device.
///
/// # Errors
///
/// What the system said; [`io::ErrorKind::NotSeekable`] for what is no file.
pub fn must_stay(path: &Path) -> io::Result<()> {
    let is = fs::metadata(path)?;
    if is.is_file() || is.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotSeekable.into()) }
}

/// Reads a whole file of at most so many bytes.
///
/// # Errors
///
/// As [`open`]; [`io::ErrorKind::FileTooLarge`].
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = open(path)?;
    bytes.reserve_exact(file.metadata()?.len().min(most) as usize);
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Reads a whole text of at most so many bytes.
///
/// # Errors
///
/// As [`read`]; [`io::ErrorKind::InvalidData`] for what is no UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// No text that a person writes is larger, in bytes.
pub const LARGEST_TEXT: u64 = 16 << 20;

/// No result of relais is larger, in bytes.
pub const LARGEST_RESULT: u64 = 1 << 30;

#[cfg(unix)]
fn is_pipe(is: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    is.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    false
}

/// A file under a name beside its own, written and synced; gone again unless it gets a name.
#[derive(Debug)]
pub(crate) struct Aside {
    at: Option<PathBuf>,
    /// Held open: its lock makes others who write the same file wait.
    held: Option<File>,
    digest: String,
}

impl Aside {
    /// Writes everything beside `path`, as open or closed as what stands there.
    ///
    /// # Errors
    ///
    /// What the system or `write` said; nothing is left behind.
    pub(crate) fn write(
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Self> {
        let (file, mut aside) = begin(beside(path)?)?;
        if let Ok(like) = fs::metadata(path) {
            file.set_permissions(like.permissions())?;
        }
        let mut out = BufWriter::with_capacity(1 << 16, Hashing { out: file, sha: Sha256::new() });
        write(&mut out)?;
        let Hashing { out: file, sha } =
            out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        aside.digest = hex(&sha.finalize());
        Ok(aside)
    }

    /// SHA-256 of what was written.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Gives it its name, in place of what bears it.
    ///
    /// # Errors
    ///
    /// What the system said; what bears the name is then as it was.
    pub(crate) fn place(mut self, path: &Path) -> io::Result<()> {
        if let Some(at) = &self.at {
            fs::rename(at, path)?;
        }
        self.at = None;
        sync_folder(path);
        Ok(())
    }
}

impl Aside {
    /// Gives it a name that nothing bears.
    fn place_new(self, path: &Path) -> io::Result<()> {
        let Some(at) = &self.at else { return Ok(()) };
        match fs::hard_link(at, path) {
            Ok(()) => {
                sync_folder(path);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // A file system without second names.
            Err(_) => self.place(path),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(at) = &self.at {
            // The first trouble is the one to tell.
            let _ = fs::remove_file(at);
        }
    }
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    };
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let mut name = own_part(name);
    name.push(UNDER_WAY);
    Ok(path.with_file_name(name))
}

/// What stands for a name in the names beside it: itself, or where these would be longer than file
/// systems take (255 bytes), its beginning and a digest.
pub(crate) fn own_part(name: &OsStr) -> OsString {
    // Beside it stand a number of at most 20 digits, an ending and some points.
    part_within(name, 220)
}

/// A name, or its beginning and a digest where it is longer than so many bytes.
pub(crate) fn part_within(name: &OsStr, room: usize) -> OsString {
    if name.len() <= room {
        return name.to_owned();
    }
    let digest = hex(&Sha256::digest(name.as_encoded_bytes())[..8]);
    let text = name.to_string_lossy();
    let start = &text[..text.floor_char_boundary(room - 1 - digest.len())];
    format!("{start}~{digest}").into()
}

/// An empty file under this name, held against others who write the same one: they wait. What a
/// killed process left there is begun again.
fn begin(at: PathBuf) -> io::Result<(File, Aside)> {
    loop {
        let there = fs::symlink_metadata(&at).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            // A link or a pipe of this name is nothing that relais left.
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&at)?;
        let mut aside = Aside { at: None, held: None, digest: String::new() };
        match file.lock() {
            // Not every file system has locks; such a one is seldom shared.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => {
                // One that was there may be another's, who writes it.
                aside.at = there.is_none().then_some(at);
                return Err(error);
            }
            _ => {}
        }
        // Whoever held it may have given it its name meanwhile.
        if is_named(&file, &at) {
            aside.at = Some(at);
            file.set_len(0)?;
            aside.held = Some(file.try_clone()?);
            return Ok((file, aside));
        }
    }
}

#[cfg(unix)]
fn is_named(file: &File, at: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(at)) else { return false };
    is_one_file(&open, &named)
}

#[cfg(not(unix))]
fn is_named(_: &File, at: &Path) -> bool {
    at.is_file()
}

/// Whether two descriptions are of one file, under one name or several.
#[cfg(unix)]
pub(crate) fn is_one_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two descriptions are of one file; not known here.
#[cfg(not(unix))]
pub(crate) fn is_one_file(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    false
}

/// Whether two names lead to one file; where neither leads to any, whether they are one place.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(a), Ok(b)) = (fs::metadata(one), fs::metadata(other)) {
        return is_one_file(&a, &b);
    }
    match (settled(one), settled(other)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// A path without links and dots, of something that need not be there yet.
fn settled(path: &Path) -> io::Result<PathBuf> {
    if let Ok(whole) = fs::canonicalize(path) {
        return Ok(whole);
    }
    let path = std::path::absolute(path)?;
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(parent)), Some(name)) => Ok(parent.join(name)),
        _ => Ok(path),
    }
}

/// The way from a folder to a path, by their names alone: neither needs to exist, and no link is
/// followed.
///
/// # Errors
///
/// When the working folder is not known.
pub(crate) fn way(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let steps = |path: &Path| -> io::Result<Vec<OsString>> {
        let mut steps = Vec::new();
        for step in std::path::absolute(path)?.components() {
            match step {
                Component::ParentDir => drop(steps.pop()),
                Component::CurDir => {}
                named => steps.push(named.as_os_str().to_owned()),
            }
        }
        Ok(steps)
    };
    let (from, to) = (steps(folder)?, steps(path)?);
    let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = std::iter::repeat_n(OsStr::new(".."), from.len() - shared);
    let way: PathBuf = up.chain(to[shared..].iter().map(OsString::as_os_str)).collect();
    Ok(if way.as_os_str().is_empty() { PathBuf::from(".") } else { way })
}

/// The folder that a file is in; the one where the program runs for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes sure that what a file holds is on the disk.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    // Windows does it only for who may write.
    if cfg!(windows) && fs::metadata(path)?.permissions().readonly() {
        return Ok(());
    }
    OpenOptions::new().read(true).write(cfg!(windows)).open(path)?.sync_all()
}

/// Makes sure that a new name is on the disk too, where folders can be synced.
fn sync_folder(path: &Path) {
    if let Ok(folder) = File::open(folder_of(path)) {
        // The file is whole already; a file system that cannot do this keeps names its own way.
        let _ = folder.sync_all();
    }
}

/// Hears what is written.
struct Hashing<W> {
    out: W,
    sha: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.sha.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_cannot_be_finished_leaves_the_old_file_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("model.json");
        put(&path, b"old").unwrap();
        let broken = put_named(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(broken.unwrap_err().to_string(), "the disk is full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(home.path()), ["model.json"]);
        // What a killed process left is begun again.
        fs::write(home.path().join("model.json.part"), "much longer than what is written").unwrap();
        put(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(home.path()), ["model.json"]);
    }

    #[test]
    fn the_longest_names_have_names_beside_them() {
        let home = tempfile::tempdir().unwrap();
        for name in ["n".repeat(255), "é".repeat(127), format!("{}.json", "m".repeat(250))] {
            let path = home.path().join(&name);
            put(&path, b"old").unwrap();
            put_named(&path, |out| out.write_all(b"new")).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new");
            fs::remove_file(path).unwrap();
        }
        assert_eq!(names(home.path()), [""; 0]);
        let long = |last: &str| own_part(OsStr::new(&format!("{}{last}", "n".repeat(240))));
        assert_ne!(long("a"), long("b"));
    }

    #[test]
    fn many_writers_of_one_file_leave_one_of_theirs() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("plan.json");
        let texts: Vec<Vec<u8>> = (0..8).map(|k| vec![b'a' + k; 300_000]).collect();
        std::thread::scope(|scope| {
            for text in &texts {
                scope.spawn(|| (0..20).for_each(|_| put(&path, text).unwrap()));
            }
        });
        assert!(texts.contains(&fs::read(&path).unwrap()));
        assert_eq!(names(home.path()), ["plan.json"]);
    }

    #[test]
    fn a_new_file_replaces_none() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("campaign.toml");
        put_new(&path, b"first").unwrap();
        let refused = put_new(&path, b"second").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(home.path()), ["campaign.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_stranger_under_the_name_aside_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let (real, link) = (home.path().join("real.json"), home.path().join("link.json"));
        put(&real, b"old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        put_named(&link, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        // A link where the file would be written aside leads to something of somebody else's.
        std::os::unix::fs::symlink(&real, home.path().join("plan.json.part")).unwrap();
        assert!(put(&home.path().join("plan.json"), b"plan").is_err());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(is_same(&real, &link));
        assert!(!is_same(&real, &home.path().join("none.json")));
        assert!(is_same(&home.path().join("none"), &home.path().join(".").join("none")));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_who_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("model.json");
        put(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        put(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
