//! A result folder that is either whole or not there, and that takes nobody's place but its own.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use super::keep;
use super::manifest::{self, Manifest};
use crate::files::{Aside, folder_of, own_part};
use crate::language::{Explain, Language};

/// Stands in a folder that is being filled: nothing below it is anybody's only copy.
const UNFINISHED: &str = ".relais-unfinished";
/// How the name of a folder ends that is being filled, or whose place was just taken.
const WORKING: &str = ".partial";
/// How the name of an older result ends for the moment between two renames.
const ASIDE: &str = ".old";

/// Why a folder cannot take a result.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Something stands there that relais did not make.
    #[error("`{folder}` is not a result of relais: `{entry}` stands in it")]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// The first thing in it, by name.
        entry: String,
    },
    /// A file, or something else that is no folder.
    #[error("`{path}` is not a folder")]
    NotAFolder {
        /// What it was to be.
        path: PathBuf,
    },
    /// A link to nowhere.
    #[error("`{path}` is a link that leads nowhere")]
    Nowhere {
        /// The link.
        path: PathBuf,
    },
    /// A campaign file's own folder leads out of the folder that the file is in.
    #[error("`folder = \"{folder}\"` leads out of `{home}`")]
    Outside {
        /// The folder it asks for.
        folder: PathBuf,
        /// The folder of the campaign file.
        home: PathBuf,
    },
    /// A file that relais did not write stands where one of its own would go.
    #[error("`{path}` was not written by relais, or was changed since")]
    NotOurFile {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("`{path}`: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FolderError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl Explain for FolderError {
    fn explain(&self, language: Language) -> String {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::NotOurs { folder, entry } => {
                language.say("error-folder-not-ours", &[("path", &shown(folder)), ("entry", entry)])
            }
            Self::NotAFolder { path } => {
                language.say("error-folder-not-a-folder", &[("path", &shown(path))])
            }
            Self::Nowhere { path } => {
                language.say("error-folder-nowhere", &[("path", &shown(path))])
            }
            Self::Outside { folder, home } => language
                .say("error-folder-outside", &[("folder", &shown(folder)), ("home", &shown(home))]),
            Self::NotOurFile { path } => {
                language.say("error-folder-not-our-file", &[("path", &shown(path))])
            }
            Self::Io { path, source } => language.say(
                "error-folder-io",
                &[("path", &shown(path)), ("cause", &language.cause(source))],
            ),
        }
    }
}

/// What stands where a result is to go.
#[derive(Debug)]
enum Place {
    /// Nothing, or a folder with nothing in it.
    Free,
    /// A result of relais.
    Ours(Manifest),
}

/// A folder under a temporary name, which takes its own when everything is in it.
///
/// Dropped without [`WorkFolder::finish`], it removes itself: an interrupted run leaves no
/// half-written result. What a killed one leaves is removed by the next [`WorkFolder::beside`].
#[derive(Debug)]
pub struct WorkFolder {
    working: PathBuf,
    target: PathBuf,
    /// Held locked, so that another run does not take this folder for a killed one's.
    lock: Option<fs::File>,
    finished: bool,
}

impl WorkFolder {
    /// Makes an empty folder beside `target` (beside what it leads to, where it is a link).
    ///
    /// # Errors
    ///
    /// [`FolderError`] when a result cannot go there, or the folder cannot be made.
    pub fn beside(target: &Path) -> Result<Self, FolderError> {
        let target = followed(target)?;
        look(&target)?;
        let told = FolderError::io(&target);
        Self::make(target.clone()).map_err(told)
    }

