//! What is true of a generated world, written beside its exports as `truth.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::export::Exports;
use super::response::TrueResponse;
use super::spec::WorldSpec;
use super::world::{NetworkTruth, World};
use crate::action::Action;
use crate::random::Seed;
use crate::units::Week;

/// Everything that is true of a world, and what its exports add up to.
#[derive(Debug, Clone, Serialize)]
pub struct Truth<'a> {
    /// How worlds of this kind differ: the true hyper-parameters.
    pub spec: &'a WorldSpec,
    /// The seed.
    pub seed: Seed,
    /// First week of history; weekly lists start here.
    pub first_week: Week,
    /// Share of exposure remembered next week.
    pub carryover: f64,
    /// Dispersion, season, drift and shocks by network.
    pub networks: &'a [NetworkTruth],
    /// Every segment's curve, and what history holds of it.
    pub segments: Vec<SegmentTold<'a>>,
    /// What the exports add up to once every ad and day is counted once.
    pub totals: Totals,
    /// The files: name and rows of data.
    pub files: BTreeMap<String, usize>,
}

/// A segment's truth.
#[derive(Debug, Clone, Serialize)]
pub struct SegmentTold<'a> {
    /// Its id: network · age · territory · format.
    pub segment: &'a str,
    /// Its attributes.
    pub attributes: &'a BTreeMap<String, String>,
    /// People who can be reached in a week.
    pub audience: f64,
    /// Base CPM.
    pub cpm: f64,
    /// Active actions per first impression.
    pub rate: f64,
    /// Share of interest lost with each further exposure.
    pub wear_out: f64,
    /// Heterogeneity of exposure.
    pub shape: f64,
    /// Weekly response: active actions at a spend, season 1.
    pub response: &'a TrueResponse,
    /// Shares of active actions by kind.
    pub mix: BTreeMap<Action, f64>,
    /// Weeks with spend.
    pub weeks: usize,
    /// Money spent.
    pub spend: f64,
}

/// Sums over the whole history.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Money.
    pub spend: f64,
    /// Impressions.
    pub impressions: f64,
    /// Counts by kind of action.
    pub actions: BTreeMap<Action, f64>,
}

/// The truth of a world and of its exports.
#[must_use]
pub fn truth<'a>(world: &'a World, exports: &Exports) -> Truth<'a> {
    Truth {
        spec: world.spec(),
        seed: world.seed(),
        first_week: world.first_week(),
        carryover: world.carryover(),
        networks: world.networks(),
        segments: (0..world.segments().len()).map(|i| segment(world, exports, i)).collect(),
        totals: totals(world),
        files: exports.files.iter().map(|file| (file.name.clone(), file.rows)).collect(),
    }
}

fn segment<'a>(world: &'a World, exports: &Exports, i: usize) -> SegmentTold<'a> {
    let (segment, truth) = (&world.segments()[i], world.truth(i));
    let mix = Action::ALL.into_iter().zip(truth.mix).filter(|(_, share)| *share > 0.0).collect();
    SegmentTold {
        segment: &segment.id,
        attributes: &segment.attributes,
        audience: truth.audience,
        cpm: truth.cpm,
        rate: truth.rate,
        wear_out: truth.wear_out,
        shape: truth.shape,
        response: &truth.response,
        mix,
        weeks: world.cells().iter().filter(|cell| cell.segment == i && cell.spend > 0.0).count(),
        spend: exports.cents[i] as f64 / 100.0,
    }
}

impl Truth<'_> {
    /// As indented JSON, numbers with ten significant digits: the last ones of a float are the
    /// machine's, not the world's.
    ///
    /// # Errors
    ///
    /// A number that JSON cannot hold.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut value = serde_json::to_value(self)?;
        round(&mut value);
        Ok(serde_json::to_string_pretty(&value)? + "\n")
    }
}

fn round(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(number) if number.is_f64() => {
            let short = number.as_f64().and_then(|x| format!("{x:.9e}").parse::<f64>().ok());
            if let Some(short) = short.and_then(serde_json::Number::from_f64) {
                *number = short;
            }
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(round),
        serde_json::Value::Object(map) => map.values_mut().for_each(round),
        _ => {}
    }
}

fn totals(world: &World) -> Totals {
    let mut totals = Totals::default();
    let mut cents = 0.0;
    for cell in world.cells() {
        cents += (cell.spend * 100.0).round();
        totals.impressions += cell.impressions;
        for kind in Action::ALL.into_iter().filter(|kind| cell.actions[kind.index()] > 0.0) {
            *totals.actions.entry(kind).or_default() += cell.actions[kind.index()];
        }
    }
    totals.spend = cents / 100.0;
    totals
}
