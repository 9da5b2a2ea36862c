//! Whether a history tells that a test's schedule was followed, and which weeks then count.

use std::path::Path;

use jiff::civil::Date;

use super::elsewhere::Elsewhere;
use super::protocol::{Protocol, read_protocol};
use super::reading::{Reading, Rule, Unreadable, Verdict};
use super::table::read_schedule;
use crate::history::History;
use crate::language::{Explain, Language};
use crate::panel::{DesignedWeek, Panel};
use crate::random::Seed;

/// What a panel tells of a test.
#[derive(Debug)]
pub enum Followed {
    /// None of its money was spent.
    Nothing,
    /// It is under way: the last day that is known.
    UnderWay(Date),
    /// It is over: how its counts read, and the weeks whose money the schedule set and that were
    /// followed.
    Over(Reading, Vec<DesignedWeek>),
}

/// Days without money at the end of a test that is over all the same.
const IDLE_DAYS: i64 = 2;

/// The last day that a panel knows, where a test that lasts until `last` is under way.
#[must_use]
pub fn under_way(panel: &Panel, last: Date) -> Option<Date> {
    let over = last.saturating_sub(jiff::Span::new().days(IDLE_DAYS));
    panel.span().map(|span| span.end).filter(|known| *known < over)
}

impl Protocol {
    /// The last day of the test.
    #[must_use]
    pub fn last_day(&self) -> Date {
        self.weeks[self.tested_weeks - 1].end
    }

    /// What a panel of its audiences tells of it; the panel's money is the campaign's.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where its numbers are none.
    pub fn followed(&self, panel: &Panel) -> Result<Followed, Unreadable> {
        let outcome = self.outcome(panel, 0);
        if outcome.delivered.iter().flatten().all(|money| *money == 0.0) {
            return Ok(Followed::Nothing);
        }
        if let Some(known) = under_way(panel, self.last_day()) {
            return Ok(Followed::UnderWay(known));
        }
        let mut reading = self.experiment.read(&outcome)?;
        // What follows the whole blocks is no part of the test.
        reading.cells.retain(|cell| cell.week < self.tested_weeks);
        let designed = self.designed(&reading);
        Ok(Followed::Over(reading, designed))
    }
}

/// The weeks of a test that count as designed, as far as a history tells that it was followed: none
/// before it is over, and none of a broken one.
///
/// `file` is a test's own `experiment.json`, or the schedule of one designed elsewhere (`.csv`), which
/// is laid out over `panel`.
///
/// # Errors
///
/// Why the file is no test of this history, in the person's language.
pub fn designed_weeks(
    file: &Path,
    history: &History,
    panel: &Panel,
    (language, seed): (Language, Seed),
) -> Result<Vec<DesignedWeek>, String> {
    let read = if is_table(file) {
        let rows = read_schedule(file).map_err(|error| error.explain(language))?;
        let test = Elsewhere::new(&rows, panel);
        let test = test.map_err(|error| named(file, &error.explain(language)))?;
        let is_over = under_way(panel, test.last().sunday()).is_none();
        test.read(panel, &Rule::default(), seed).filter(|_| is_over)
    } else {
        let test = read_protocol(file).map_err(|error| error.explain(language))?;
        let own = history.panel(&test.campaign.of_history());
        let own = own.map_err(|error| error.explain(language))?.panel;
        let own = test.campaign.in_own_money(own).map_err(|error| error.explain(language))?;
        match test.followed(&own).map_err(|error| named(file, &error))? {
            Followed::Over(reading, designed) => Some((reading, designed)),
            Followed::Nothing | Followed::UnderWay(_) => None,
        }
    };
    let believed = read.filter(|(reading, _)| reading.verdict != Verdict::Broken);
    Ok(believed.map(|(_, designed)| designed).unwrap_or_default())
}

/// Refuses a file that is no test, before anything is learnt.
///
/// # Errors
///
/// Why, in the person's language.
pub fn check_test(file: &Path, language: Language) -> Result<(), String> {
    if is_table(file) {
        return read_schedule(file).map(drop).map_err(|error| error.explain(language));
    }
    read_protocol(file).map(drop).map_err(|error| error.explain(language))
}

fn is_table(file: &Path) -> bool {
    file.extension().is_some_and(|own| own.eq_ignore_ascii_case("csv"))
}

fn named(file: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", file.display())
}
