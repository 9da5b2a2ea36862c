//! Kinds of action people take on a post, and the points a campaign gives to each.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A kind of action, as a panel column names it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Action {
    /// Shares, reposts, direct-message shares.
    Shares,
    /// Comments and replies.
    Comments,
    /// Saves and bookmarks.
    Saves,
    /// Clicks on the post's link.
    LinkClicks,
    /// All clicks, for panels that do not tell link clicks apart.
    Clicks,
    /// A ready total of active actions; stands alone, never beside its own parts.
    Engagements,
    /// Videos watched to the end. Off by default.
    VideoCompletions,
    /// Likes and other reactions. Passive: shown beside, worth 0 unless asked.
    Reactions,
    /// Page likes and follows. Never an objective.
    Follows,
    /// Video views. Passive.
    Views,
}

/// The text names no kind of action.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("found `{found}`, expected one of: {allowed}")]
pub struct UnknownAction {
    /// What was found.
    pub found: String,
    /// The known names, joined by commas.
    pub allowed: String,
}

impl Action {
    /// How many kinds there are.
    pub const COUNT: usize = 10;

    /// All kinds, in column order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Shares,
        Self::Comments,
        Self::Saves,
        Self::LinkClicks,
        Self::Clicks,
        Self::Engagements,
        Self::VideoCompletions,
        Self::Reactions,
        Self::Follows,
        Self::Views,
    ];

    /// The kinds that count as active engagement when reported.
    ///
    /// `Clicks` counts only where `LinkClicks` is not reported, and `Engagements` only where
    /// none of its parts is.
    pub const ACTIVE: [Self; 6] = [
        Self::Shares,
        Self::Comments,
        Self::Saves,
        Self::LinkClicks,
        Self::Clicks,
        Self::Engagements,
    ];

    /// The column name, such as `link_clicks`.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Shares => "shares",
            Self::Comments => "comments",
            Self::Saves => "saves",
            Self::LinkClicks => "link_clicks",
            Self::Clicks => "clicks",
            Self::Engagements => "engagements",
            Self::VideoCompletions => "video_completions",
            Self::Reactions => "reactions",
            Self::Follows => "follows",
            Self::Views => "views",
        }
    }

    /// The place of this kind in arrays of length [`Action::COUNT`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        Self::ALL.into_iter().find(|action| action.column() == text).ok_or_else(|| UnknownAction {
            found: text.to_owned(),
            allowed: Self::ALL.map(Self::column).join(", "),
        })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.column())
    }
}

/// Counts by kind of action; `None` is *not reported*, which is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts(pub [Option<f64>; Action::COUNT]);

impl Counts {
    /// Whether no kind is reported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The count of one kind.
    #[must_use]
    pub fn get(&self, action: Action) -> Option<f64> {
        self.0[action.index()]
    }

    /// Sets the count of one kind.
    pub fn set(&mut self, action: Action, count: Option<f64>) {
        self.0[action.index()] = count;
    }

    /// Adds another row's counts; a kind is reported when either reports it.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = match (*mine, theirs) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            };
        }
    }

    /// The active kinds this row reports, without counting anything twice.
    ///
    /// `Clicks` stands in for `LinkClicks` only where those are missing; `Engagements` is used
    /// only where no part is reported.
    #[must_use]
    pub fn active_kinds(&self) -> Vec<Action> {
        let reported = |action: &Action| self.get(*action).is_some();
        let mut kinds: Vec<Action> = [Action::Shares, Action::Comments, Action::Saves]
            .into_iter()
            .filter(reported)
            .collect();
        kinds.extend([Action::LinkClicks, Action::Clicks].into_iter().find(reported));
        if kinds.is_empty() {
            kinds.extend([Action::Engagements].into_iter().filter(reported));
        }
        kinds
    }

    /// Number of active actions, unweighted; `None` where no active kind is reported.
    #[must_use]
    pub fn active(&self) -> Option<f64> {
        let kinds = self.active_kinds();
        (!kinds.is_empty()).then(|| kinds.iter().filter_map(|kind| self.get(*kind)).sum())
    }
}

/// Points for one action of each kind: what a campaign values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Action, f64>", into = "BTreeMap<Action, f64>")]
pub struct Points([f64; Action::COUNT]);

