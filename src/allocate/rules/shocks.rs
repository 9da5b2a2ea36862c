//! What may happen in a flight (`[[shock]]`), as the objective counts it: its expected effect.
//!
//! A shock that only multiplies actions enters a segment's season by its mean,
//! `1 + p (factor − 1)`: actions are linear in it. One that makes impressions dearer, or stops a
//! network from showing anything, bends the curve itself, so the segment's flight is the mean over
//! the worlds in which each of those happens or not.

use crate::campaign::{Campaign, Shock, matches};
use crate::rules::Tables;
use crate::segment::Segment;

/// Shocks that bend a curve are worked out world by world up to so many per segment (64 worlds);
/// of more, those that bend it least enter by their mean.
const BENDING: usize = 6;

/// One way in which the shocks of a segment may turn out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct World {
    /// Its probability.
    pub(crate) probability: f64,
    /// Impressions bought, as a share of the usual ones, by week.
    pub(crate) delivery: Vec<f64>,
    /// Actions, as a share of the usual ones, by week.
    pub(crate) lift: Vec<f64>,
}

/// A shock, as far as one segment feels it.
struct Felt<'a> {
    shock: &'a Shock,
    weeks: Vec<usize>,
}

impl Felt<'_> {
    fn bends(&self) -> bool {
        self.shock.cpm != 1.0 || self.shock.actions == 0.0
    }

    fn delivery(&self) -> f64 {
        if self.shock.actions == 0.0 { 0.0 } else { 1.0 / self.shock.cpm }
    }

    /// How much it may change, in mean and week.
    fn weight(&self) -> f64 {
        let p = self.shock.probability;
        p * (1.0 - p) * (1.0 - self.delivery()).abs() * self.weeks.len() as f64
    }
}

/// The worlds of each segment; none where no shock is felt.
pub(crate) fn worlds(
    campaign: &Campaign,
    segments: &[&Segment],
    tables: &Tables,
) -> Vec<Vec<World>> {
    if campaign.shocks.is_empty() {
        return Vec::new();
    }
    let weeks = campaign.weeks();
    let contains = |parent: &str, child: &str| tables.contains(parent, child);
    let of = |segment: &&Segment| -> Vec<World> {
        let felt = campaign.shocks.iter().filter_map(|shock| {
            let within = |week| (shock.from..=shock.to).contains(week);
            let hit: Vec<usize> = (0..weeks.len()).filter(|t| within(&weeks[*t])).collect();
            let reached = matches(&segment.attributes, &shock.conditions, &contains);
            (reached && !hit.is_empty() && shock.probability > 0.0)
                .then_some(Felt { shock, weeks: hit })
        });
        of_segment(felt.collect(), weeks.len())
    };
    segments.iter().map(of).collect()
}

