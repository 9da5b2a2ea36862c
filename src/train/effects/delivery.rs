//! Delivery: what a thousand impressions cost, and whether they get dearer with spend.
//!
//! `log(I / 1000 s) = −log CPM_i − γ log(1 + s/m_i) + noise`, `m_i` the usual spend, `log CPM_i`
//! drawn around its network's level. Everything is linear and Gaussian given the scales, so the
//! layer is closed form; the scales come from moments.

use serde::{Deserialize, Serialize};

use crate::numeric::digits::short;
use crate::panel::Panel;
use crate::train::data::calendar::{network_of, weeks_of};
use crate::train::data::specification::Specification;

/// What the delivery layer learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delivery {
    /// Rise of CPM with spend: mean and standard deviation; both 0 where the history shows none.
    pub rise: (f64, f64),
    /// Standard deviation of the log noise of one cell.
    pub noise: f64,
    /// Level of log CPM: mean and spread over segments never seen, by network then overall.
    pub networks: Vec<(String, f64, f64)>,
    pub overall: (f64, f64),
    /// Log CPM of each segment: mean and standard deviation.
    pub segments: Vec<(f64, f64)>,
}

/// A rise is used when it stands out from 0 by this many standard errors.
const STANDS_OUT: f64 = 2.5;

struct DeliveryRow {
    segment: usize,
    /// `log(I / 1000 s)`.
    yield_log: f64,
    /// `log(1 + s/m)`.
    spend_log: f64,
    teaches_rise: bool,
}

/// Learns the layer; `None` where no cell reports impressions for its money.
pub(crate) fn fit(panel: &Panel, specification: &Specification, usual: &[f64]) -> Option<Delivery> {
    let rows = rows(panel, usual);
    if rows.is_empty() {
        return None;
    }
    let (rise, noise) = rise(&rows, panel.segments.len(), specification);
    let mut sums = vec![(0.0, 0.0); panel.segments.len()];
    for row in &rows {
        let sum = &mut sums[row.segment];
        sum.0 += 1.0;
        sum.1 -= row.yield_log + rise.0 * row.spend_log;
    }
    let means: Vec<Option<(f64, f64)>> =
        sums.iter().map(|(n, sum)| (*n > 0.0).then(|| (*n, sum / n))).collect();
    let overall = level(means.iter().flatten().copied(), noise, specification, None);
    let mut names: Vec<&str> = panel.segments.iter().map(network_of).collect();
    names.sort_unstable();
    names.dedup();
    let networks: Vec<(String, f64, f64)> = names
        .iter()
        .map(|name| {
            let own = panel.segments.iter().zip(&means);
            let own = own.filter(|(segment, _)| network_of(segment) == *name);
            let (mean, sd) =
                level(own.filter_map(|(_, mean)| *mean), noise, specification, Some(overall));
            ((*name).to_owned(), short(mean), short(sd))
        })
        .collect();
    let segments = panel
        .segments
        .iter()
        .zip(&means)
        .map(|(segment, mean)| {
            let at = names.binary_search(&network_of(segment)).expect("its network is listed");
            let (_, centre, spread) = networks[at];
            let (n, own) = mean.unwrap_or((0.0, 0.0));
            let precision = spread.powi(-2) + n * noise.powi(-2);
            let value = (centre * spread.powi(-2) + n * own * noise.powi(-2)) / precision;
            (short(value), short(precision.sqrt().recip()))
        })
        .collect();
    Some(Delivery {
        rise: (short(rise.0), short(rise.1)),
        noise: short(noise),
        networks,
        overall: (short(overall.0), short(overall.1)),
        segments,
    })
}

fn rows(panel: &Panel, usual: &[f64]) -> Vec<DeliveryRow> {
    panel
        .cells
        .iter()
        .filter_map(|cell| {
            let impressions = cell.impressions.filter(|i| *i > 0.0 && cell.spend > 0.0)?;
            let weekly = cell.spend / weeks_of(cell);
            Some(DeliveryRow {
                segment: cell.segment,
                yield_log: (impressions / (1000.0 * cell.spend)).ln(),
                spend_log: (weekly / usual[cell.segment]).ln_1p(),
                teaches_rise: !cell.from_breakdown,
            })
        })
        .collect()
}

