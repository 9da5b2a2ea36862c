//! Whether the file that was opened still has its name.
//!
//! SQLite notices by itself when a file with something in it has lost its name, but not when an
//! empty one has: it would store into a file that nobody finds again.

use std::path::Path;

/// The file that had a name at some moment.
///
/// Held until dropped, so that no other file gets its number. Not opened for reading: closing a
/// file that was gives back all locks that the process has on it, those of other connections too.
#[derive(Debug)]
pub(crate) struct Named {
    #[cfg(target_os = "linux")]
    held: Option<std::os::fd::OwnedFd>,
    #[cfg(all(unix, not(target_os = "linux")))]
    number: Option<(u64, u64)>,
}

#[cfg(target_os = "linux")]
impl Named {
    pub(crate) fn of(path: &Path) -> Self {
        use rustix::fs::{Mode, OFlags, open};
        Self { held: open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok() }
    }

    /// Whether the name still stands for it. A file that has lost its name never has it again, so
    /// that whatever was opened by the name meanwhile is it too.
    pub(crate) fn is_named(&self, path: &Path) -> bool {
        let number = |stat: rustix::fs::Stat| (stat.st_dev, stat.st_ino);
        let held = self.held.as_ref().and_then(|held| rustix::fs::fstat(held).ok()).map(number);
        held.is_some() && held == rustix::fs::stat(path).ok().map(number)
    }

    /// Whether there was such a file, and the name stands for it no longer.
    pub(crate) fn is_lost(&self, path: &Path) -> bool {
        self.held.is_some() && !self.is_named(path)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
impl Named {
    pub(crate) fn of(path: &Path) -> Self {
        Self { number: Self::number(path) }
    }

    /// Whether the name still stands for it; a file that was removed and whose number another one
    /// has got meanwhile is not told apart.
    pub(crate) fn is_named(&self, path: &Path) -> bool {
        self.number.is_some() && self.number == Self::number(path)
    }

    /// Whether there was such a file, and the name stands for it no longer.
    pub(crate) fn is_lost(&self, path: &Path) -> bool {
        self.number.is_some() && !self.is_named(path)
    }

    fn number(path: &Path) -> Option<(u64, u64)> {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
}

#[cfg(not(unix))]
impl Named {
    pub(crate) fn of(_: &Path) -> Self {
        Self {}
    }

    /// A file that somebody has open cannot be removed here.
    pub(crate) fn is_named(&self, _: &Path) -> bool {
        true
    }

    pub(crate) fn is_lost(&self, _: &Path) -> bool {
        false
    }
}
