//! The joint draws that futures are made of, written out for a simulator that is not ours.

use serde::Serialize;

use crate::action::Points;
use crate::train::posterior::draws::Draws;

/// Everything that chance is drawn around, draw by draw. `simulate --keep-draws` is this.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptDraws {
    /// Weeks of the flight.
    pub weeks: Vec<String>,
    /// Networks.
    pub networks: Vec<String>,
    /// What all segments share, by draw.
    pub shared: Vec<KeptShared>,
    /// Segments, in the order of the plan's rows.
    pub segments: Vec<KeptSegment>,
}

/// One draw's shared part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptShared {
    /// Share `ρ` of people who still remember a week later; `j` weeks are remembered with
    /// probability `ρ^j / (1 + ρ + ρ² + ρ³)`, `j = 0 … 3`.
    pub carryover: f64,
    /// Dispersion of counts by network: `Var = mean + mean² / dispersion`.
    pub dispersion: Vec<f64>,
    /// Log of season and drift, networks × weeks.
    pub log_season: Vec<Vec<f64>>,
    /// Standard deviation of the log shock of a network's week; the shock's mean is 1.
    pub shock_sd: f64,
    /// Standard deviation of the log of impressions bought; their mean is 1.
    pub delivery_sd: f64,
}

/// One segment, a number per draw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptSegment {
    /// Its id.
    pub segment: String,
    /// Position of its network.
    pub network: usize,
    /// Weekly spend at which the rise of CPM is measured.
    pub reference_spend: f64,
    /// `V`: active actions per average week; below 0 with the shape, like the scale.
    pub ceiling: Vec<f64>,
    /// `κ`: money per week.
    pub scale: Vec<f64>,
    /// `k`.
    pub shape: Vec<f64>,
    /// `γ`: rise of CPM with spend.
    pub cpm_rise: Vec<f64>,
    /// Actions per week at no spend.
    pub baseline: Vec<f64>,
    /// Points of one average action.
    pub points: Vec<f64>,
}

impl KeptDraws {
    /// The draws in words and numbers.
    #[must_use]
    pub fn of(draws: &Draws, points: &Points) -> Self {
        let weeks = draws.season_len();
        let shared = draws.shared.iter().map(|one| KeptShared {
            carryover: one.carryover,
            dispersion: one.dispersion.clone(),
            log_season: one.log_season.chunks(weeks).map(<[f64]>::to_vec).collect(),
            shock_sd: one.shock_sd,
            delivery_sd: one.delivery_sd,
        });
        let segments = draws.segments.iter().map(|own| {
            let of = |value: fn(&crate::train::posterior::draws::ResponseDraw) -> f64| {
                own.draws.iter().map(value).collect::<Vec<f64>>()
            };
            KeptSegment {
                segment: own.segment.id.clone(),
                network: own.network,
                reference_spend: own.reference_spend,
                ceiling: of(|d| d.ceiling),
                scale: of(|d| d.scale),
                shape: of(|d| d.shape),
                cpm_rise: of(|d| d.cpm_rise),
                baseline: of(|d| d.baseline),
                points: own.draws.iter().map(|d| points.of_mix(&d.mix)).collect(),
            }
        });
        Self {
            weeks: draws.weeks.iter().map(ToString::to_string).collect(),
            networks: draws.networks.clone(),
            shared: shared.collect(),
            segments: segments.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::fixture;

    #[test]
    fn what_is_written_out_is_what_futures_are_made_of() {
        let draws = fixture::draws(5, 7, 3, 1);
        let campaign = fixture::campaign(3);
        let kept = KeptDraws::of(&draws, &campaign.points);
        assert_eq!((kept.shared.len(), kept.segments.len(), kept.weeks.len()), (7, 5, 3));
        for (i, segment) in kept.segments.iter().enumerate() {
            let response = draws.response(i, 4);
            let found = (segment.ceiling[4], segment.scale[4], segment.shape[4]);
            assert_eq!(found, (response.ceiling, response.scale, response.shape));
            assert_eq!(segment.points[4], draws.points(i, 4, &campaign.points));
            let season: Vec<f64> = draws.season(4, segment.network).collect();
            let told = kept.shared[4].log_season[segment.network].iter().map(|log| log.exp());
            assert_eq!(told.collect::<Vec<f64>>(), season);
        }
    }
}