/// Points must be finite and at least 0, and some active kind must be worth something.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum InvalidPoints {
    /// A weight is negative, infinite or not a number.
    #[error("`{action}`: found {found}, expected a finite number of points of at least 0")]
    Weight {
        /// The kind of action.
        action: Action,
        /// What was found.
        found: f64,
    },
    /// Every weight is zero.
    #[error("every action is worth 0 points; at least one must be worth more")]
    AllZero,
    /// No preset has this name.
    #[error("found `{0}`, expected `count`, `relay`, `equalised` or a table of points per action")]
    Preset(String),
}

impl Points {
    /// Points from pairs of kind and weight; kinds that are left out are worth 0.
    ///
    /// # Errors
    ///
    /// [`InvalidPoints`] for a negative or non-finite weight, or when all are 0.
    pub fn new(weights: &BTreeMap<Action, f64>) -> Result<Self, InvalidPoints> {
        let mut points = [0.0; Action::COUNT];
        for (&action, &weight) in weights {
            if !(0.0..f64::INFINITY).contains(&weight) {
                return Err(InvalidPoints::Weight { action, found: weight });
            }
            points[action.index()] = weight;
        }
        if points.iter().all(|p| *p == 0.0) {
            return Err(InvalidPoints::AllZero);
        }
        Ok(Self(points))
    }

    /// `count` (comptage): every active action is worth 1.
    #[must_use]
    pub fn count() -> Self {
        let mut points = [0.0; Action::COUNT];
        for action in Action::ACTIVE {
            points[action.index()] = 1.0;
        }
        Self(points)
    }

    /// `relay` (relais): share 4, comment 2, save 2, click 1. A choice, not a truth.
    #[must_use]
    pub fn relay() -> Self {
        let mut points = Self::count();
        points.0[Action::Shares.index()] = 4.0;
        points.0[Action::Comments.index()] = 2.0;
        points.0[Action::Saves.index()] = 2.0;
        points
    }

    /// Points of one action of this kind.
    #[must_use]
    pub fn of(&self, action: Action) -> f64 {
        self.0[action.index()]
    }

    /// Value of one *average* active action of a segment whose mix of kinds is `mix`
    /// (shares summing to 1 over [`Action::ALL`]).
    #[must_use]
    pub fn of_mix(&self, mix: &[f64; Action::COUNT]) -> f64 {
        self.0.iter().zip(mix).map(|(points, share)| points * share).sum()
    }
}

impl TryFrom<BTreeMap<Action, f64>> for Points {
    type Error = InvalidPoints;

    fn try_from(weights: BTreeMap<Action, f64>) -> Result<Self, InvalidPoints> {
        Self::new(&weights)
    }
}

impl From<Points> for BTreeMap<Action, f64> {
    fn from(points: Points) -> Self {
        Action::ALL.into_iter().map(|action| (action, points.of(action))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(Action, f64)]) -> Counts {
        let mut counts = Counts::default();
        for (action, n) in pairs {
            counts.set(*action, Some(*n));
        }
        counts
    }

    #[test]
    fn no_action_is_counted_twice() {
        let both =
            counts(&[(Action::LinkClicks, 3.0), (Action::Clicks, 9.0), (Action::Shares, 2.0)]);
        assert_eq!(both.active(), Some(5.0));
        let only_clicks = counts(&[(Action::Clicks, 9.0)]);
        assert_eq!(only_clicks.active(), Some(9.0));
        let total_beside_part = counts(&[(Action::Engagements, 50.0), (Action::Shares, 2.0)]);
        assert_eq!(total_beside_part.active(), Some(2.0));
    }

    #[test]
    fn likes_and_follows_are_not_active() {
        let passive = counts(&[(Action::Reactions, 100.0), (Action::Follows, 7.0)]);
        assert_eq!(passive.active(), None);
        assert_eq!(Points::relay().of(Action::Follows), 0.0);
        assert_eq!(Points::relay().of(Action::Shares), 4.0);
    }

    #[test]
    fn points_refuse_what_is_not_a_weight() {
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Points::new(&BTreeMap::from([(Action::Shares, weight)])).is_err());
        }
        assert_eq!(Points::new(&BTreeMap::new()), Err(InvalidPoints::AllZero));
    }
}
