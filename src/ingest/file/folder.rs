//! The files that a person means when they name files and folders.

use std::path::{Path, PathBuf};

use crate::ingest::error::IngestError;

/// Endings of files that may be exports; a file named outright is tried whatever its ending.
const ENDINGS: [&str; 5] = ["csv", "tsv", "txt", "xlsx", "ods"];

/// Folders are followed this deep; links that go round in a circle end here.
const DEEPEST: usize = 16;

/// All files that the paths stand for: files as named, folders as the exports below them,
/// sorted. A file that is named twice is read once.
///
/// # Errors
///
/// [`IngestError`] when a path does not exist or a folder holds no export.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, IngestError> {
    let mut all: Vec<PathBuf> = Vec::new();
    for path in paths {
        let data = std::fs::metadata(path).map_err(|e| IngestError::unreadable(path, e))?;
        if !data.is_dir() && !data.is_file() {
            // It can be read once only, and a file is read three times.
            return Err(IngestError::NotATable { path: path.clone(), found: "pipe".to_owned() });
        }
        if data.is_file() {
            all.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        below(path, 0, &mut found)?;
        if found.is_empty() {
            return Err(IngestError::EmptyFolder(path.clone()));
        }
        found.sort();
        all.extend(found);
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|path| seen.insert(path.clone()));
    Ok(all)
}

fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), IngestError> {
    let unreadable = |e| IngestError::unreadable(folder, e);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                below(&path, depth + 1, found)?;
            }
        } else if has_known_ending(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// Dot files, and the lock files (`~$export.xlsx`) that an open workbook leaves beside itself.
fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with('.') || name.starts_with("~$"))
}

fn has_known_ending(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_the_exports_below_it_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("été 2026")).unwrap();
        for name in ["b.csv", "a.XLSX", "c.ods", "été 2026/c.csv", "notes.md", "~$a.xlsx", ".d.csv"]
        {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let found = files(&[folder.path().to_owned(), folder.path().join("b.csv")]).unwrap();
        let names: Vec<_> = found.iter().map(|p| p.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, ["a.XLSX", "b.csv", "c.ods", "été 2026/c.csv"].map(Path::new));
    }

    #[test]
    fn an_empty_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = files(&[folder.path().to_owned()]).unwrap_err();
        assert!(matches!(error, IngestError::EmptyFolder(_)));
        let error = files(&[folder.path().join("no.csv")]).unwrap_err();
        assert!(matches!(error, IngestError::Missing(_)));
    }
}
