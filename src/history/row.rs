//! One line of an export, understood but not yet judged.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::action::{Action, Counts};
use crate::segment::Attribute;
use crate::units::Currency;

/// How fine a row is: what one line of the export stands for, before breakdowns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// The whole account.
    Account = 0,
    /// One campaign.
    Campaign = 1,
    /// One ad set.
    AdSet = 2,
    /// One ad or post.
    Ad = 3,
}

/// A row of an export in the product's own terms.
///
/// Spend is exactly as read. An absent value is *not reported*, which is not zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Line of the file (1-based, of the row's first line; for a sheet, its row number).
    pub line: u64,
    /// What the row stands for.
    pub level: Level,
    /// Attribute values by [`Attribute::index`]: names, audience, format …
    pub attributes: [Option<Box<str>>; Attribute::COUNT],
    /// Ids of campaign, ad set and ad when the export has them; names are keys only without.
    pub ids: [Option<Box<str>>; 3],
    /// Attributes whose value comes from a breakdown column *inside* the row's level: the
    /// platform, not the planner, divided the money over them.
    pub breakdowns: Vec<Attribute>,
    /// It counts since the publication of what it is about, which is its period, and not on one day.
    pub lifetime: bool,
    /// First and last day, both included; `None` when the export has no dates.
    pub period: Option<(Date, Date)>,
    /// Currency, when the file names one.
    pub currency: Option<Currency>,
    /// Money, exactly as read; `None` for organic rows that report none.
    pub spend: Option<Decimal>,
    /// Impressions.
    pub impressions: Option<f64>,
    /// Distinct people.
    pub reach: Option<f64>,
    /// Counts by kind of action. For kinds in `censored`, the exclusive upper limit.
    pub actions: Counts,
    /// Kinds whose small count the platform suppressed (`<5`, `--`).
    pub censored: Vec<Action>,
}

impl Row {
    /// A row of which nothing is reported yet.
    pub(crate) fn blank(level: Level) -> Self {
        Self {
            line: 0,
            level,
            attributes: Default::default(),
            ids: Default::default(),
            breakdowns: Vec::new(),
            lifetime: false,
            period: None,
            currency: None,
            spend: None,
            impressions: None,
            reach: None,
            actions: Counts::default(),
            censored: Vec::new(),
        }
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<&str> {
        self.attributes[attribute.index()].as_deref()
    }
}
