//! A comparison of periods in words.

use super::{Cells, column, shown, value};
use crate::history::{By, Change, ComparedPeriod, Comparison, Doubt, Measure};
use crate::language::Language;

/// What is compared.
#[must_use]
pub fn compared(comparison: &Comparison, measure: Measure, language: Language) -> String {
    let by = match comparison.by {
        By::Week => "week",
        By::Month => "month",
        By::Year => "year",
    };
    let name = column(language, measure.name());
    let title = [("measure", name.as_str()), ("by", &language.text(&format!("history-by-{by}")))];
    language.say("history-compare-title", &title)
}

/// Periods, the oldest first: header and lines.
#[must_use]
pub fn comparison(comparison: &Comparison, measure: Measure, language: Language) -> Cells {
    let mut header = vec![column(language, "period"), column(language, measure.name())];
    let mut names = vec!["before", "change"];
    if comparison.by != By::Year {
        names.extend(["year-before", "change"]);
    }
    names.extend(["active", "reactions", "follows", "remark"]);
    header.extend(names.into_iter().map(|name| column(language, name)));
    let writer = Writer { comparison, measure, language };
    (header, comparison.periods.iter().map(|period| writer.cells(period)).collect())
}

/// Writes values of one measure.
struct Writer<'a> {
    comparison: &'a Comparison,
    measure: Measure,
    language: Language,
}

impl Writer<'_> {
    fn cells(&self, period: &ComparedPeriod) -> Vec<String> {
        let count = |value| shown(value, |n| self.language.number(n, 0));
        let mut cells = vec![self.name(period), shown(period.value, |value| self.value(value))];
        for change in std::iter::once(&period.previous).chain(&period.year_before) {
            cells.push(shown(change.value, |value| self.value(value)));
            cells.push(self.change(change));
        }
        cells.extend([period.active, period.reactions, period.follows].map(count));
        cells.push(self.remark(period));
        cells
    }

    fn name(&self, period: &ComparedPeriod) -> String {
        match self.comparison.by {
            By::Week => self.language.week(crate::units::Week::of(period.start)),
            By::Month | By::Year => period.period.clone(),
        }
    }

    fn value(&self, own: f64) -> String {
        value(self.measure, own, self.comparison.currency, self.language)
    }

    /// `+12 %`, with its interval where counts of actions make it uncertain.
    fn change(&self, change: &Change) -> String {
        let percent = |ratio: f64| {
            let sign = if ratio > 1.0 { "+" } else { "" };
            format!("{sign}{}", self.language.percent(ratio - 1.0, 0))
        };
        match (change.ratio, change.interval) {
            (Some(ratio), Some((low, high))) => {
                format!("{} ({} … {})", percent(ratio), percent(low), percent(high))
            }
            (Some(ratio), None) => percent(ratio),
            (None, _) => "–".to_owned(),
        }
    }

    fn remark(&self, period: &ComparedPeriod) -> String {
        let mut remarks = self.doubts(&period.previous);
        if let Some(change) = &period.year_before {
            remarks.extend(self.doubts(change).into_iter().map(|doubt| {
                self.language.say("history-doubt-against-year", &[("doubt", &doubt)])
            }));
        }
        remarks.join(match self.language {
            Language::Fr => "\u{a0}; ",
            Language::En => "; ",
        })
    }

    fn doubts(&self, change: &Change) -> Vec<String> {
        let mut keys: Vec<&str> = change
            .doubts
            .iter()
            .map(|doubt| match doubt {
                Doubt::NoData => "history-doubt-no-data",
                Doubt::Incomplete => "history-doubt-incomplete",
                Doubt::FewActions => "history-doubt-few-actions",
                Doubt::SpreadByDays => "history-doubt-spread",
            })
            .collect();
        if keys.is_empty() && change.interval.is_some_and(|(low, high)| low < 1.0 && 1.0 < high) {
            keys.push("history-doubt-chance");
        }
        keys.into_iter().map(|key| self.language.text(key)).collect()
    }
}