    fn make(target: PathBuf) -> io::Result<Self> {
        let parent = folder_of(&target);
        fs::create_dir_all(parent)?;
        let _alone = lock(parent);
        clean_up(&target)?;
        let numbers = std::iter::successors(Some(u64::from(std::process::id())), |n| Some(n + 1));
        for number in numbers {
            let working =
                target.with_file_name(working_name(&target, &number.to_string(), WORKING));
            match fs::create_dir(&working) {
                Ok(()) => {
                    let lock = lock(&working);
                    fs::write(working.join(UNFINISHED), "")?;
                    return Ok(Self { working, target, lock, finished: false });
                }
                // Another job of this process, or what an older relais left.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        unreachable!("numbers do not run out")
    }

    /// Where to write.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.working
    }

    /// Puts the folder in its place, with a manifest of everything in it and the fingerprint of
    /// its inputs.
    ///
    /// An older result is exchanged for it in one step, so that at no moment a reader finds a
    /// mixture or nothing; what is not relais's own is in both at that moment. Where the file
    /// system knows no exchange, the older result steps aside first, and a run that is killed just
    /// then is put right by the next.
    ///
    /// # Errors
    ///
    /// [`FolderError`] when something that is not ours has come to stand there, or the system
    /// refuses; the older result is then still there.
    pub fn finish(mut self, inputs: &str) -> Result<PathBuf, FolderError> {
        let told = |source| FolderError::Io { path: self.target.clone(), source };
        let mut ours = Manifest::of_folder(&self.working, Some(inputs)).map_err(told)?;
        ours.forget(Path::new(UNFINISHED));
        ours.write(&self.working).map_err(told)?;
        let _alone = lock(folder_of(&self.target));
        let before = look(&self.target)?;
        match &before {
            Place::Free => fs::rename(&self.working, &self.target).map_err(told)?,
            Place::Ours(manifest) => {
                as_open_as(&self.target, &self.working).map_err(told)?;
                keep::bring(&self.target, &self.working, manifest).map_err(told)?;
                exchange(&self.working, &self.target).map_err(told)?;
            }
        }
        self.finished = true;
        sync(folder_of(&self.target));
        // The result is in its place: what cannot be tidied now is left to the next run.
        let _ = fs::remove_file(self.target.join(UNFINISHED));
        if let Place::Ours(manifest) = &before {
            let _ = keep::clean(&self.working, &self.target, manifest);
        }
        Ok(self.target.clone())
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing more can be done about a folder that cannot be removed.
            let _ = remove_unfinished(&self.working);
        }
        self.lock = None;
    }
}

/// Whether `target` holds a whole result made from exactly these inputs, and nobody has changed
/// what relais reads from it again. Pages and tables may have been.
#[must_use]
pub fn is_done(target: &Path, inputs: &str) -> bool {
    Manifest::read(target).is_some_and(|manifest| {
        manifest.is_from(inputs) && manifest.is_whole(target) && manifest.can_be_read_again(target)
    })
}

/// Whether a result can go to `target`; what a killed run left beside it is cleaned up.
///
/// # Errors
///
/// [`FolderError`], naming what stands there.
pub fn check(target: &Path) -> Result<(), FolderError> {
    let target = followed(target)?;
    let told = FolderError::io(&target);
    let _alone = lock(folder_of(&target));
    clean_up(&target).map_err(told)?;
    look(&target).map(|_| ())
}

/// Whether a campaign file's own folder stays in the folder of the file, links followed.
///
/// # Errors
///
/// [`FolderError::Outside`] when it does not.
pub fn check_inside(folder: &Path, campaign: &Path) -> Result<(), FolderError> {
    let home = folder_of(campaign);
    if whereabouts(folder).starts_with(whereabouts(home)) {
        return Ok(());
    }
    Err(FolderError::Outside { folder: folder.to_owned(), home: home.to_owned() })
}

/// Where a path leads that may not be there yet: links followed as far as it is.
#[must_use]
pub fn whereabouts(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut place = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                place.pop();
            }
            part => place.push(part),
        }
        if let Ok(real) = fs::canonicalize(&place) {
            place = real;
        }
    }
    place
}

/// How a command writes single files of its own into a folder.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Whether the folder's manifest lists them.
    pub listing: Listing,
    /// A file that the command writes by other means, listed as well.
    pub also: Option<&'static str>,
    /// Whether an older one is kept below [`keep::EARLIER`] even where relais wrote it.
    pub keeps_older: bool,
    /// Whether relais knows a file of that name by its content.
    pub is_ours: fn(&Path) -> bool,
}

/// Whether a folder's manifest lists what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Always: the folder is the command's own.
    Always,
    /// Where the folder is new, empty or has a manifest.
    InOurs,
    /// Never: a later run keeps it as it keeps what others wrote.
    Never,
}

/// Writes files of relais's own into a folder, all of them or, where one is refused, none.
///
/// In a folder that is new, empty or ours, whatever else has the name of one is kept below
/// [`keep::EARLIER`]; in any other folder it is refused, unless it is known by its content.
///
/// # Errors
///
/// [`FolderError::NotOurFile`], or what the system says.
pub fn put(
    folder: &Path,
    files: &[(PathBuf, Vec<u8>)],
    own: &Own,
) -> Result<Vec<PathBuf>, FolderError> {
    let mut shelf = Shelf::of(folder, own)?;
    for (file, bytes) in files {
        shelf.check(file, &manifest::digest_of(bytes))?;
    }
    // All are written before the first takes its name: a disk that fills up meanwhile leaves the
    // older ones, not a mixture.
    let written = files.iter().map(|(file, bytes)| {
        let path = folder.join(file);
        let aside = fs::create_dir_all(folder_of(&path))
            .and_then(|()| Aside::write(&path, |out| out.write_all(bytes)));
        Ok((aside.map_err(FolderError::io(&path))?, path))
    });
    let written: Vec<(Aside, PathBuf)> = written.collect::<Result<_, _>>()?;
    for ((file, _), (aside, _)) in files.iter().zip(&written) {
        shelf.make_way(file, aside.digest())?;
    }
    shelf.write_manifest()?;
    let place = |(aside, path): (Aside, PathBuf)| {
        aside.place(&path).map_err(FolderError::io(&path))?;
        Ok(path)
    };
    written.into_iter().map(place).collect()
}

