//! The odds that one split beats another, discounted for what no draw of the curves knows.
//!
//! Posterior draws say how far a history leaves the parameters of its curves open, not whether
//! their form holds where money was never varied by itself: where it followed demand, the learnt
//! response is partly demand's. So the odds are judged on the same draws with a discrepancy of the
//! form: what a segment brings at weekly money `s` is multiplied by `(s / usual)^δ`, δ one normal
//! number per network and draw times the segment's [`SegmentDraws::form_sd`] (0 where its curve
//! was learnt). And in [`WRONG`] of the cases that rest on curves not learnt the model says
//! nothing at all: odds there are even, so none exceeds 95 %.

use rand_distr::{Distribution, StandardNormal};

use crate::random::{Purpose, Seed};
use crate::train::posterior::draws::{Draws, SegmentDraws};

/// Share of the cases on curves not learnt in which the model says nothing.
pub const WRONG: f64 = 0.1;
/// Ratio of money to the usual beyond which the discrepancy grows no further.
const FARTHEST: f64 = 1e4;

/// Whether any segment's form is open.
#[must_use]
pub fn is_open(draws: &Draws) -> bool {
    draws.segments.iter().any(|segment| segment.form_sd > 0.0)
}

/// One standard normal number per network, for one draw or replicate.
#[must_use]
pub fn forms(seed: Seed, id: u64, networks: usize) -> Vec<f64> {
    let mut rng = seed.stream(Purpose::Form, id);
    (0..networks).map(|_| StandardNormal.sample(&mut rng)).collect()
}

/// What a form multiplies a segment's actions by at so much money per week.
#[must_use]
pub fn factor(segment: &SegmentDraws, weekly: f64, forms: &[f64]) -> f64 {
    if segment.form_sd == 0.0 || weekly <= 0.0 || segment.reference_spend <= 0.0 {
        return 1.0;
    }
    let ratio = (weekly / segment.reference_spend).clamp(1.0 / FARTHEST, FARTHEST);
    (segment.form_sd * forms[segment.network] * ratio.ln()).exp()
}

/// Share of the money by which two splits differ that lies on curves not learnt; 0 for two splits
/// that are the same.
#[must_use]
pub fn unlearnt(draws: &Draws, a: &[f64], b: &[f64]) -> f64 {
    let (mut all, mut open) = (0.0, 0.0);
    for ((segment, a), b) in draws.segments.iter().zip(a).zip(b) {
        all += (a - b).abs();
        if segment.form_sd > 0.0 {
            open += (a - b).abs();
        }
    }
    if all > 0.0 { open / all } else { 0.0 }
}

/// The probability that is told where the draws, forms and all, say `share` and so much of the
/// money moved lies on curves not learnt.
#[must_use]
pub fn discounted(share: f64, unlearnt: f64) -> f64 {
    let wrong = WRONG * unlearnt;
    (1.0 - wrong) * share + 0.5 * wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::rules::policy::PolicyName;
    use crate::allocate::tests::fixture::{campaign, draws, request};
    use crate::allocate::{PlanRequest, plan};
    use crate::reference::Reference;
    use crate::rules::Tables;
    use crate::train::fitted::verdict::FORM_SD;

    fn beats_last(form_sd: f64) -> f64 {
        let mut choose = draws(10, 400, 3);
        choose.segments.iter_mut().for_each(|segment| segment.form_sd = form_sd);
        // A last split that no draw would have: all on one audience.
        let mut split = vec![0.0; choose.segments.len()];
        split[9] = 1.0;
        let (campaign, tables) = (campaign(""), Tables::load(&Reference::default()).unwrap());
        let request = PlanRequest { last: Some(&split), ..request(&campaign, &choose, &tables) };
        let plan = plan(&request).unwrap();
        let last = &plan.baselines[0];
        assert_eq!(last.name, PolicyName::Last);
        last.p_plan_better
    }

    #[test]
    fn odds_on_curves_not_learnt_are_discounted_and_never_beyond_ninety_five_in_a_hundred() {
        let (sure, open, wide) = (beats_last(0.0), beats_last(FORM_SD), beats_last(3.0));
        assert!(sure > 0.99, "{sure}");
        assert!(open < sure && open <= 0.95, "{open}");
        // However wide the form may be wrong, the odds stay a probability short of sure.
        assert!((0.45..0.9).contains(&wide), "{wide}");
    }

    #[test]
    fn what_is_told_is_a_probability_between_the_draws_and_even_odds() {
        for share in [0.0, 0.3, 1.0] {
            assert_eq!(discounted(share, 0.0), share);
            let half = discounted(share, 1.0);
            assert!(
                (0.05 - 1e-12..=0.95 + 1e-12).contains(&half)
                    && (half - 0.5).abs() <= (share - 0.5).abs()
            );
        }
    }
}
