//! What is to be fitted: layers, pooling, priors; read from `models/*.toml` or a person's file.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::language::{Explain, Language, by_likeness};
use crate::reference::Reference;

/// One prior: mean and standard deviation on the scale that `says` names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Mean; not used by half-normal priors.
    pub mean: f64,
    /// Standard deviation, more than 0.
    pub sd: f64,
    /// What it means, in words.
    pub says: String,
}

/// Whether a level of organic actions is learnt beside what money brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "BaselineText", into = "BaselineText")]
pub enum Baseline {
    /// As the panel's weeks without money say; a model file holds what was decided.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never: actions in weeks without money are left out.
    Off,
}

impl From<bool> for Baseline {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// How a [`Baseline`] is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "told-wanted-baseline")]
enum BaselineText {
    Switch(bool),
    Word(BaselineWord),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum BaselineWord {
    Auto,
}

impl From<BaselineText> for Baseline {
    fn from(text: BaselineText) -> Self {
        match text {
            BaselineText::Switch(on) => on.into(),
            BaselineText::Word(BaselineWord::Auto) => Self::Auto,
        }
    }
}

impl From<Baseline> for BaselineText {
    fn from(baseline: Baseline) -> Self {
        match baseline {
            Baseline::Auto => Self::Word(BaselineWord::Auto),
            Baseline::On => Self::Switch(true),
            Baseline::Off => Self::Switch(false),
        }
    }
}

/// A specification whose numbers have been checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    /// Its name, repeated on the model card.
    pub name: String,
    /// What it assumes, in one sentence.
    pub says: String,
    /// Organic actions, those that come without money too: `true`, `false`, or `"auto"` (as the
    /// panel's weeks without money say).
    #[schemars(with = "BaselineText")]
    pub baseline: Baseline,
    /// Sine and cosine pairs of the yearly season, 0 to 4.
    pub harmonics: usize,
    /// Weeks between the knots of the slow drift, at least 2.
    pub drift_weeks: u32,
    /// Attributes to pool on; empty: every attribute whose values repeat.
    pub pool: Vec<String>,
    /// An attribute with more values than this is not pooled on.
    pub most_levels: usize,
    /// Columns of numbers in a panel file that are known and left out.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// Refuses a panel without reach.
    #[serde(default)]
    pub needs_reach: bool,
    /// Weeks after which an outside test is worth half: its variance doubles every so many weeks.
    #[serde(default = "half_life", skip_serializing_if = "is_half_life")]
    pub tests_half_life: f64,
    /// Every prior by name; the names are those of `models/default.toml`.
    pub prior: BTreeMap<String, Prior>,
}

/// A year.
fn half_life() -> f64 {
    52.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_half_life(weeks: &f64) -> bool {
    *weeks == half_life()
}

/// The text is no specification.
#[derive(Debug, Error)]
pub enum SpecificationError {
    /// Not TOML, an unknown key, or a wrong type.
    #[error("the specification cannot be read: {0}")]
    Unreadable(String),
    /// `based_on` names no shipped specification.
    #[error("`based_on`: found `{0}`, expected `default`")]
    UnknownBase(String),
    /// A prior's name is not known.
    #[error("no prior is called `{found}`; did you mean `{nearest}`?")]
    UnknownPrior {
        /// What was found.
        found: String,
        /// The nearest known name.
        nearest: String,
    },
    /// A number is out of its range.
    #[error("`{key}`: found {found}, expected {allowed}")]
    OutOfRange {
        /// The key.
        key: String,
        /// What was found.
        found: f64,
        /// What is allowed.
        allowed: &'static str,
    },
}

impl Explain for SpecificationError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Unreadable(reason) => language.say(
                "error-train-specification-unreadable",
                &[("reason", &language.toml_frame(reason))],
            ),
            Self::UnknownBase(found) => {
                language.say("error-train-specification-base", &[("found", found)])
            }
            Self::UnknownPrior { found, nearest } => language
                .say("error-train-specification-prior", &[("found", found), ("nearest", nearest)]),
            Self::OutOfRange { key, found, allowed } => language.say(
                "error-train-specification-range",
                &[("key", key), ("found", &found.to_string()), ("allowed", allowed)],
            ),
        }
    }
}

impl Default for Specification {
    fn default() -> Self {
        Self::named("default").expect("`models/default.toml` ships with the program")
    }
}