/// Writes one file as [`put`] does, without ever holding all of it.
///
/// # Errors
///
/// As [`put`].
pub fn put_large(
    folder: &Path,
    file: &Path,
    own: &Own,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<PathBuf, FolderError> {
    let path = folder.join(file);
    let mut shelf = Shelf::of(folder, own)?;
    shelf.check(file, "")?;
    fs::create_dir_all(folder_of(&path)).map_err(FolderError::io(&path))?;
    let aside = Aside::write(&path, write).map_err(FolderError::io(&path))?;
    shelf.make_way(file, aside.digest())?;
    shelf.write_manifest()?;
    aside.place(&path).map_err(FolderError::io(&path))?;
    Ok(path)
}

/// A folder that takes single files.
struct Shelf<'a> {
    folder: &'a Path,
    own: &'a Own,
    /// What the folder says of itself; `None` where it is somebody else's.
    manifest: Option<Manifest>,
    /// What it will say.
    listed: Manifest,
}

impl<'a> Shelf<'a> {
    fn of(folder: &'a Path, own: &'a Own) -> Result<Self, FolderError> {
        let is_new = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if manifest::is_absent(&error) => true,
            Err(error) => return Err(FolderError::io(folder)(error)),
        };
        let manifest = if is_new { Some(Manifest::default()) } else { manifest_of(folder)? };
        Ok(Self { folder, own, listed: manifest.clone().unwrap_or_default(), manifest })
    }

    /// Whether what stands in a file's place was written by relais; `true` where nothing does.
    fn is_ours(&self, file: &Path) -> bool {
        let path = self.folder.join(file);
        let Ok(there) = fs::symlink_metadata(&path) else { return true };
        self.manifest.as_ref().is_some_and(|listed| listed.is_as_written(self.folder, file))
            || there.is_file() && (self.own.is_ours)(&path)
    }

    /// Whether a file of this content may be written.
    fn check(&self, file: &Path, digest: &str) -> Result<(), FolderError> {
        let path = self.folder.join(file);
        let is_same = || manifest::digest(&path).is_ok_and(|found| found == digest);
        if self.manifest.is_some() || self.is_ours(file) || is_same() {
            return Ok(());
        }
        Err(FolderError::NotOurFile { path })
    }

    /// Keeps what stands in a file's place where it must be kept, and lists the file.
    fn make_way(&mut self, file: &Path, digest: &str) -> Result<(), FolderError> {
        let path = self.folder.join(file);
        let is_there = fs::symlink_metadata(&path).is_ok();
        if is_there && (self.own.keeps_older || !self.is_ours(file)) {
            keep::set_aside(self.folder, file, digest).map_err(FolderError::io(&path))?;
        }
        self.listed.list(file, digest);
        Ok(())
    }

    fn write_manifest(&self) -> Result<(), FolderError> {
        let lists = match self.own.listing {
            Listing::Always => true,
            Listing::InOurs => self.manifest.is_some(),
            Listing::Never => false,
        };
        if !lists {
            return Ok(());
        }
        let mut listed = self.listed.clone();
        if let Some(also) = self.own.also {
            // Its content changes by what is asked of it, so no digest tells whose it is.
            listed.list(Path::new(also), "");
        }
        let written = fs::create_dir_all(self.folder).and_then(|()| listed.write(self.folder));
        written.map_err(FolderError::io(self.folder))
    }
}

/// Whether the manifest of a folder lists this file, changed since or not.
#[must_use]
pub fn lists(folder: &Path, file: &Path) -> bool {
    Manifest::read(folder).is_some_and(|manifest| manifest.lists(file))
}

/// The manifest of a folder, where relais wrote one.
fn manifest_of(folder: &Path) -> Result<Option<Manifest>, FolderError> {
    Manifest::look(folder).map_err(FolderError::io(&folder.join(manifest::MANIFEST)))
}

