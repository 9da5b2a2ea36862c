//! Weeks whose money a test's schedule had set, as a reading of the test marked them.

use rusqlite::{Connection, params};

use super::open::History;
use super::part::Part;
use crate::history::error::HistoryError;
use crate::panel::DesignedWeek;

impl History {
    /// Marks weeks as designed; how many were not before.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read or written.
    pub fn mark_designed(
        &mut self,
        weeks: &[DesignedWeek],
        noted_at: Option<&str>,
    ) -> Result<usize, HistoryError> {
        self.change_marks(
            weeks,
            "INSERT INTO designed (attributes, monday, noted_at) SELECT ?1, ?2, ?3 WHERE NOT EXISTS \
             (SELECT 1 FROM designed WHERE attributes = ?1 AND monday = ?2)",
            noted_at,
        )
    }

    /// Takes such marks away; how many there were.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read or written.
    pub fn unmark_designed(&mut self, weeks: &[DesignedWeek]) -> Result<usize, HistoryError> {
        let sql = "DELETE FROM designed WHERE attributes = ?1 AND monday = ?2 AND ?3 IS NULL";
        self.change_marks(weeks, sql, None)
    }

    fn change_marks(
        &mut self,
        weeks: &[DesignedWeek],
        sql: &str,
        noted_at: Option<&str>,
    ) -> Result<usize, HistoryError> {
        if self.is_blank()? {
            return Err(HistoryError::Nothing);
        }
        self.in_one(|own| {
            own.hold(&MARKS)?;
            let told = |error: rusqlite::Error| own.failure(&error);
            let mut statement = own.store.prepare(sql).map_err(told)?;
            let mut changed = 0;
            for week in weeks {
                let monday = week.week.monday().to_string();
                changed +=
                    statement.execute(params![names(week), monday, noted_at]).map_err(told)?;
            }
            Ok(changed)
        })
    }

    /// The weeks that are marked.
    pub(crate) fn designed(&self) -> Result<Vec<DesignedWeek>, HistoryError> {
        if self.is_blank()? {
            return Ok(Vec::new());
        }
        self.hold(&MARKS)?;
        stored(&self.store).map_err(|error| self.failure(&error))
    }
}

/// What the marks are read from.
const MARKS: [Part; 2] = [Part::Schema, Part::Designed];

/// Attributes as a JSON object, in the order of their names.
fn names(week: &DesignedWeek) -> String {
    serde_json::to_string(&week.attributes).expect("texts are JSON")
}

fn stored(store: &Connection) -> rusqlite::Result<Vec<DesignedWeek>> {
    if !Part::Designed.is_in(store)? {
        return Ok(Vec::new());
    }
    let mut statement = store.prepare("SELECT attributes, monday FROM designed ORDER BY id")?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut weeks = Vec::new();
    for row in rows {
        let (attributes, monday) = row?;
        // What the seal vouches for was written above.
        if let (Ok(attributes), Ok(week)) = (serde_json::from_str(&attributes), monday.parse()) {
            weeks.push(DesignedWeek { attributes, week });
        }
    }
    Ok(weeks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::PanelOptions;
    use crate::history::row::Level;
    use crate::history::tests::{CAMPAIGN, NET, history, import, row};
    use crate::segment::Attribute;

    #[test]
    fn marks_are_kept_told_by_the_panel_and_taken_back() {
        let (_folder, mut history) = history();
        // Four weeks from Monday 1 January 2024 on.
        let rows: Vec<_> =
            (0..28).map(|day| row(Level::Campaign, &[NET, CAMPAIGN], (day, day), "2")).collect();
        import(&mut history, "a", &rows);
        let options =
            PanelOptions { split_by: vec![Attribute::Network], ..PanelOptions::default() };
        let panel = history.panel(&options).unwrap().panel;
        let before = history.fingerprint().unwrap();
        let attributes = panel.segments[0].attributes.clone();
        let monday = |at: usize| panel.cells[at].period.unwrap().start.to_string();
        let marks: Vec<DesignedWeek> = [0, 2]
            .map(|at| DesignedWeek {
                attributes: attributes.clone(),
                week: monday(at).parse().unwrap(),
            })
            .into();
        assert_eq!(history.mark_designed(&marks, Some("today")).unwrap(), 2);
        assert_eq!(history.mark_designed(&marks, Some("later")).unwrap(), 0);
        let designed = |history: &History| -> Vec<bool> {
            let panel = history.panel(&options).unwrap().panel;
            panel.cells.iter().map(|cell| cell.designed).collect()
        };
        assert_eq!(designed(&history), [true, false, true, false]);
        assert_ne!(history.fingerprint().unwrap(), before, "another model is learnt from it");
        assert_eq!(history.unmark_designed(&marks).unwrap(), 2);
        assert_eq!(designed(&history), [false; 4]);
        assert_eq!(history.fingerprint().unwrap(), before);
    }
}
