//! Segments: audiences that are looked at, and mostly bought, separately.

pub mod age;
pub mod grouping;
pub mod spelling;
pub mod territory;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What may be known about a row or a segment, by the name that files and columns use.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Attribute {
    /// Facebook, Instagram, LinkedIn … in lower case: `facebook`, `instagram`, `linkedin`, `x`,
    /// `tiktok`, `snapchat`, `youtube`, `pinterest`, `reddit`; `meta` when an export covers both.
    Network,
    /// The page or account that posts.
    Profile,
    /// Campaign.
    Campaign,
    /// Ad set, ad group, ad squad.
    AdSet,
    /// Ad or post.
    Ad,
    /// Age band such as `18-24`, `65+`, `unknown`.
    Age,
    /// `female`, `male`, `unknown`, `all`.
    Gender,
    /// INSEE code with its level (`REG-76`, `DEP-31`, `COM-31555`), or ISO 3166.
    Territory,
    /// Interest or audience name.
    Interest,
    /// `image`, `video`, `story`, `carousel` …
    Format,
    /// Topic of the message.
    Topic,
    /// Objective as the platform names it.
    Objective,
    /// Placement or device, when the export splits by it.
    Placement,
    /// Text, image or video asset, when the export splits by it.
    Creative,
    /// Attribution window under which actions were counted, such as `7-day click, 1-day view`.
    Attribution,
}

/// The text names no attribute.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("found `{found}`, expected one of: {allowed}")]
pub struct UnknownAttribute {
    /// What was found.
    pub found: String,
    /// Known names, joined by commas.
    pub allowed: String,
}

impl Attribute {
    /// How many attributes there are.
    pub const COUNT: usize = 15;

    /// All attributes in column order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Network,
        Self::Profile,
        Self::Campaign,
        Self::AdSet,
        Self::Ad,
        Self::Age,
        Self::Gender,
        Self::Territory,
        Self::Interest,
        Self::Format,
        Self::Topic,
        Self::Objective,
        Self::Placement,
        Self::Creative,
        Self::Attribution,
    ];

    /// The column name, such as `ad_set`.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Profile => "profile",
            Self::Campaign => "campaign",
            Self::AdSet => "ad_set",
            Self::Ad => "ad",
            Self::Age => "age",
            Self::Gender => "gender",
            Self::Territory => "territory",
            Self::Interest => "interest",
            Self::Format => "format",
            Self::Topic => "topic",
            Self::Objective => "objective",
            Self::Placement => "placement",
            Self::Creative => "creative",
            Self::Attribution => "attribution",
        }
    }

    /// The place of this attribute in arrays of length [`Attribute::COUNT`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

impl FromStr for Attribute {
    type Err = UnknownAttribute;

    fn from_str(text: &str) -> Result<Self, UnknownAttribute> {
        Self::ALL.into_iter().find(|a| a.column() == text).ok_or_else(|| UnknownAttribute {
            found: text.to_owned(),
            allowed: Self::ALL.map(Self::column).join(", "),
        })
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.column())
    }
}

/// One audience: its name in every file, and what is known about it.
///
/// Attribute names are free text because a panel may bring columns of its own; those of
/// [`Attribute`] have a fixed meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Segment {
    /// Its name, unique within a panel: attribute values joined by ` · `, or the panel's own.
    pub id: String,
    /// Attribute name → value; an attribute that is not known is absent.
    pub attributes: BTreeMap<String, String>,
}

impl Segment {
    /// The value of an attribute with a fixed meaning.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<&str> {
        self.attributes.get(attribute.column()).map(String::as_str)
    }

    /// Attributes by which its money is not broken down. One is enough, and the segment is what a
    /// breakdown suppressed or never told: money that was spent, and no audience to spend it on.
    pub fn not_broken_down(&self) -> impl Iterator<Item = &str> {
        let unknown = self.attributes.iter().filter(|(_, value)| *value == NOT_BROKEN_DOWN);
        unknown.map(|(name, _)| name.as_str())
    }

    /// Whether it is an audience: all of its attributes are known.
    #[must_use]
    pub fn is_audience(&self) -> bool {
        self.not_broken_down().next().is_none()
    }
}

/// A way to ask a history for what was bought one by one: how many different ones it tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldApart {
    /// What `split_by` says to get them; the last attribute is what they are.
    pub split_by: Vec<Attribute>,
    /// How many there are.
    pub values: usize,
}

/// What stands between the attribute values of a segment's name.
pub const JOINT: &str = " · ";

/// The attributes that a segment's name is made of, name and value, in its order; `None` when the
/// name is one of its own.
///
/// Values are whole here: one that holds a [`JOINT`] itself is still one attribute.
#[must_use]
pub fn made_of<'a>(
    id: &str,
    attributes: &'a BTreeMap<String, String>,
) -> Option<Vec<(&'a str, &'a str)>> {
    let all: Vec<(&str, &str)> =
        attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    begun_with(id, &all)
}

fn begun_with<'a>(id: &str, left: &[(&'a str, &'a str)]) -> Option<Vec<(&'a str, &'a str)>> {
    left.iter().enumerate().find_map(|(i, own)| {
        let rest = id.strip_prefix(own.1).filter(|_| !own.1.is_empty())?;
        if rest.is_empty() {
            return Some(vec![*own]);
        }
        let others = [&left[..i], &left[i + 1..]].concat();
        let mut after = begun_with(rest.strip_prefix(JOINT)?, &others)?;
        after.insert(0, *own);
        Some(after)
    })
}

/// Name of the segment value that holds what a breakdown suppressed.
pub const NOT_BROKEN_DOWN: &str = "not broken down";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelled_by_whole_attributes_or_is_one_of_its_own() {
        let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let own = of(&[("age", "18-24"), ("network", "facebook"), ("ad_set", "été · vidéo")]);
        let told = |id: &str| {
            made_of(id, &own).map(|parts| parts.iter().map(|part| part.0).collect::<Vec<_>>())
        };
        assert_eq!(told("facebook · 18-24"), Some(vec!["network", "age"]));
        assert_eq!(told("facebook · été · vidéo"), Some(vec!["network", "ad_set"]));
        for other in ["", "facebook", "facebook · été", "facebook 18-24", "facebook · facebook"]
        {
            assert_eq!(told(other), (other == "facebook").then(|| vec!["network"]), "{other}");
        }
        // Two attributes of one value: each stands for itself.
        let twice = of(&[("ad_set", "video"), ("format", "video")]);
        assert_eq!(made_of("video · video", &twice).map(|parts| parts.len()), Some(2));
    }
}