/// Rise of CPM within segments (mean, sd) and the noise of one cell.
fn rise(
    rows: &[DeliveryRow],
    n_segments: usize,
    specification: &Specification,
) -> ((f64, f64), f64) {
    let mut means = vec![(0.0, 0.0, 0.0); n_segments];
    for row in rows.iter().filter(|row| row.teaches_rise) {
        let mean = &mut means[row.segment];
        mean.0 += 1.0;
        mean.1 += row.yield_log;
        mean.2 += row.spend_log;
    }
    let (mut xx, mut xy, mut yy, mut freedom) = (0.0, 0.0, 0.0, -1.0);
    for row in rows.iter().filter(|row| row.teaches_rise) {
        let (n, y, x) = means[row.segment];
        let (dy, dx) = (row.yield_log - y / n, row.spend_log - x / n);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
        freedom += 1.0 - 1.0 / n;
    }
    let guess = specification.prior("delivery_noise").sd * 0.5;
    if freedom < 3.0 || xx < 1e-9 {
        return ((0.0, 0.0), guess);
    }
    let slope = -xy / xx;
    // Three prior observations keep a handful of identical rows from looking noiseless.
    let left = (yy - xy * xy / xx).max(0.0);
    let noise = ((left + 3.0 * 0.05_f64.powi(2)) / (freedom + 3.0)).sqrt();
    let error = noise / xx.sqrt();
    if slope < STANDS_OUT * error || slope < 0.02 {
        return ((0.0, 0.0), noise);
    }
    let prior = specification.prior("cpm_rise").sd.powi(-2);
    let precision = error.powi(-2) + prior;
    (((slope * error.powi(-2) / precision).min(0.8), precision.sqrt().recip()), noise)
}

/// Level of log CPM over segments and the spread around it, by moments.
fn level(
    means: impl Iterator<Item = (f64, f64)> + Clone,
    noise: f64,
    specification: &Specification,
    around: Option<(f64, f64)>,
) -> (f64, f64) {
    let prior = specification.prior("spread_cpm").sd * 0.67;
    let count = means.clone().count() as f64;
    if count == 0.0 {
        return around.unwrap_or((0.0, prior));
    }
    let mean = means.clone().map(|(_, y)| y).sum::<f64>() / count;
    let scatter: f64 = means.map(|(n, y)| ((y - mean).powi(2) - noise * noise / n).max(0.0)).sum();
    // Four prior segments with the prior's spread.
    let spread = ((scatter + 4.0 * prior * prior) / (count + 4.0)).sqrt();
    let Some((centre, between)) = around else { return (mean, spread) };
    let (own, outer) = (count / (spread * spread), between.powi(-2));
    ((mean * own + centre * outer) / (own + outer), spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::worlds::{Settings, world};

    fn delivered(gamma: f64, noise: f64) -> (Panel, Vec<f64>, Vec<f64>) {
        let mut world = world(&Settings { weeks: 30, ..Settings::default() }, Seed(5));
        let cpm: Vec<f64> = (0..world.usual.len()).map(|i| 4.0 + 0.1 * i as f64).collect();
        for (at, cell) in world.panel.cells.iter_mut().enumerate() {
            let usual = world.usual[cell.segment];
            let wobble = noise * ((at * 7919 % 101) as f64 / 50.0 - 1.0);
            let price = cpm[cell.segment] * (1.0 + cell.spend / usual).powf(gamma);
            cell.impressions = Some((1000.0 * cell.spend / price * wobble.exp()).round());
        }
        (world.panel, world.usual, cpm)
    }

    #[test]
    fn a_cpm_that_rises_is_found_and_one_that_does_not_is_left_alone() {
        let (panel, usual, cpm) = delivered(0.3, 0.1);
        let layer = fit(&panel, &Specification::default(), &usual).unwrap();
        assert!((layer.rise.0 - 0.3).abs() < 4.0 * layer.rise.1 + 0.01, "{:?}", layer.rise);
        for (i, (mean, _)) in layer.segments.iter().enumerate() {
            assert!((mean - cpm[i].ln()).abs() < 0.1, "{i}: {} {}", mean.exp(), cpm[i]);
        }
        let (flat, usual, _) = delivered(0.0, 0.1);
        assert_eq!(fit(&flat, &Specification::default(), &usual).unwrap().rise, (0.0, 0.0));
    }
}
