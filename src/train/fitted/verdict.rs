//! What a model has against itself: the doubts that go with every plan made from it.
//!
//! A doubt is what healthy histories do not raise; what the fit mended by itself (segments weighed
//! again or sampled, intervals widened) is a note of the card, not a doubt.

use super::card::{HeldBack, ModelCard, TENTH};
use super::note::TrainNote;
use crate::train::data::calendar::network_of;
use crate::train::laplace::outer::SURELY_HOPELESS;
use crate::train::posterior::file::ModelFile;

/// R̂ above which the chains of the reference engine do not agree (Vehtari et al. 2021 ask for
/// 1.01 of final work; 1.05 is where intervals begin to move in their tenths).
pub(crate) const AGREED: f64 = 1.05;
/// Share of the reference engine's steps that may diverge. A few of thousands happen at the necks
/// of pooled scales without moving an interval; from some per cent on a region is left out.
const DIVERGED: f64 = 0.01;

/// Spread of the exponent by which the form of a curve that was not learnt may be wrong: money
/// that followed demand with exponents of 0.5 to 0.9 bends curves by 0.2 to 0.5.
pub const FORM_SD: f64 = 0.3;

/// Spread of the exponent by which the form of a segment's curve may be wrong beyond what its
/// draws say: 0 where the history taught the curve and its money did not follow demand.
pub(crate) fn form_sd(file: &ModelFile, segment: usize) -> f64 {
    let network = network_of(&file.segments[segment]);
    let rings = file.followed.iter().any(|own| own.network == network && own.rings());
    let learnt = file.card.segments.get(segment).is_some_and(|own| own.curvature_identified);
    if learnt && !rings { 0.0 } else { FORM_SD }
}

/// One doubt, with its figures.
#[derive(Debug, Clone, PartialEq)]
pub enum Doubt {
    /// The fast engine's hyper-parameters have a Pareto k̂ at which weights have no mean, and
    /// nothing checked them.
    NotConfirmed {
        /// The k̂.
        pareto_k: f64,
    },
    /// Segments whose exact posterior was not matched.
    Segments {
        /// Their ids.
        segments: Vec<String>,
        /// The largest k̂ among them.
        pareto_k: f64,
    },
    /// The chains of the reference engine do not agree.
    NotConverged {
        /// The largest R̂.
        rhat: f64,
    },
    /// The reference engine left out a region.
    Diverged {
        /// Share of its steps that diverged.
        share: f64,
    },
    /// Its 80 % intervals held less of the weeks held back.
    Overconfident {
        /// Share of the held-back cells inside.
        covered: f64,
        /// Cells held back.
        cells: usize,
    },
}

impl ModelCard {
    /// Share of futures on either side of an interval meant to hold eight cases of ten.
    #[must_use]
    pub fn tail(&self) -> f64 {
        self.held_back.map_or(TENTH, |held| held.tail())
    }
}

