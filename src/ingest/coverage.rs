//! What the rows of one file cover: how long a row is, who it names, from when it is.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use crate::history::row::Row;
use crate::segment::Attribute;
use crate::units::days_between;

/// Attributes by which an audience is bought where no ad set is named.
const AUDIENCE: [Attribute; 4] =
    [Attribute::Age, Attribute::Gender, Attribute::Territory, Attribute::Interest];

/// Facebook and Instagram are bought apart; ages and regions inside an ad set are not.
const NETWORK: u16 = 1 << Attribute::Network as u16;

fn bit(attribute: Attribute) -> u16 {
    1 << attribute.index()
}

/// How long rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// A day.
    Day,
    /// Up to a week.
    Week,
    /// Longer: it belongs to no week.
    Longer,
    /// No dates.
    Undated,
}

impl Length {
    const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Longer, Self::Undated];

    fn of(days: u32) -> Self {
        match days {
            ..=1 => Self::Day,
            2..=7 => Self::Week,
            _ => Self::Longer,
        }
    }
}

/// Rows with money and delivery, weighed by their impressions: money is exact, and slow to add.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverage {
    /// By [`Length`].
    weights: [f64; 4],
    /// Days of the rows of more than a week, weighed.
    long_days: f64,
    /// Windows of those rows, up to [`Coverage::WINDOWS`].
    long_windows: BTreeSet<(Date, Date)>,
    /// First and last day.
    pub(super) window: Option<(Date, Date)>,
    /// The network of the first row, and whether there is another.
    network: Option<(Box<str>, bool)>,
    /// Weight of rows that name what can be bought: an ad set, or an audience.
    bought: f64,
    /// Weight of rows that the platform divided, and by what.
    divided: f64,
    by: u16,
}

impl Coverage {
    /// Windows that are told apart; beyond it they are many.
    const WINDOWS: usize = 64;
    /// A finer length counts where its rows weigh at least this share of the heaviest length's: the
    /// same money may be there by day and as a whole.
    const ENOUGH: f64 = 0.25;

    /// Takes in a row.
    pub(super) fn see(&mut self, row: &Row) {
        if row.spend.is_none_or(|spend| spend.is_zero()) {
            return;
        }
        let weight = row.impressions.unwrap_or(1.0).max(1.0);
        self.see_period(row.period, weight);
        self.see_network(row.get(Attribute::Network).unwrap_or_default());
        let is_own = |attribute: &Attribute| {
            row.get(*attribute).is_some() && !row.breakdowns.contains(attribute)
        };
        if row.ids[1].is_some()
            || row.get(Attribute::AdSet).is_some()
            || AUDIENCE.iter().any(is_own)
        {
            self.bought += weight;
        }
        let mask = row.breakdowns.iter().fold(0, |mask, own| mask | bit(*own)) & !NETWORK;
        if mask != 0 {
            self.divided += weight;
            self.by |= mask;
        }
    }

    fn see_period(&mut self, period: Option<(Date, Date)>, weight: f64) {
        let Some((start, end)) = period else {
            self.weights[Length::Undated as usize] += weight;
            return;
        };
        let window = self.window.get_or_insert((start, end));
        *window = (window.0.min(start), window.1.max(end));
        let days = days_between(start, end);
        let length = Length::of(days);
        self.weights[length as usize] += weight;
        if length == Length::Longer {
            self.long_days += weight * f64::from(days);
            if self.long_windows.len() < Self::WINDOWS {
                self.long_windows.insert((start, end));
            }
        }
    }

    fn see_network(&mut self, network: &str) {
        match &mut self.network {
            None => self.network = Some((network.into(), false)),
            Some((_, true)) => {}
            Some((first, other)) => *other = **first != *network,
        }
    }

    /// Adds the rows of another file.
    pub(super) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.weights.iter_mut().zip(other.weights) {
            *mine += theirs;
        }
        self.long_days += other.long_days;
        self.long_windows.extend(other.long_windows.iter().copied());
        if let Some((start, end)) = other.window {
            let window = self.window.get_or_insert((start, end));
            *window = (window.0.min(start), window.1.max(end));
        }
        if let Some((network, several)) = &other.network {
            self.see_network(network);
            if let Some((_, mine)) = &mut self.network {
                *mine |= several;
            }
        }
        self.bought += other.bought;
        self.divided += other.divided;
        self.by |= other.by;
    }

    fn weight(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// Whether no row reports money.
    pub(super) fn is_empty(&self) -> bool {
        self.weight() == 0.0
    }

    /// The finest length that enough rows have.
    pub(super) fn length(&self) -> Length {
        let most = self.weights.iter().copied().fold(0.0, f64::max);
        let enough = |length: &Length| self.weights[*length as usize] >= Self::ENOUGH * most;
        Length::ALL.into_iter().find(enough).unwrap_or(Length::Undated)
    }

    /// The mean length of rows of more than a week, in days, and the one window of them all, where
    /// there is one.
    pub(super) fn long(&self) -> (u32, Option<(Date, Date)>) {
        let days = self.long_days / self.weights[Length::Longer as usize].max(1.0);
        let mut windows = self.long_windows.iter().copied();
        let one = windows.next().filter(|_| windows.next().is_none());
        (days.round() as u32, one)
    }

    /// The network of all rows; `None` where there are several or none is known.
    pub(super) fn network(&self) -> Option<&str> {
        let (network, several) = self.network.as_ref()?;
        (!several && !network.is_empty()).then_some(&**network)
    }

    /// Whether most of it names nothing that can be bought.
    pub(super) fn lacks_audiences(&self) -> bool {
        2.0 * self.bought < self.weight()
    }

    /// By what the platform divided most of it.
    pub(super) fn divided_by(&self) -> Vec<Attribute> {
        let by = if 2.0 * self.divided > self.weight() { self.by } else { 0 };
        Attribute::ALL.into_iter().filter(|own| by & bit(*own) != 0).collect()
    }
}
