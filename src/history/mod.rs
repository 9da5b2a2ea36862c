//! The store of everything ever imported, and the questions asked of it.
//!
//! One SQLite file with a rollback journal rather than a write-ahead log: it stays *one* file that
//! can be copied or mailed between commands, and it can be read from a folder without write
//! permission. Readers wait while an import commits; imports are short and rare.

#[cfg(test)]
mod damage;
mod day;
mod error;
mod label;
pub(crate) mod question;
pub mod row;
pub(crate) mod store;
pub mod stream;
#[cfg(test)]
mod tests;
pub mod told;

pub use self::error::HistoryError;

pub(crate) use self::label::Words;
pub use self::question::compare::{
    By, Change, CompareQuery, ComparedPeriod, Comparison, Doubt, Stretch,
};
pub use self::question::filter::{Field, Filter, FilterError, Measure};
pub use self::question::panel::{GrainUse, PanelReport};
pub use self::question::posts::{Post, PostQuery, Posts};
pub use self::question::rate::Rate;
pub use self::question::renamed::Renaming;
pub use self::question::rows::asked::PanelOptions;
pub use self::question::totals::Totals;
pub use self::question::weekly::{Audience, Weekly};
pub use self::store::import::{FileCounts, FileMeta, Import};
pub use self::store::journal::{JournalEntry, JournalFile, Undone};
pub use self::store::lowered::Lowered;
pub use self::store::part::Part;
pub use self::store::rename::{Rename, Renamed};
pub use store::open::History;