/// The doubts of a model, the gravest first.
#[must_use]
pub fn doubts(card: &ModelCard) -> Vec<Doubt> {
    let figure = |name: &str| card.diagnostics.get(name).copied();
    let noted = |note: TrainNote| card.notes.contains(&note);
    let mut doubts = Vec::new();
    if noted(TrainNote::NotConfirmed) {
        let pareto_k = figure("pareto_k").unwrap_or(SURELY_HOPELESS);
        doubts.push(Doubt::NotConfirmed { pareto_k });
    }
    if card.engine == "nuts" {
        if let Some(rhat) = figure("max_rhat").filter(|rhat| *rhat > AGREED) {
            doubts.push(Doubt::NotConverged { rhat });
        }
        let steps = figure("transitions").filter(|steps| *steps > 0.0);
        let share = steps.zip(figure("divergences")).map(|(steps, n)| n / steps);
        if let Some(share) = share.filter(|share| *share > DIVERGED) {
            doubts.push(Doubt::Diverged { share });
        }
    } else {
        let open: Vec<_> = card.segments.iter().filter(|segment| segment.not_confirmed).collect();
        let k = open.iter().filter_map(|segment| segment.pareto_k).fold(0.0, f64::max);
        if !open.is_empty() {
            let segments = open.into_iter().map(|segment| segment.segment.clone()).collect();
            doubts.push(Doubt::Segments { segments, pareto_k: k });
        }
    }
    if let Some(held) = card.held_back.filter(HeldBack::is_short) {
        doubts.push(Doubt::Overconfident { covered: held.covered, cells: held.cells });
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fitted::card::SegmentCard;

    fn card(engine: &str) -> ModelCard {
        let segment = SegmentCard {
            segment: "a".to_owned(),
            cells: 20,
            spend: 1.0,
            mean_spend: 1.0,
            max_spend: 1.0,
            actions: 1.0,
            impressions: None,
            engagement_rate: None,
            response: (1.0, 1.0, 1.0),
            curvature_learnt: 0.5,
            curvature_identified: true,
            designed: 0,
            tested: 0,
            followed: false,
            pareto_k: Some(0.9),
            bare: false,
            not_confirmed: false,
            layers: Vec::new(),
            last_week: None,
        };
        ModelCard {
            tests: Vec::new(),
            incremental: Vec::new(),
            engine: engine.to_owned(),
            specification: "default".to_owned(),
            cells: 20,
            span: None,
            layers: Vec::new(),
            diagnostics: std::collections::BTreeMap::new(),
            hyperparameters: std::collections::BTreeMap::new(),
            panel_notes: Vec::new(),
            notes: Vec::new(),
            held_back: None,
            segments: vec![segment],
        }
    }

    #[test]
    fn what_the_fit_mended_is_no_doubt_and_what_it_could_not_is() {
        let mut card = card("nested");
        card.diagnostics.insert("pareto_k".to_owned(), 0.85);
        card.notes.push(TrainNote::Widened);
        assert_eq!(doubts(&card), []);
        card.segments[0].not_confirmed = true;
        card.notes.push(TrainNote::NotConfirmed);
        card.diagnostics.insert("pareto_k".to_owned(), 1.2);
        let segments = vec!["a".to_owned()];
        assert_eq!(
            doubts(&card),
            [Doubt::NotConfirmed { pareto_k: 1.2 }, Doubt::Segments { segments, pareto_k: 0.9 }]
        );
    }

    #[test]
    fn the_reference_engine_is_doubted_when_its_chains_part_or_go_astray_often() {
        let with = |rhat: f64, divergences: f64| {
            let mut card = card("nuts");
            let figures = [("max_rhat", rhat), ("divergences", divergences), ("transitions", 4e3)];
            card.diagnostics = figures.map(|(name, x)| (name.to_owned(), x)).into();
            doubts(&card)
        };
        assert_eq!(with(1.02, 12.0), []);
        assert_eq!(with(1.1, 0.0), [Doubt::NotConverged { rhat: 1.1 }]);
        assert_eq!(with(1.0, 400.0), [Doubt::Diverged { share: 0.1 }]);
    }

    #[test]
    fn intervals_are_widened_where_weeks_held_back_say_so_beyond_chance() {
        let held = |covered, told_apart| {
            let error = Some(0.03);
            HeldBack { covered, error, told_apart, cells: 90, wider: 1.3 }
        };
        for plain in [held(0.78, true), held(0.69, false)] {
            assert_eq!(plain.tail(), TENTH);
        }
        // Φ(−1.2816 × 1.3).
        assert!((held(0.69, true).tail() - 0.047_9).abs() < 1e-3);
        let mut card = card("nested");
        card.held_back = Some(held(0.69, true));
        assert_eq!(doubts(&card), [Doubt::Overconfident { covered: 0.69, cells: 90 }]);
        // Wider than asked for is no doubt.
        card.held_back = Some(held(0.9, true));
        assert_eq!((doubts(&card), card.tail()), (Vec::new(), TENTH));
    }

    #[test]
    fn a_curve_is_known_by_designed_weeks_by_habit_or_by_the_priors() {
        use crate::train::fitted::card::KnownBy;
        let known = |identified: bool, designed: usize, followed: bool| {
            let mut own = card("nested").segments.remove(0);
            (own.curvature_identified, own.designed) = (identified, designed);
            own.followed = followed;
            own.known_by()
        };
        assert_eq!(known(true, 8, false), KnownBy::Designed(8));
        assert_eq!(known(true, 0, false), KnownBy::Habit);
        assert_eq!(known(false, 3, false), KnownBy::PriorsForFew(3));
        assert_eq!(known(false, 0, true), KnownBy::PriorsForDemand);
        assert_eq!(known(false, 0, false), KnownBy::Priors);
        let tested = |identified: bool, designed: usize| {
            let mut own = card("nested").segments.remove(0);
            (own.curvature_identified, own.designed, own.tested) = (identified, designed, 2);
            own.known_by()
        };
        assert_eq!(tested(true, 8), KnownBy::Designed(8));
        assert_eq!(tested(true, 0), KnownBy::Tested(2));
        assert_eq!(tested(false, 3), KnownBy::Tested(2));
        // Cards written before these were kept have neither.
        let mut written = serde_json::to_value(card("nested").segments.remove(0)).unwrap();
        assert!(written.get("designed").is_none() && written.get("followed").is_none());
        written["designed"] = 8.into();
        let read: crate::train::fitted::card::SegmentCard =
            serde_json::from_value(written).unwrap();
        assert_eq!(read.known_by(), KnownBy::Designed(8));
    }
}
