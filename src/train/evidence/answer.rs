//! What each test moved, or why it moved nothing.

use serde::{Deserialize, Serialize};

use super::table::OutsideTest;
use crate::language::message::{Message, Value};
use crate::units::Currency;

/// A test, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The test.
    pub test: OutsideTest,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Evidence {
    /// Whether somebody should look at it: it moved nothing, or contradicts the history.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.warning().is_some()
    }

    /// Whether it moved something.
    #[must_use]
    pub fn is_used(&self) -> bool {
        matches!(self.verdict, Verdict::Used(_))
    }

    /// What it moved.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let Verdict::Used(moved) = &self.verdict else {
            return self.warning().into_iter().collect();
        };
        let number = |name, x| (name, Value::Short(x));
        let mut told = vec![Message::new(
            "train-test-used",
            [
                self.line(),
                ("who", self.who()),
                number("effect", self.test.effect),
                number("se", self.test.se),
                number("before", moved.before.mean),
                number("before-low", moved.before.low),
                number("before-high", moved.before.high),
                number("after", moved.after.mean),
                number("after-low", moved.after.low),
                number("after-high", moved.after.high),
                ("weight", Value::Percent(moved.weight)),
            ],
        )];
        if moved.se > 1.05 * self.test.se {
            let weeks = ("weeks", Value::Whole(moved.age.round()));
            told.push(Message::new("train-test-old", [number("se", moved.se), weeks]));
        }
        told.extend(self.warning());
        told
    }

    /// Why somebody should look at it.
    #[must_use]
    pub fn warning(&self) -> Option<Message> {
        match &self.verdict {
            Verdict::Refused(refusal) => {
                let reason = Value::Nested(Box::new(refusal.message()));
                let values = [self.line(), ("who", self.who()), ("reason", reason)];
                Some(Message::new("finding-test-refused", values))
            }
            Verdict::Used(moved) => moved.contradicts().then(|| {
                let surprise = Value::Decimal(moved.surprise.abs(), 1);
                let values = [self.line(), ("who", self.who()), ("surprise", surprise)];
                Message::new("finding-test-contradicts", values)
            }),
        }
    }

    fn line(&self) -> (&'static str, Value) {
        ("line", Value::Whole(self.test.line as f64))
    }

    fn who(&self) -> Value {
        match self.test.who() {
            who if who.is_empty() => Value::Message("train-test-everybody".to_owned()),
            who => Value::Name(who),
        }
    }
}

/// Whether a test was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was, and moved this.
    Used(Moved),
    /// It does not match what was learnt from.
    Refused(Refusal),
}

/// Why a test is not believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No audience has its attributes: the first that none has, and the nearest that some have.
    Audience {
        /// The attribute.
        attribute: String,
        /// Its value in the test.
        found: String,
        /// The nearest value of the history; empty where it does not know the attribute.
        nearest: String,
    },
    /// Its weeks are not weeks of the history: first and last day of that.
    Window {
        /// First day of the history.
        first: String,
        /// Last day of the history.
        last: String,
    },
    /// The history has no dates.
    Undated,
    /// Its money is of another currency.
    Currency {
        /// The test's.
        found: Currency,
        /// The history's.
        expected: Currency,
    },
    /// The history reports no such action of these audiences.
    Action {
        /// The kind.
        action: String,
    },
    /// Nothing was ever spent on these audiences.
    Money,
}

impl Refusal {
    /// The reason.
    #[must_use]
    pub fn message(&self) -> Message {
        let name = |text: &str| Value::Name(text.to_owned());
        let (key, values) = match self {
            Self::Audience { attribute, found, nearest } => {
                let key = if nearest.is_empty() { "attribute" } else { "audience" };
                let values = [("attribute", attribute), ("found", found), ("nearest", nearest)];
                (key, values.map(|(key, value)| (key, name(value))).to_vec())
            }
            Self::Window { first, last } => {
                ("window", vec![("first", name(first)), ("last", name(last))])
            }
            Self::Undated => ("undated", Vec::new()),
            Self::Currency { found, expected } => {
                let values = [("found", found), ("expected", expected)];
                ("currency", values.map(|(key, value)| (key, name(value.code()))).to_vec())
            }
            Self::Action { action } => ("action", vec![("action", name(action))]),
            Self::Money => ("money", Vec::new()),
        };
        Message::new(&format!("evidence-refused-{key}"), values)
    }
}

/// Mean and central 80 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Mean.
    pub mean: f64,
    /// Quantile at 10 %.
    pub low: f64,
    /// Quantile at 90 %.
    pub high: f64,
}

/// What a test moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Audiences that it is about.
    pub audiences: usize,
    /// Weeks from its last day to the history's.
    pub age: f64,
    /// Its standard error at that age.
    pub se: f64,
    /// Effect expected before any test.
    pub before: Expected,
    /// Effect expected now, all tests together.
    pub after: Expected,
    /// Share of the variance that is gone, from 0 to 1.
    pub weight: f64,
    /// How far it lay from what was expected, in standard deviations of the difference.
    pub surprise: f64,
}

/// Beyond so many standard deviations a test says something else than the history.
const SURPRISING: f64 = 3.0;

impl Moved {
    /// Whether test and history contradict each other.
    #[must_use]
    pub fn contradicts(&self) -> bool {
        self.surprise.abs() > SURPRISING
    }
}

/// Share of what a network reports that would not have come without the money, where a test spoke.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncrementalShare {
    /// The network.
    pub network: String,
    /// Mean and central 80 %.
    #[serde(flatten)]
    pub share: Expected,
}

impl IncrementalShare {
    /// The share in a sentence.
    #[must_use]
    pub fn message(&self) -> Message {
        let hundredths = |share: f64| Value::Whole((100.0 * share).round());
        let Expected { mean, low, high } = self.share;
        let shares = [("mean", mean), ("low", low), ("high", high)];
        let shares = shares.map(|(name, share)| (name, hundredths(share)));
        let network = ("network", Value::Name(self.network.clone()));
        Message::new("train-test-incremental", std::iter::once(network).chain(shares))
    }
}
