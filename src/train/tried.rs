//! How far a segment's own weekly money varied: what its curve can be read from.

use serde::{Deserialize, Serialize};

use super::design::weeks_of;
use super::model::within;
use super::posterior::short;
use super::sample::spread;
use crate::panel::{Cell, Panel};

/// The weeks of money that a segment was really tried at.
///
/// Rows that the platform divided say nothing of a curve, and rows of many weeks hide how the money
/// lay in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tried {
    /// How many there are.
    pub weeks: u32,
    /// Standard deviation of the log of their money per week.
    pub spread: f64,
}

/// A row of more weeks than this does not say what its weeks were.
pub(super) const LONGEST_ROW: f64 = 2.0;
/// Fewer weeks than this draw no curve: with six, three numbers of a curve leave three to doubt it.
const LEAST_WEEKS: u32 = 6;
/// Money within some 15 % of its usual all the time was tried at one place.
const LEAST_SPREAD: f64 = 0.15;
/// Of the spread that the priors leave to what twice the usual spend brings, at most this share is
/// left where a curve counts as learnt.
const LEFT: f64 = 0.7;

impl Tried {
    /// Of every segment, in the panel's order.
    pub(super) fn of(panel: &Panel) -> Vec<Self> {
        let mut logs: Vec<Vec<f64>> = vec![Vec::new(); panel.segments.len()];
        for cell in panel.cells.iter().filter(|cell| is_lever(cell)) {
            logs[cell.segment].push((cell.spend / weeks_of(cell)).ln());
        }
        let of = |logs: &Vec<f64>| {
            let spread = if logs.is_empty() { 0.0 } else { short(spread(logs)) };
            Self { weeks: logs.len() as u32, spread }
        };
        logs.iter().map(of).collect()
    }

    /// Whether a curve counts as learnt from these weeks, of which the posterior leaves a share
    /// `left` of the prior's spread.
    pub(super) fn is_learnt(self, left: f64) -> bool {
        self.weeks >= LEAST_WEEKS && self.spread >= LEAST_SPREAD && left < LEFT
    }

    pub(super) fn check(self, id: &str) -> Result<(), String> {
        within(&format!("`{id}` spread of its money"), self.spread, 0.0, 100.0)
    }
}

/// Whether a row says what a segment does at a week's money that a person chose.
pub(super) fn is_lever(cell: &Cell) -> bool {
    cell.spend > 0.0 && !cell.from_breakdown && weeks_of(cell) <= LONGEST_ROW
}

#[cfg(test)]
mod tests {
    use super::super::markets::{Form, Market, Planner, Settings};
    use crate::random::Seed;
    use crate::train::{Specification, fit};

    /// Share of curves that count as learnt, over some markets of 12 audiences.
    fn learnt(settings: &Settings) -> f64 {
        let (mut yes, mut all) = (0, 0);
        for seed in 1..=3 {
            let settings = Settings { segments: 12, networks: 2, ..settings.clone() };
            let market = Market::make(&settings, Seed(seed));
            let model = fit(&market.panel, &Specification::default(), Seed(1)).unwrap();
            if std::env::var("EACH").is_ok() {
                let told: Vec<String> = model
                    .card()
                    .segments
                    .iter()
                    .map(|own| format!("{:.2}", own.curvature_learnt))
                    .collect();
                eprintln!(
                    "{:?} {:?} {}: {}",
                    settings.planner,
                    settings.form,
                    settings.weeks,
                    told.join(" ")
                );
            }
            yes += (0..12).filter(|&i| model.curve_learnt(i)).count();
            all += 12;
        }
        f64::from(yes as u32) / f64::from(all)
    }

    #[test]
    fn a_curve_is_learnt_from_weeks_at_designed_spends_and_not_from_weeks_at_one() {
        for form in [Form::Saturating, Form::Exponential, Form::Power] {
            let of =
                |planner, weeks| learnt(&Settings { planner, weeks, form, ..Settings::default() });
            let long = of(Planner::Designs, 60);
            let one_spend = of(Planner::Repeats, 60);
            let short = of(Planner::Designs, 4);
            let wanders = of(Planner::Wanders, 60);
            let medium = of(Planner::Designs, 16);
            eprintln!("{form:?}: {long} {one_spend} {short} {wanders} {medium}");
            assert!(
                long > 0.8 && one_spend == 0.0 && short < 0.1,
                "{form:?}: {long} {one_spend} {short}"
            );
        }
    }
}
