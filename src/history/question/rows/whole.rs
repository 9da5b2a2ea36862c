//! All rows in force as every question takes them: money given back taken off, totals since
//! publication less their days, and what was promoted without what the ads exports tell of it.

use super::facts::{Facts, Source};
use super::refund;
use crate::history::error::HistoryError;
use crate::history::question::grain::lifetime;
use crate::history::store::open::History;
use crate::history::store::seal;

impl History {
    /// Reads the rows in force.
    pub(crate) fn facts(&self) -> Result<Facts, HistoryError> {
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Facts::default());
        }
        self.hold(&seal::ROWS)?;
        self.source().facts()
    }
}

impl Source<'_> {
    /// Reads the rows in force, each number once as far as rows alone tell.
    pub(crate) fn facts(&self) -> Result<Facts, HistoryError> {
        let (mut facts, places) = self.labels()?;
        self.read_rows(&mut facts, &places)?;
        facts.stored = facts.rows.len() as u64;
        lifetime::less_their_days(&mut facts);
        refund::take_off(&mut facts);
        facts.leave_told_twice();
        Ok(facts)
    }
}
