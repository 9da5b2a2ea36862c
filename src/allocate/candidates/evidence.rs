//! What is known of each row's return: a curve from a file, or posterior draws.

use super::known::KnownCurve;
use crate::allocate::plan::row::{CurvePoint, IncrementalActions, Range};
use crate::allocate::problem::drawn::{Drawn, Gain, range};

/// Where returns come from.
#[derive(Debug)]
pub(crate) enum Evidence<'a> {
    /// Known curves.
    Known(&'a [KnownCurve]),
    /// Draws the plan is chosen on, and fresh ones it is promised on.
    Drawn { choose: &'a Drawn<'a>, promise: &'a Drawn<'a> },
}

/// Points of a row's curve for the chart.
const CURVE_POINTS: usize = 16;

impl Evidence<'_> {
    /// Value and actions of one row's media money.
    pub(crate) fn row(&self, i: usize, media: f64) -> (Range, Range) {
        match self {
            Self::Known(curves) => {
                let value = Range::certain(curves[i].curve.value(media));
                (value, value)
            }
            Self::Drawn { promise, .. } => {
                let actions = promise.by_draw(i, Gain::Actions, media);
                let value: Vec<f64> =
                    actions.iter().zip(promise.points_of(i)).map(|(n, p)| n * p).collect();
                (range(&value), range(&actions))
            }
        }
    }

    /// Value by draw of a whole plan on the fresh draws.
    pub(crate) fn value_by_draw(&self, media: &[f64]) -> Vec<f64> {
        match self {
            Self::Known(curves) => {
                vec![curves.iter().zip(media).map(|(known, s)| known.curve.value(*s)).sum()]
            }
            Self::Drawn { promise, .. } => promise.total_by_draw(Gain::Value, media),
        }
    }

    /// Actions by draw of a whole plan on the fresh draws.
    pub(crate) fn actions_by_draw(&self, media: &[f64]) -> Vec<f64> {
        match self {
            Self::Known(_) => self.value_by_draw(media),
            Self::Drawn { promise, .. } => promise.total_by_draw(Gain::Actions, media),
        }
    }

    /// What the networks whose incremental share was tested report of a plan, and what of it the money
    /// brings.
    pub(crate) fn incremental(&self, media: &[f64]) -> Vec<IncrementalActions> {
        let Self::Drawn { promise, .. } = self else { return Vec::new() };
        let draws = promise.draws;
        let of = |network: &String| {
            let is_own = |i: &usize| draws.networks[draws.segments[*i].network] == *network;
            let (mut reported, mut brought) = (vec![0.0; draws.len()], vec![0.0; draws.len()]);
            for i in (0..media.len()).filter(is_own).filter(|i| media[*i] > 0.0) {
                let at = draws.segments[i].network;
                for (d, actions) in promise.by_draw(i, Gain::Actions, media[i]).iter().enumerate() {
                    reported[d] += actions;
                    brought[d] += actions * draws.shared[d].incremental[at];
                }
            }
            let (reported, incremental) = (range(&reported), range(&brought));
            IncrementalActions { network: network.clone(), reported, incremental }
        };
        draws.tested.iter().map(of).filter(|own| own.reported.mean > 0.0).collect()
    }

    /// Mean value on the draws the plan was chosen on.
    pub(crate) fn chosen_value(&self, media: &[f64]) -> f64 {
        let values = match self {
            Self::Known(_) => self.value_by_draw(media),
            Self::Drawn { choose, .. } => choose.total_by_draw(Gain::Value, media),
        };
        range(&values).mean
    }

    /// Points of a row's response curve: close together up to `decides`, where the plan and the
    /// last split lie, fewer from there to `most`.
    pub(crate) fn curve(&self, i: usize, decides: f64, most: f64) -> Vec<CurvePoint> {
        let decides = decides.min(most);
        let near = (0..=CURVE_POINTS).map(|j| decides * j as f64 / CURVE_POINTS as f64);
        let beyond = if most > decides { CURVE_POINTS / 4 } else { 0 };
        let far = (1..=beyond).map(|j| decides + (most - decides) * j as f64 / beyond as f64);
        near.chain(far)
            .map(|spend| match self {
                Self::Known(curves) => {
                    let value = curves[i].curve.value(spend);
                    CurvePoint { spend, p10: value, mean: value, p90: value }
                }
                Self::Drawn { promise, .. } => {
                    let r = range(&promise.by_draw(i, Gain::Value, spend));
                    CurvePoint { spend, p10: r.p10, mean: r.mean, p90: r.p90 }
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::allocate::tests::fixture::{campaign, divide, draws};

    #[test]
    fn a_plan_for_what_the_money_brings_is_that_of_curves_times_shares() {
        let shares = [0.9, 0.3];
        let mut own = draws(10, 40, 3);
        own.shared.iter_mut().for_each(|shared| shared.incremental = shares.to_vec());
        own.tested = own.networks.clone();
        let plan = divide(&campaign("objective = \"incremental\"\n"), &own, &own).unwrap();
        let mut scaled = own.clone();
        for segment in &mut scaled.segments {
            let share = shares[segment.network];
            segment.draws.iter_mut().for_each(|draw| draw.ceiling *= share);
        }
        let same = divide(&campaign(""), &scaled, &scaled).unwrap();
        let budgets = |plan: &crate::allocate::plan::Plan| -> Vec<f64> {
            plan.rows.iter().map(|row| row.budget).collect()
        };
        assert_eq!(budgets(&plan), budgets(&same));
        let (told, exact) = (plan.certificate.objective, same.certificate.objective);
        assert!((told / exact - 1.0).abs() < 1e-9, "{told}, {exact}");
        // Another plan than that for what is reported.
        assert_ne!(budgets(&plan), budgets(&divide(&campaign(""), &own, &own).unwrap()));
        // Side by side: shares of what each network reports, all of it together the promise.
        let reported: f64 = plan.incremental.iter().map(|own| own.reported.mean).sum();
        assert!((reported / plan.actions.mean - 1.0).abs() < 1e-9, "{reported}");
        for (own, share) in plan.incremental.iter().zip(shares) {
            assert!((own.incremental.mean / own.reported.mean - share).abs() < 1e-9, "{own:?}");
        }
    }
}