impl Specification {
    /// Names of the shipped specifications.
    pub const NAMES: [&'static str; 3] = ["default", "reach", "sparse"];

    /// A shipped specification; `None` when there is none of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if !Self::NAMES.contains(&name) {
            return None;
        }
        Self::read(Reference::model_text(&format!("{name}.toml"))?).ok()
    }

    /// The JSON schema of a person's specification: with `based_on`, no other key is needed.
    #[must_use]
    pub fn schema() -> Schema {
        let mut schema = schemars::schema_for!(Self);
        let based_on = schemars::json_schema!({
            "type": "string",
            "const": "default",
            "description": "The specification whose keys hold where this file says nothing.",
        });
        if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
            properties.insert("based_on".to_owned(), based_on.to_value());
        }
        // A prior may give only its mean or its spread: the base has the rest.
        if let Some(prior) = schema.pointer_mut("/$defs/Prior").and_then(|p| p.as_object_mut()) {
            prior.remove("required");
        }
        let whole = schema.remove("required");
        let alone = serde_json::json!({ "required": whole });
        schema.insert("anyOf".to_owned(), serde_json::json!([{ "required": ["based_on"] }, alone]));
        schema
    }

    /// Reads a person's specification: whole, or `based_on` a shipped one with only what differs.
    ///
    /// # Errors
    ///
    /// [`SpecificationError`] names the key, what was found and what is allowed.
    pub fn read(text: &str) -> Result<Self, SpecificationError> {
        let mut own = table(text)?;
        let base = match own.remove("based_on") {
            Some(toml::Value::String(name)) => Some(base_text(&name)?),
            Some(other) => return Err(SpecificationError::UnknownBase(other.to_string())),
            None => None,
        };
        let merged = match base {
            Some(text) => overlay(table(text)?, own),
            None => own,
        };
        let specification: Self =
            merged.try_into().map_err(|error: toml::de::Error| unreadable(&error))?;
        specification.checked()
    }

    /// The prior of this name.
    ///
    /// # Panics
    ///
    /// Never for the names of `models/default.toml`: reading checks that all are there.
    #[must_use]
    pub(crate) fn prior(&self, name: &str) -> &Prior {
        self.prior.get(name).expect("reading checks that every prior is there")
    }

    fn checked(self) -> Result<Self, SpecificationError> {
        let range = |key: &str, found: f64, allowed| {
            Err(SpecificationError::OutOfRange { key: key.to_owned(), found, allowed })
        };
        if self.harmonics > 4 {
            return range("harmonics", self.harmonics as f64, "0 to 4");
        }
        if !(2..=520).contains(&self.drift_weeks) {
            return range("drift_weeks", f64::from(self.drift_weeks), "2 to 520 weeks");
        }
        if !(1.0..=1e4).contains(&self.tests_half_life) {
            return range("tests_half_life", self.tests_half_life, "1 to 10000 weeks");
        }
        for (name, prior) in &self.prior {
            if !PRIORS.contains(&name.as_str()) {
                return Err(SpecificationError::UnknownPrior {
                    found: name.clone(),
                    nearest: by_likeness(name, PRIORS)[0].to_owned(),
                });
            }
            if !(1e-6..=100.0).contains(&prior.sd) {
                return range(&format!("prior.{name}.sd"), prior.sd, "0.000001 to 100");
            }
            if !(-100.0..=100.0).contains(&prior.mean) {
                return range(&format!("prior.{name}.mean"), prior.mean, "-100 to 100");
            }
        }
        match PRIORS.iter().find(|name| !self.prior.contains_key(**name)) {
            Some(missing) => Err(SpecificationError::Unreadable(format!(
                "`prior.{missing}` is missing; begin with `based_on = \"default\"` to keep the rest"
            ))),
            None => Ok(self),
        }
    }
}

/// Every prior that the layers read.
const PRIORS: [&str; 32] = [
    "efficiency",
    "efficiency_by_spend",
    "saturation",
    "saturation_by_spend",
    "shape",
    "shape_by_network",
    "spread_efficiency",
    "spread_saturation",
    "attribute_efficiency",
    "attribute_saturation",
    "correlation",
    "dispersion",
    "baseline",
    "baseline_by_spend",
    "spread_baseline",
    "attribute_baseline",
    "season",
    "season_by_network",
    "drift",
    "segment_drift",
    "shock",
    "carryover",
    "delay",
    "cpm",
    "spread_cpm",
    "cpm_rise",
    "delivery_noise",
    "audience",
    "spread_audience",
    "reach_noise",
    "wear_out",
    "mix",
];

fn table(text: &str) -> Result<toml::Table, SpecificationError> {
    text.parse::<toml::Table>().map_err(|error| unreadable(&error))
}

fn unreadable(error: &toml::de::Error) -> SpecificationError {
    SpecificationError::Unreadable(error.to_string().trim_end().to_owned())
}

fn base_text(name: &str) -> Result<&'static str, SpecificationError> {
    // Only the default stands alone; a base of a base would make a file hard to follow.
    if name != "default" {
        return Err(SpecificationError::UnknownBase(name.to_owned()));
    }
    Reference::model_text("default.toml")
        .ok_or_else(|| SpecificationError::UnknownBase(name.to_owned()))
}

/// Own keys over the base's, table by table.
fn overlay(mut base: toml::Table, own: toml::Table) -> toml::Table {
    for (key, value) in own {
        match (base.remove(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => {
                base.insert(key, toml::Value::Table(overlay(old, new)));
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
    base
}