fn of_segment(felt: Vec<Felt<'_>>, weeks: usize) -> Vec<World> {
    if felt.is_empty() {
        return Vec::new();
    }
    let (mut bending, mut linear): (Vec<Felt<'_>>, Vec<Felt<'_>>) =
        felt.into_iter().partition(Felt::bends);
    bending.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
    linear.extend(bending.drain(BENDING.min(bending.len())..));
    let mut usual = World { probability: 1.0, delivery: vec![1.0; weeks], lift: vec![1.0; weeks] };
    for felt in &linear {
        let p = felt.shock.probability;
        for &week in &felt.weeks {
            usual.lift[week] *= 1.0 + p * (felt.shock.actions - 1.0);
            usual.delivery[week] *= 1.0 + p * (felt.delivery() - 1.0);
        }
    }
    let mut worlds = vec![usual];
    for felt in &bending {
        let p = felt.shock.probability;
        let happened = worlds.iter().map(|world| {
            let mut world = world.clone();
            world.probability *= p;
            for &week in &felt.weeks {
                world.lift[week] *= felt.shock.actions;
                world.delivery[week] *= felt.delivery();
            }
            world
        });
        let happened: Vec<World> = happened.collect();
        for world in &mut worlds {
            world.probability *= 1.0 - p;
        }
        worlds.extend(happened);
    }
    worlds.retain(|world| world.probability > 0.0);
    worlds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::plan;
    use crate::allocate::rules::policy::PolicyName;
    use crate::allocate::tests::fixture::{campaign, divide, draws, request};
    use crate::reference::Reference;

    const REFUSES: &str = "[[shock]]\nname = \"refuses\"\nwhere = { network = \"linkedin\" }\n\
        probability = 0.9\nactions = 0.0\n";

    #[test]
    fn a_network_that_refuses_nine_times_in_ten_is_chosen_for_a_tenth_of_what_it_brings() {
        let choose = draws(10, 80, 3);
        let money = |more: &str| {
            let plan = divide(&campaign(more), &choose, &choose).unwrap();
            let of = plan.rows.iter().filter(|row| row.attributes["network"] == "linkedin");
            (of.map(|row| row.budget).sum::<f64>() / plan.spent, plan)
        };
        let (before, calm) = money("");
        let (after, plan) = money(REFUSES);
        assert!(before > 0.4 && after < 0.2 * before, "{before} {after}");
        // The promise, the bound and the other splits count it alike.
        assert!(plan.value.mean < calm.value.mean);
        assert!((plan.certificate.objective - plan.value.mean).abs() < 1e-9 * plan.value.mean);
        assert!(plan.certificate.gap < 1e-6);
        let last = &plan.baselines[0];
        assert!(last.value.mean < 0.7 * calm.baselines[0].value.mean);
        assert!(last.value.mean <= plan.certificate.upper_bound);
        // A certain refusal leaves nothing to choose.
        let certain = REFUSES.replace("0.9", "1.0");
        assert!(money(&certain).0 < 1e-9);
    }

    #[test]
    fn dearer_and_partial_shocks_are_the_mean_over_what_may_happen() {
        let choose = draws(4, 30, 4);
        let tables = Tables::load(&Reference::default()).unwrap();
        let shocks = [
            ("facebook", "2027-W09", "2027-W10", 0.5, 1.6, 1.0),
            ("facebook", "2027-W10", "2027-W12", 0.3, 1.0, 0.0),
            ("facebook", "2027-W11", "2027-W14", 0.7, 1.0, 1.3),
        ];
        let text = |p: &dyn Fn(usize, f64) -> f64| -> String {
            let of = |(i, s): (usize, &(&str, &str, &str, f64, f64, f64))| {
                format!(
                    "[[shock]]\nname = \"s\"\nwhere = {{ network = \"{}\" }}\nfrom = \"{}\"\n\
                     to = \"{}\"\nprobability = {:.1}\ncpm = {:.1}\nactions = {:.1}\n",
                    s.0,
                    s.1,
                    s.2,
                    p(i, s.3),
                    s.4,
                    s.5
                )
            };
            shocks.iter().enumerate().map(of).collect()
        };
        // The expected value of an even split.
        let value = |text: &str| -> f64 {
            let campaign = campaign(text);
            let plan = plan(&request(&campaign, &choose, &tables)).unwrap();
            plan.baselines.iter().find(|other| other.name == PolicyName::Equal).unwrap().value.mean
        };
        let expected = value(&text(&|_, p| p));
        // Brute force: every way in which each shock happens for certain or not at all.
        let mut mean = 0.0;
        for world in 0..8_usize {
            let happens = |i: usize| world >> i & 1 == 1;
            let probability: f64 =
                (0..3).map(|i| if happens(i) { shocks[i].3 } else { 1.0 - shocks[i].3 }).product();
            mean += probability * value(&text(&|i, _| f64::from(u8::from(happens(i)))));
        }
        assert!((expected / mean - 1.0).abs() < 1e-12, "{expected} {mean}");
        assert!((expected / value("") - 1.0).abs() > 1e-4, "and no small thing");
    }
}