fn look(target: &Path) -> Result<Place, FolderError> {
    let entries = match fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::Free),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(FolderError::NotAFolder { path: target.to_owned() });
        }
        Err(error) => return Err(FolderError::io(target)(error)),
    };
    let names: io::Result<Vec<OsString>> =
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let first = names.map_err(FolderError::io(target))?.into_iter().min();
    let Some(first) = first else { return Ok(Place::Free) };
    let ours = manifest_of(target)?.map(Place::Ours);
    let entry = first.to_string_lossy().into_owned();
    ours.ok_or_else(|| FolderError::NotOurs { folder: target.to_owned(), entry })
}

/// The folder that a link leads to; any other path as it is.
fn followed(target: &Path) -> Result<PathBuf, FolderError> {
    let is_link = fs::symlink_metadata(target).is_ok_and(|meta| meta.is_symlink());
    if !is_link && target.file_name().is_some() {
        return Ok(target.to_owned());
    }
    fs::canonicalize(target).map_err(|_| FolderError::Nowhere { path: target.to_owned() })
}

fn working_name(target: &Path, number: &str, ending: &str) -> OsString {
    let mut name = OsString::from(".");
    name.push(own_part(target.file_name().unwrap_or_default()));
    name.push(".");
    name.push(number);
    name.push(ending);
    name
}

/// Locks a folder until the answer is dropped; `None` where folders cannot be locked.
fn lock(folder: &Path) -> Option<fs::File> {
    let file = fs::File::open(folder).ok()?;
    file.lock().ok().map(|()| file)
}

/// Makes sure that a folder's names are on the disk, where the system can.
fn sync(folder: &Path) {
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
}

/// Gives `new` the permissions of `old`; an older result that is closed to us is not replaced.
fn as_open_as(old: &Path, new: &Path) -> io::Result<()> {
    let permissions = fs::metadata(old)?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    fs::set_permissions(new, permissions)
}

/// Cleans up what killed runs left beside `target`. The caller holds the lock of its folder.
fn clean_up(target: &Path) -> io::Result<()> {
    // Where the folder is gone or closed, there is nothing to clean up.
    let Ok(entries) = fs::read_dir(folder_of(target)) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| is_left(name, target))
            && fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir())
            && let Ok(folder) = fs::File::open(&path)
            && folder.try_lock().is_ok()
        {
            clean_up_one(&path, target)?;
        }
    }
    if fs::symlink_metadata(target.join(UNFINISHED)).is_ok() && Manifest::read(target).is_some() {
        fs::remove_file(target.join(UNFINISHED))?;
    }
    Ok(())
}

/// Whether a name is that of a working folder for `target`.
fn is_left(name: &std::ffi::OsStr, target: &Path) -> bool {
    let name = name.to_string_lossy();
    let own = own_part(target.file_name().unwrap_or_default());
    let own = own.to_string_lossy();
    let number = name
        .strip_prefix('.')
        .and_then(|name| name.strip_prefix(&*own))
        .and_then(|name| name.strip_prefix('.'))
        .and_then(|name| name.strip_suffix(WORKING).or_else(|| name.strip_suffix(ASIDE)));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Removes a folder that never came to its place: all of it was written by relais, or has another
/// name. The mark goes last, so that a removal cut short can be taken up again.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == UNFINISHED {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_file(folder.join(UNFINISHED))?;
    fs::remove_dir(folder)
}

fn clean_up_one(left: &Path, target: &Path) -> io::Result<()> {
    if fs::symlink_metadata(left.join(UNFINISHED)).is_ok() {
        return remove_unfinished(left);
    }
    let Some(manifest) = Manifest::read(left) else {
        // The last step of a cleaning cut short, or of a making; or none of ours, then not empty.
        let _ = fs::remove_dir(left);
        return Ok(());
    };
    match look(target) {
        // Killed between two renames: the older result is the result.
        Ok(Place::Free) => fs::rename(left, target),
        Ok(Place::Ours(_)) => keep::clean(left, target, &manifest),
        // Somebody else's folder stands there now, which is refused anyhow.
        Err(_) => Ok(()),
    }
}

/// Exchanges two folders in one step, where the system can; otherwise the older steps aside first.
fn exchange(working: &Path, target: &Path) -> io::Result<()> {
    if exchange_at_once(working, target).is_ok() {
        return Ok(());
    }
    let aside = working.with_extension(&ASIDE[1..]);
    fs::rename(target, &aside)?;
    if let Err(error) = fs::rename(working, target) {
        fs::rename(&aside, target)?;
        return Err(error);
    }
    // The result is in its place; the next run finds the older one under either name.
    let _ = fs::rename(&aside, working);
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange_at_once(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange_at_once(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
