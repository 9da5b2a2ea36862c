//! From when the money of a history is.

use jiff::civil::Date;

use crate::history::day::{UNDATED, date_of};
use crate::history::error::HistoryError;
use crate::history::store::open::History;

impl History {
    /// First and last day of the rows with money, where they have dates.
    ///
    /// It is asked right after an import and says how old a history is, nothing that is counted: so
    /// that no large history is read for it, packed rows count by the days on which they begin, and
    /// what is stored is not held against its seal.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub(crate) fn paid_days(&self) -> Result<Option<(Date, Date)>, HistoryError> {
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(None);
        }
        let ends = |sql: &str| -> Result<Option<(i32, i32)>, HistoryError> {
            let both = self.store.query_row(sql, [UNDATED], |row| {
                Ok(row.get::<_, Option<i32>>(0)?.zip(row.get::<_, Option<i32>>(1)?))
            });
            both.map_err(|error| self.failure(&error))
        };
        let rows =
            ends("SELECT min(start), max(end) FROM row WHERE spend IS NOT NULL AND start > ?1")?;
        let packed = ends(
            "SELECT min(first_day), max(last_day) FROM block WHERE rows > 0 AND first_day > ?1",
        )?;
        let all = rows.into_iter().chain(packed).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        Ok(all.map(|(first, last)| (date_of(first), date_of(last))))
    }
}
