//! What was planned before a test, what is wished of it, and why it cannot be.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An exchange below this share of an audience's money is left out: delivery itself varies as much.
pub(super) const LEAST_SHARE: f64 = 0.1;
/// No cell's money is more: sums of minor units stay exact.
pub(super) const MOST: i64 = 1 << 50;

/// What was planned before the test, `audiences × weeks`, in the currency's minor unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Flight {
    /// The network of each audience.
    pub network: Vec<usize>,
    /// Money planned; 0 where an audience is not shown, and it stays so.
    pub planned: Vec<Vec<i64>>,
    /// The least that a shown audience may have in a week (the platform's minimum); a cell that is
    /// planned below it keeps its money.
    pub least: Vec<Vec<i64>>,
    /// The most that it may have.
    pub most: Vec<Vec<i64>>,
    /// Which audiences take part.
    pub audiences: Vec<bool>,
    /// Which weeks do.
    pub weeks: Vec<bool>,
}

impl Flight {
    /// The flight with what an audience needs in all weeks that take part.
    #[must_use]
    pub fn with(mut self, need: &Need) -> Self {
        let i = need.audience;
        for week in (0..self.weeks.len()).filter(|week| self.weeks[*week]) {
            self.planned[i][week] = self.planned[i][week].max(need.per_week);
            self.most[i][week] = self.most[i][week].max(need.ceiling);
        }
        self
    }

    /// Whether the test may move a cell's money.
    pub(super) fn takes_part(&self, audience: usize, week: usize) -> bool {
        self.audiences[audience] && self.weeks[week]
    }
}

/// What is wished of a test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Amounts are multiples of this, in minor units.
    pub step: i64,
    /// Weeks that keep one factor: those that an action can lag behind its money, and one.
    pub block_weeks: usize,
    /// Largest share of an audience's money that moves, 0.2 to 0.9: at 0.5 factors are ½ and 1½.
    ///
    /// What is learnt grows with the square of the log factor: 0.7 teaches 2.5 times what 0.5 does.
    pub amplitude: f64,
}

impl Default for Wish {
    fn default() -> Self {
        Self { step: 1, block_weeks: 2, amplitude: 0.5 }
    }
}

/// Why there can be no test, with the least change that would make it possible.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Impossible {
    /// The flight's tables have not one number per audience and week.
    #[error("tables of different shapes, expected {audiences} audiences × {weeks} weeks")]
    Shape {
        /// Audiences of the flight.
        audiences: usize,
        /// Weeks of its first audience.
        weeks: usize,
    },
    /// An amount above its own ceiling.
    #[error("audience {audience}, week {week}: planned money above its ceiling")]
    AboveCeiling {
        /// Position of the audience.
        audience: usize,
        /// Position of the week.
        week: usize,
    },
    /// A step below 1, a block without weeks or an amplitude outside 0.2 to 0.9.
    #[error("expected a step and blocks of at least 1 and an amplitude of 0.2 to 0.9")]
    Wish,
    /// Fewer than two blocks.
    #[error("a flight of {weeks} weeks, expected at least {needed}")]
    TooShort {
        /// Weeks of the flight.
        weeks: usize,
        /// Weeks of two blocks.
        needed: usize,
    },
    /// No network has two audiences.
    #[error("no two audiences of one network")]
    Alone,
    /// No two audiences of a network have room to exchange money in two blocks.
    #[error("no two audiences have room to exchange money")]
    NoRoom {
        /// What the pair that lacks least would need.
        needs: Vec<Need>,
    },
}

/// What an audience needs to take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Position of the audience.
    pub audience: usize,
    /// Money planned in every week: at least this, in minor units.
    pub per_week: i64,
    /// The most it may have in a week: at least this.
    pub ceiling: i64,
}

/// Weeks of a flight whose tables agree.
pub(super) fn checked(flight: &Flight, wish: &Wish) -> Result<usize, Impossible> {
    let Flight { network, planned, least, most, .. } = flight;
    let (audiences, weeks) = (network.len(), planned.first().map_or(0, Vec::len));
    let fits = |table: &Vec<Vec<i64>>| {
        table.len() == audiences && table.iter().all(|row| row.len() == weeks)
    };
    let parts_fit = flight.audiences.len() == audiences && flight.weeks.len() == weeks;
    if !parts_fit || ![planned, least, most].into_iter().all(fits) {
        return Err(Impossible::Shape { audiences, weeks });
    }
    if wish.step < 1 || wish.block_weeks < 1 || !(0.2..=0.9).contains(&wish.amplitude) {
        return Err(Impossible::Wish);
    }
    for audience in 0..audiences {
        for week in 0..weeks {
            let p = planned[audience][week];
            if !(0..=MOST).contains(&p) || p > 0 && p > most[audience][week] {
                return Err(Impossible::AboveCeiling { audience, week });
            }
        }
    }
    let needed = 2 * wish.block_weeks;
    if weeks < needed { Err(Impossible::TooShort { weeks, needed }) } else { Ok(weeks) }
}
