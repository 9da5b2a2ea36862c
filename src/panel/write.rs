//! Panel → CSV, such that reading gives the same panel back.

use std::borrow::Cow;
use std::io::Write;

use super::{Cell, Panel};
use crate::action::Action;

impl Panel {
    /// Writes the panel: `segment, start, end`, attributes, `spend, impressions, reach`, one
    /// column per action, `from_breakdown, new_creative`, `designed` where some week was, and
    /// `currency` when it is known.
    ///
    /// # Errors
    ///
    /// What the writer said.
    pub fn write_csv_to(&self, out: impl Write) -> std::io::Result<()> {
        let mut writer = csv::WriterBuilder::new().from_writer(out);
        writer.write_record(self.header())?;
        let (designed, mut number) = (self.has_designed(), String::new());
        for cell in &self.cells {
            self.write_cell(&mut writer, (cell, designed), &mut number)?;
        }
        writer.flush()
    }

    fn header(&self) -> Vec<&str> {
        let mut header = vec!["segment", "start", "end"];
        header.extend(self.attributes.iter().map(String::as_str));
        header.extend(["spend", "impressions", "reach"]);
        header.extend(self.actions.iter().map(|action| action.column()));
        header.extend(["from_breakdown", "new_creative"]);
        header.extend(self.has_designed().then_some("designed"));
        header.extend(self.currency.is_some().then_some("currency"));
        header
    }

    fn write_cell(
        &self,
        writer: &mut csv::Writer<impl Write>,
        (cell, designed): (&Cell, bool),
        number: &mut String,
    ) -> csv::Result<()> {
        let segment = &self.segments[cell.segment];
        writer.write_field(neutral(&segment.id).as_bytes())?;
        for day in [cell.period.map(|p| p.start), cell.period.map(|p| p.end)] {
            write_shown(writer, day, number)?;
        }
        for name in &self.attributes {
            let value = segment.attributes.get(name).map_or("", String::as_str);
            writer.write_field(neutral(value).as_bytes())?;
        }
        for value in [Some(cell.spend), cell.impressions, cell.reach] {
            write_shown(writer, value, number)?;
        }
        for action in &self.actions {
            write_count(writer, cell, *action, number)?;
        }
        let flags = [cell.from_breakdown, cell.new_creative, cell.designed];
        for flag in &flags[..if designed { 3 } else { 2 }] {
            write_shown(writer, Some(*flag), number)?;
        }
        if let Some(currency) = self.currency {
            writer.write_field(currency.code())?;
        }
        writer.write_record(None::<&[u8]>)
    }
}

fn write_shown(
    writer: &mut csv::Writer<impl Write>,
    value: Option<impl std::fmt::Display>,
    text: &mut String,
) -> csv::Result<()> {
    use std::fmt::Write as _;
    text.clear();
    if let Some(value) = value {
        write!(text, "{value}").expect("writing to a string cannot fail");
    }
    writer.write_field(&*text)
}

/// A suppressed count is written as platforms write it, `<5`; a sum with such counts in it as the
/// least and the most that it may be, `100..104`.
fn write_count(
    writer: &mut csv::Writer<impl Write>,
    cell: &Cell,
    action: Action,
    text: &mut String,
) -> csv::Result<()> {
    if cell.censored.contains(&action) {
        write_shown(writer, hidden_count(cell, action), text)
    } else {
        write_shown(writer, cell.actions.get(action), text)
    }
}

/// A suppressed count in words.
pub(super) fn hidden_count(cell: &Cell, action: Action) -> Option<String> {
    let limit = cell.actions.get(action)?;
    Some(match cell.at_least.get(action).filter(|least| *least > 0.0) {
        None => format!("<{limit}"),
        Some(least) => format!("{least}..{}", limit - 1.0),
    })
}

/// Text that a spreadsheet would run as a formula gets an apostrophe, which reading takes off.
pub(crate) fn neutral(text: &str) -> Cow<'_, str> {
    if is_risky(text)
        || text.strip_prefix('\'').is_some_and(|rest| is_risky(rest) || rest.starts_with('\''))
    {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that [`neutral`] was given.
pub(crate) fn original(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_risky(rest) || rest.starts_with('\'') => rest,
        _ => text,
    }
}

fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}
