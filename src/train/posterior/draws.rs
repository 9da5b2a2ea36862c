//! Joint posterior draws: what a trained model hands to allocation and simulation.

use crate::action::{Action, Points};
use crate::response::flight::WeeklyResponse;
use crate::segment::Segment;
use crate::units::Week;

/// Joint draws for a list of segments over a horizon of weeks.
///
/// Draw `d` of every segment shares draw `d` of the shared part, so sums over segments have the
/// right spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// The horizon; one entry "average week" has `weeks` empty and `log_season` of length 1.
    pub weeks: Vec<Week>,
    /// Names of the networks that [`SegmentDraws::network`] points to.
    pub networks: Vec<String>,
    /// Networks whose incremental share a test spoke of.
    pub tested: Vec<String>,
    /// What all segments share, one per draw.
    pub shared: Vec<SharedDraw>,
    /// The segments asked for, in the order asked.
    pub segments: Vec<SegmentDraws>,
}

/// What all segments share in one draw.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedDraw {
    /// Share `ρ` of people who still remember a week later what they saw, in [0, 1].
    pub carryover: f64,
    /// Dispersion `φ` of counts by network: `Var = μ + μ²/φ`.
    pub dispersion: Vec<f64>,
    /// `networks × weeks`, row-major: log of season × drift; the expected shock stands in the ceiling.
    pub log_season: Vec<f64>,
    /// Standard deviation of the log shock of one network-week (mean of its exponent is 1).
    pub shock_sd: f64,
    /// Share of what each network reports that would not have come without the money, from 0 to 1:
    /// all alike where no test speaks of it.
    pub incremental: Vec<f64>,
    /// Standard deviation of log delivery noise (impressions bought for the money).
    pub delivery_sd: f64,
}

/// One segment in every draw.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentDraws {
    /// The segment.
    pub segment: Segment,
    /// Position of its network in [`Draws::networks`].
    pub network: usize,
    /// No row of history: the population's prediction with its full spread.
    pub prior_only: bool,
    /// Highest weekly spend in history, money per week; 0 without history. Beyond it the curve
    /// is extrapolation.
    pub observed_spend: f64,
    /// Weekly spend at which the rise of CPM is measured.
    pub reference_spend: f64,
    /// What its own history vouches for; `None` without one.
    pub ground: Option<Ground>,
    /// Spread of the exponent by which the form of its curve may be wrong beyond what its draws
    /// say (see [`crate::allocate::judge::odds`]): 0 where the curve was learnt.
    pub form_sd: f64,
    /// One per draw.
    pub draws: Vec<ResponseDraw>,
}

/// What a segment's own history vouches for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ground {
    /// Money of its highest week; `None` where it was never bought by itself, or only in rows
    /// without dates or of more than two weeks.
    pub highest_week: Option<f64>,
    /// The history, not the prior, bends its curve.
    pub curve_learnt: bool,
    /// Money of its network followed demand.
    pub followed: bool,
    /// All of its money lay in one week.
    pub once: bool,
}

/// One segment's weekly response in one draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseDraw {
    /// Ceiling `V`: active actions per average week. Below 0 with the shape, as the scale is: their
    /// ratio is what the first unit of money brings, and the response is a power without a ceiling.
    pub ceiling: f64,
    /// Scale `κ`: money per week; it has the sign of the shape.
    pub scale: f64,
    /// Shape `k > −1`, never 0.
    pub shape: f64,
    /// Rise of CPM with spend, `γ`.
    pub cpm_rise: f64,
    /// Organic actions per week at no spend, `b`; 0 for ads exports.
    pub baseline: f64,
    /// `CPM₀`, money per thousand impressions; NaN when nothing tells.
    pub cpm: f64,
    /// Audience `A`, people; NaN when nothing tells.
    pub audience: f64,
    /// Heterogeneity of exposure used for reach (above 0).
    pub reach_shape: f64,
    /// Mix of active actions by kind, summing to 1 over [`Action::ALL`].
    pub mix: [f64; Action::COUNT],
    /// Follows per unit of money, for the follower-maximising contrast; 0 when not reported.
    pub follows_rate: f64,
}

impl Draws {
    /// The same responses to money of another currency, one unit of which is worth `1 / rate` of
    /// the model's.
    #[must_use]
    pub fn at_rate(mut self, rate: f64) -> Self {
        for own in &mut self.segments {
            own.observed_spend *= rate;
            own.reference_spend *= rate;
            if let Some(week) = own.ground.as_mut().and_then(|own| own.highest_week.as_mut()) {
                *week *= rate;
            }
            for draw in &mut own.draws {
                draw.scale *= rate;
                draw.cpm *= rate;
                draw.follows_rate /= rate;
            }
        }
        self
    }

    /// Every so many draws alone: as good a sample, coarser.
    #[must_use]
    pub fn every(&self, nth: usize) -> Self {
        let mut few = self.clone();
        few.shared = self.shared.iter().step_by(nth).cloned().collect();
        for (few, own) in few.segments.iter_mut().zip(&self.segments) {
            few.draws = own.draws.iter().step_by(nth).copied().collect();
        }
        few
    }

    /// Number of draws.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether there are no draws.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.is_empty()
    }

    /// Number of columns of the season table: weeks, or 1 for the average week.
    #[must_use]
    pub fn season_len(&self) -> usize {
        self.weeks.len().max(1)
    }

    /// `exp(log season)` of a segment's network over the horizon in draw `draw`.
    pub fn season(&self, draw: usize, network: usize) -> impl Iterator<Item = f64> + '_ {
        let n = self.season_len();
        self.shared[draw].log_season[network * n..(network + 1) * n].iter().map(|log| log.exp())
    }

    /// The weekly response of a segment in a draw.
    #[must_use]
    pub fn response(&self, segment: usize, draw: usize) -> WeeklyResponse {
        let mine = &self.segments[segment];
        let d = &mine.draws[draw];
        WeeklyResponse {
            ceiling: d.ceiling,
            scale: d.scale,
            shape: d.shape,
            cpm_rise: d.cpm_rise,
            reference_spend: mine.reference_spend,
            carryover: self.shared[draw].carryover,
        }
    }

    /// Points of one average active action of a segment in a draw.
    #[must_use]
    pub fn points(&self, segment: usize, draw: usize, points: &Points) -> f64 {
        points.of_mix(&self.segments[segment].draws[draw].mix)
    }
}
