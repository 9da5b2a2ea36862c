//! The fields of the form: what each is called, how it is written, where it stands in the file.

/// How a field is asked for and written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Words.
    Text,
    /// A day.
    Day,
    /// Money; without a currency, the budget's.
    Money,
    /// A number, or hundredths with a `%`.
    Number,
    /// One of these values, each with its words; nothing chosen is the default.
    Choice(&'static [(&'static str, &'static str)]),
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its key in the file, with its tables.
    pub(super) key: &'static str,
    /// What it is called: the message of the same setting in a report.
    pub(super) words: &'static str,
    /// How it is asked for.
    pub(super) kind: Kind,
    /// Whether no campaign does without.
    pub(super) is_required: bool,
}

impl Field {
    /// What it means, and its rule: a message.
    pub(super) fn hint(&self) -> String {
        format!("serve-field-{}", self.key.replace(['.', '_'], "-"))
    }

    /// What is called so in the page.
    pub(super) fn id(&self) -> String {
        format!("f-{}", self.key.replace(['.', '_'], "-"))
    }
}

const fn field(key: &'static str, words: &'static str, kind: Kind) -> Field {
    Field { key, words, kind, is_required: false }
}

const fn needed(key: &'static str, words: &'static str, kind: Kind) -> Field {
    Field { key, words, kind, is_required: true }
}

const YES: Kind = Kind::Choice(&[("true", "report-yes"), ("false", "report-no")]);
const SPEND: Kind = Kind::Choice(&[("all", "report-spend-all"), ("up_to", "report-spend-up-to")]);
const PACING: Kind = Kind::Choice(&[
    ("even", "report-pacing-even"),
    ("front_loaded", "report-pacing-front-loaded"),
    ("season", "report-pacing-season"),
]);
const LEVERS: Kind =
    Kind::Choice(&[("bought", "report-levers-bought"), ("any", "report-levers-any")]);
const POINTS: Kind = Kind::Choice(&[
    ("relay", "report-preset-relay"),
    ("count", "report-preset-count"),
    ("equalised", "report-preset-equalised"),
]);
const ROUNDING: Kind = Kind::Choice(&[
    ("minor", "report-rounding-minor"),
    ("unit", "report-rounding-unit"),
    ("five", "report-rounding-five"),
]);

/// What the form asks, part by part: its title, whether audiences or networks are asked for below its
/// fields, its fields.
pub(super) const PARTS: [(&str, Below, &[Field]); 5] = [
    (
        "serve-form-what",
        Below::Nothing,
        &[
            needed("title", "report-setting-title", Kind::Text),
            field("goal", "report-setting-goal", Kind::Text),
            field("engagement", "report-setting-preset", POINTS),
            field("sensitive", "report-setting-sensitive", YES),
        ],
    ),
    (
        "serve-form-money",
        Below::Nothing,
        &[
            needed("budget.amount", "report-setting-gross", Kind::Money),
            needed("flight.start", "report-setting-start", Kind::Day),
            needed("flight.end", "report-setting-end", Kind::Day),
            field("budget.tax", "report-setting-tax", Kind::Number),
            field("budget.fee", "report-setting-fee", Kind::Number),
            field("spend", "report-setting-spend", SPEND),
            field("pacing", "report-setting-pacing", PACING),
            field("rounding", "report-setting-rounding", ROUNDING),
        ],
    ),
    (
        "serve-form-audiences",
        Below::Audiences,
        &[field("segments.levers", "report-setting-levers", LEVERS)],
    ),
    (
        "serve-form-limits",
        Below::Networks,
        &[
            field(
                "limits.per_segment.min_if_funded",
                "report-setting-each-min-if-funded",
                Kind::Money,
            ),
            field("limits.per_segment.max_share", "report-setting-each-max", Kind::Number),
            field("limits.funded_at_most", "report-setting-funded", Kind::Number),
            field("limits.change_at_most", "report-setting-change", Kind::Number),
            field("limits.cost_per_action", "report-setting-cost-per-action", Kind::Money),
            field("limits.weekly_min", "report-setting-weekly-min", Kind::Money),
            field("limits.carbon", "report-setting-carbon", Kind::Text),
        ],
    ),
    (
        "serve-form-risk",
        Below::Nothing,
        &[
            field("risk.prudence", "report-setting-prudence", Kind::Number),
            field("risk.tail", "report-setting-tail", Kind::Number),
        ],
    ),
];

/// What a part asks besides its fields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Below {
    /// Nothing.
    Nothing,
    /// Which audiences may be funded.
    Audiences,
    /// How much each network may have.
    Networks,
}

/// All fields.
pub(super) fn all() -> impl Iterator<Item = &'static Field> {
    PARTS.iter().flat_map(|(.., fields)| fields.iter())
}

/// What audiences are chosen by.
pub(super) const BY: [&str; 7] =
    ["network", "age", "gender", "territory", "format", "topic", "interest"];
/// What stands before an attribute's name in the form.
pub(super) const WHERE: &str = "where-";
/// What stands before a network's name in the form.
pub(super) const CAP: &str = "cap-";
