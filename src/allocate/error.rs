//! What can go wrong in dividing a budget, told in the person's words.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::candidates::remainder::Remainder;
use crate::campaign::OtherCurrency;
use crate::language::{Explain, Language};
use crate::segment::ToldApart;
use crate::units::Currency;

/// No plan can be given.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AllocateError {
    /// No segment may be funded.
    #[error("no segment may be funded")]
    NoSegments,
    /// No segment may be funded, and why.
    #[error("no segment may be funded: {0:?}")]
    EmptySelection(EmptySelection),
    /// The file of known curves has bad cells.
    #[error("`{file}` has {} bad cells", faults.len())]
    Curves {
        /// The file.
        file: String,
        /// Every bad cell.
        faults: Vec<CurveFault>,
    },
    /// Rules contradict each other.
    #[error("{} rules contradict each other", clashes.iter().map(Vec::len).sum::<usize>())]
    Conflict {
        /// A smallest set of rules that clash; then, where none of them is enough, what still does
        /// once the first has given; and so on.
        clashes: Vec<Vec<NamedClash>>,
        /// The currency of amounts.
        currency: Option<Currency>,
    },
    /// Every rule can be kept in shares, but no combination of whole segments was found.
    #[error("no combination of funded segments keeps all rules")]
    NoCombination,
    /// Whole segments do not add up to the budget.
    #[error("no whole segments make {asked}")]
    Indivisible {
        /// The budget.
        asked: f64,
        /// The nearest budgets that they make, below and above.
        nearest: Vec<f64>,
        /// The currency.
        currency: Option<Currency>,
    },
    /// The search spent its nodes before it knew a plan, or knew that there is none.
    #[error("undecided after {nodes} nodes")]
    Undecided {
        /// Nodes it looked at.
        nodes: u64,
    },
    /// The campaign's cap on the cost per action cannot be met.
    #[error("no plan costs at most {asked} per action")]
    CostPerAction {
        /// The cap.
        asked: f64,
        /// The currency.
        currency: Option<Currency>,
    },
    /// A group rule covers no segment that may be funded.
    #[error("group `{0}` covers no segment")]
    EmptyGroup(String),
    /// The campaign limits the change against the last split, and there is none.
    #[error("there is no last split to limit the change against")]
    NoReference,
    /// The shipped priors, or a person's own, cannot be used.
    #[error("`{file}`: {reason}")]
    Priors {
        /// The file, below the folder of tables.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was learnt from is in another currency than the budget.
    #[error(transparent)]
    OtherCurrency(#[from] OtherCurrency),
    /// The priors' money is another currency's.
    #[error("the priors are in {held}, the budget is in {asked}")]
    PriorCurrency {
        /// The budget's.
        asked: Currency,
        /// The priors'.
        held: Currency,
    },
    /// Without a history the campaign must spell out its segments, and leaves attributes out.
    #[error("`segments.where` does not list {}", keys.join(", "))]
    PriorConditions {
        /// All attributes left out.
        keys: Vec<String>,
        /// The networks there are, when they are among them.
        known: String,
    },
    /// A network that the priors do not know.
    #[error("no priors for `{0}`")]
    PriorNetwork(String),
    /// The conditions multiply to too many segments.
    #[error("more than {most} segments")]
    PriorSegments {
        /// The most that the table allows.
        most: usize,
    },
    /// A number that is not one.
    #[error("segment `{0}` has bounds that are not numbers")]
    NotNumbers(String),
}

/// A bad cell of a curves file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurveFault {
    /// Line, the header is 1.
    pub line: u64,
    /// Column.
    pub column: String,
    /// What was found.
    pub found: String,
    /// What is allowed: the end of a message key.
    pub allowed: &'static str,
}

/// One rule of a conflict, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedClash {
    /// What kind of rule: the end of a message key.
    pub kind: &'static str,
    /// Its name, or the segments it concerns.
    pub name: String,
    /// Its limit, where it has one.
    pub limit: Option<f64>,
    /// By how much it would have to give.
    pub give: f64,
    /// Whether the two are money.
    pub is_money: bool,
    /// Whether nothing else clashes once it has given so much.
    pub is_enough: bool,
}

