//! All rows in force as every question takes them: money given back taken off, and totals since
//! publication less their days.

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
    /// Reads the rows in force, with what was given back taken off what was spent, and totals since
    /// publication less their days.
    pub(crate) fn facts(&self) -> Result<Facts, HistoryError> {
        let (mut facts, places) = self.labels()?;
        self.read_rows(&mut facts, &places)?;
        facts.stored = facts.rows.len() as u64;
        lifetime::less_their_days(&mut facts);
        refund::take_off(&mut facts);
        Ok(facts)
    }
}
