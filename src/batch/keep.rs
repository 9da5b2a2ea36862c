//! What is not relais's own in a folder that a newer result takes the place of.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::files;

use super::manifest::{MANIFEST, Manifest, digest, files_below, walk};

/// Folder below a result's own where files are kept whose name a newer result needs.
pub const EARLIER: &str = "earlier";

/// A promise somebody may have booked: kept although relais wrote it and can write it again.
const PROMISE: &str = "plan.json";

/// Gives everything in `old` that is somebody's work to `new` as well: a second name for the same
/// file, so that it is never without one.
///
/// Work is every file that relais did not write or that was changed since, and the plan. Where
/// `new` needs the name for a file of its own, the older one goes below [`EARLIER`].
///
/// # Errors
///
/// When a file cannot be linked, nor copied.
pub(super) fn bring(old: &Path, new: &Path, manifest: &Manifest) -> io::Result<()> {
    for (path, is_folder) in walk(old)? {
        if is_folder {
            keep_empty(old, &path, new)?;
        } else if is_work(old, &path, manifest) {
            keep(old, &path, new)?;
        }
    }
    Ok(())
}

/// Removes an older result whose place `new` has taken; what appeared in it meanwhile is brought
/// over first.
///
/// The manifest goes last, so that a cleaning cut short can be taken up again.
///
/// # Errors
///
/// When something can be neither kept nor removed; the rest of the older result is then still there.
pub(super) fn clean(old: &Path, new: &Path, manifest: &Manifest) -> io::Result<()> {
    bring(old, new, manifest)?;
    for path in files_below(old)? {
        if path != Path::new(MANIFEST) {
            remove(&old.join(path))?;
        }
    }
    for (path, is_folder) in walk(old)? {
        if is_folder {
            fs::remove_dir(old.join(path))?;
        }
    }
    remove(&old.join(MANIFEST))?;
    fs::remove_dir(old)
}

/// Gives what stands at `folder/file` a second name below [`EARLIER`], unless it has the content
/// of what will take its place.
///
/// # Errors
///
/// When it cannot be linked, nor copied.
pub(super) fn set_aside(folder: &Path, file: &Path, coming: &str) -> io::Result<()> {
    let is_file = fs::symlink_metadata(folder.join(file))?.is_file();
    if is_file && digest(&folder.join(file))? == coming {
        return Ok(());
    }
    keep_below(folder, file, folder, &aside(folder, file)?)
}

fn is_work(old: &Path, file: &Path, manifest: &Manifest) -> bool {
    file != Path::new(MANIFEST)
        && (file == Path::new(PROMISE) || !manifest.is_as_written(old, file))
}

/// A folder that somebody made and has not filled yet.
fn keep_empty(old: &Path, path: &Path, new: &Path) -> io::Result<()> {
    let is_empty = fs::read_dir(old.join(path))?.next().is_none();
    if is_empty && !is_there(&new.join(path)) { fs::create_dir_all(new.join(path)) } else { Ok(()) }
}

fn keep(old: &Path, file: &Path, new: &Path) -> io::Result<()> {
    let mut places = vec![file.to_owned()];
    places.extend(aside(old, file)?);
    keep_below(old, file, new, &places)
}

/// Gives a file the first of these places that is free or has the same content.
fn keep_below(old: &Path, file: &Path, new: &Path, places: &[PathBuf]) -> io::Result<()> {
    let from = old.join(file);
    for place in places {
        let to = new.join(place);
        if is_same(&from, &to) {
            return Ok(());
        }
        if make_parent(old, new, place).is_err() || is_there(&to) {
            continue;
        }
        return fs::hard_link(&from, &to).or_else(|_| copy(&from, &to));
    }
    let path = from.display().to_string();
    Err(io::Error::new(io::ErrorKind::AlreadyExists, path))
}

/// Names below [`EARLIER`] for a file: with the first digits of its digest, with more, with all.
fn aside(old: &Path, file: &Path) -> io::Result<Vec<PathBuf>> {
    let from = old.join(file);
    let is_file = fs::symlink_metadata(&from)?.is_file();
    let digits = if is_file { digest(&from)? } else { "0".repeat(64) };
    let name = |length: usize| {
        // What is no usual ending belongs to the name.
        let ending = file.extension().filter(|ending| ending.len() < 20);
        let stem = if ending.is_some() { file.file_stem() } else { file.file_name() };
        // All digits, the longest ending and that of a copy stay within what systems take.
        let mut name = files::part_within(stem.unwrap_or_default(), 160);
        name.push("-");
        name.push(&digits[..length]);
        if let Some(ending) = ending {
            name.push(".");
            name.push(ending);
        }
        Path::new(EARLIER).join(file.with_file_name(name))
    };
    Ok([8, 16, 32, 64].map(name).to_vec())
}

/// Makes the folder that `place` needs below `new`, as open or closed as the one in `old`.
fn make_parent(old: &Path, new: &Path, place: &Path) -> io::Result<()> {
    let Some(parent) = place.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    if new.join(parent).is_dir() {
        return Ok(());
    }
    make_parent(old, new, parent)?;
    fs::create_dir(new.join(parent))?;
    match fs::metadata(old.join(parent)) {
        Ok(like) if like.is_dir() => fs::set_permissions(new.join(parent), like.permissions()),
        _ => Ok(()),
    }
}

/// A copy, where the file system knows no second names.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = files::own_part(to.file_name().unwrap_or_default());
    name.push(".part");
    let part = to.with_file_name(name);
    fs::copy(from, &part)?;
    fs::rename(&part, to)
}

/// Whether two names stand for the same file, or for files of the same content.
fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(a), Ok(b)) = (fs::symlink_metadata(one), fs::symlink_metadata(other)) else {
        return false;
    };
    if files::is_one_file(&a, &b) {
        return true;
    }
    let files = a.is_file() && b.is_file() && a.len() == b.len();
    files && matches!((digest(one), digest(other)), (Ok(a), Ok(b)) if a == b)
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        ended => ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_names_have_a_place_below_earlier() {
        let home = tempfile::tempdir().unwrap();
        let long = |n: usize, ending: &str| "n".repeat(n - ending.len()) + ending;
        let usual = [long(255, ""), long(255, ".json"), long(230, ".json"), "é".repeat(127)];
        for name in usual.into_iter().chain([long(255, &format!(".{}", "e".repeat(240)))]) {
            let file = Path::new(&name);
            for content in ["first", "second"] {
                fs::write(home.path().join(file), content).unwrap();
                set_aside(home.path(), file, "").unwrap();
                fs::remove_file(home.path().join(file)).unwrap();
            }
            let kept = files_below(&home.path().join(EARLIER)).unwrap();
            let contents = kept.iter().map(|own| home.path().join(EARLIER).join(own));
            let mut contents: Vec<_> =
                contents.map(|own| fs::read_to_string(own).unwrap()).collect();
            contents.sort();
            assert_eq!(contents, ["first", "second"], "{name}");
            // Whatever digests begin alike, and where a copy has to do.
            fs::write(home.path().join(file), "third").unwrap();
            for place in aside(home.path(), file).unwrap() {
                assert!(place.extension() == file.extension() || name.len() > 240, "{place:?}");
                copy(&home.path().join(file), &home.path().join(&place)).unwrap();
            }
            copy(&home.path().join(file), &home.path().join("z".repeat(255))).unwrap();
            fs::remove_dir_all(home.path().join(EARLIER)).unwrap();
        }
    }
}