impl Explain for AllocateError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::NoSegments => language.text("error-allocate-no-segments"),
            Self::EmptySelection(why) => why.explain(language),
            Self::Curves { file, faults } => {
                let head = language.say("error-allocate-curves", &[("file", file)]);
                let line = |fault: &CurveFault| {
                    let allowed = language.text(&format!("allocate-allowed-{}", fault.allowed));
                    language.say(
                        "error-allocate-curves-line",
                        &[
                            ("line", &fault.line.to_string()),
                            ("column", &fault.column),
                            ("found", &fault.found),
                            ("allowed", &allowed),
                        ],
                    )
                };
                std::iter::once(head).chain(faults.iter().map(line)).collect::<Vec<_>>().join("\n")
            }
            Self::Conflict { clashes, currency } => conflict(clashes, language, *currency),
            Self::NoCombination => language.text("error-allocate-no-combination"),
            Self::Indivisible { asked, nearest, currency } => {
                let money = |amount: &f64| language.money(*amount, *currency);
                let nearest: Vec<String> = nearest.iter().map(money).collect();
                let nearest = match &nearest[..] {
                    [] => return language.text("error-allocate-no-combination"),
                    [one] => one.clone(),
                    [one, other, ..] => language
                        .say("error-allocate-one-or-other", &[("one", one), ("other", other)]),
                };
                let arguments = [("budget", &*money(asked)), ("nearest", &*nearest)];
                language.say("error-allocate-indivisible", &arguments)
            }
            Self::Undecided { nodes } => language
                .say("error-allocate-undecided", &[("nodes", &language.number(*nodes as f64, 0))]),
            Self::CostPerAction { asked, currency } => language.say(
                "error-allocate-cost-per-action",
                &[("asked", &language.money_with(*asked, *currency, 2))],
            ),
            Self::EmptyGroup(name) => language.say("error-allocate-empty-group", &[("name", name)]),
            Self::NoReference => language.text("error-allocate-no-reference"),
            Self::Priors { file, reason } => {
                language.say("error-allocate-priors", &[("file", file), ("reason", reason)])
            }
            Self::OtherCurrency(apart) => apart.explain(language),
            Self::PriorCurrency { asked, held } => language.say(
                "error-allocate-prior-currency",
                &[("asked", &asked.to_string()), ("held", &held.to_string())],
            ),
            Self::PriorConditions { keys, known } => {
                let listed: Vec<String> =
                    keys.iter().map(|key| format!("{key} = [\"…\"]")).collect();
                let example = format!("where = {{ {} }}", listed.join(", "));
                let arguments =
                    [("keys", &*keys.join(", ")), ("example", &example), ("known", known)];
                if known.is_empty() {
                    language.say("error-allocate-prior-conditions", &arguments[..2])
                } else {
                    language.say("error-allocate-prior-networks", &arguments)
                }
            }
            Self::PriorNetwork(name) => {
                language.say("error-allocate-prior-network", &[("name", name)])
            }
            Self::PriorSegments { most } => language.say(
                "error-allocate-prior-segments",
                &[("most", &language.number(*most as f64, 0))],
            ),
            Self::NotNumbers(name) => language.say("error-allocate-not-numbers", &[("name", name)]),
        }
    }
}

/// A set of rules that clash, and what clashes behind it.
fn conflict(sets: &[Vec<NamedClash>], language: Language, currency: Option<Currency>) -> String {
    let mut lines = Vec::new();
    for (i, set) in sets.iter().enumerate() {
        let key = match i {
            0 if sets.len() > 1 => "error-allocate-conflicts",
            0 if set.iter().any(|clash| clash.is_enough) => "error-allocate-conflict",
            0 => "error-allocate-conflict-whole",
            _ => "error-allocate-conflict-then",
        };
        lines.push(language.text(key));
        let some_are = set.iter().any(|clash| clash.is_enough);
        lines.extend(set.iter().map(|clash| {
            let line = clash.explain(language, currency);
            // Where one is enough, those that are not are told apart.
            if some_are && !clash.is_enough {
                format!("{line} {}", language.text("allocate-clash-not-enough"))
            } else {
                line
            }
        }));
    }
    lines.join("\n")
}

impl NamedClash {
    fn explain(&self, language: Language, currency: Option<Currency>) -> String {
        let amount = |x: f64| {
            if self.is_money { language.money(x, currency) } else { language.short(x) }
        };
        let limit = self.limit.map(amount).unwrap_or_default();
        language.say(
            &format!("allocate-clash-{}", self.kind),
            &[("name", &self.name), ("limit", &limit), ("give", &amount(self.give))],
        )
    }
}

/// Values shown of an attribute; the rest is counted.
pub(super) const SHOWN: usize = 12;

/// Why no segment may be funded.
#[derive(Debug, Clone, PartialEq)]
pub enum EmptySelection {
    /// No segment fits one condition by itself.
    Condition {
        /// The attribute, as the campaign file names it.
        key: String,
        /// Values asked for.
        asked: Vec<String>,
        /// Values that segments have.
        held: BTreeSet<String>,
    },
    /// Every condition fits some segment, but no segment fits all.
    Together(BTreeMap<String, Vec<String>>),
    /// Segments fit, but none of them is bought by itself.
    NotBought {
        /// How many fit.
        found: usize,
        /// What the history tells apart of what was bought.
        apart: Vec<ToldApart>,
    },
    /// All that fits is money that nothing breaks down.
    NotBrokenDown(Remainder),
}

impl EmptySelection {
    pub(super) fn explain(&self, language: Language) -> String {
        match self {
            Self::Condition { key, asked, held } if held.is_empty() => language.say(
                "error-allocate-nobody-attribute",
                &[("key", key), ("asked", &asked.join(", "))],
            ),
            Self::Condition { key, asked, held } => {
                let shown: Vec<&str> = held.iter().map(String::as_str).take(SHOWN).collect();
                let more = if held.len() > SHOWN { ", …" } else { "" };
                language.say(
                    "error-allocate-nobody-condition",
                    &[
                        ("key", key),
                        ("asked", &asked.join(", ")),
                        ("held", &(shown.join(", ") + more)),
                    ],
                )
            }
            Self::Together(conditions) => {
                let asked: Vec<String> = conditions
                    .iter()
                    .map(|(key, values)| format!("{key} = {}", values.join("|")))
                    .collect();
                language.say("error-allocate-nobody-together", &[("asked", &asked.join(" + "))])
            }
            Self::NotBought { found, apart } => {
                let told = language.count("error-allocate-nobody-bought", *found as u64, &[]);
                told + &language.offered(apart)
            }
            Self::NotBrokenDown(rest) => language.not_broken_down(&rest.attributes, &rest.apart),
        }
    }
}
