//! Why a campaign finds no segment that it may fund: the condition at fault, and what there is.

use std::collections::{BTreeMap, BTreeSet};

use super::AllocateError;
use crate::campaign::{Campaign, Levers, matches};
use crate::language::Language;
use crate::rules::Tables;
use crate::segment::Segment;

/// Values shown of an attribute; the rest is counted.
const SHOWN: usize = 12;

/// Why no segment may be funded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nobody {
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
    NotBought(usize),
}

/// Explains an empty choice of segments.
#[must_use]
pub fn nobody(segments: &[Segment], campaign: &Campaign, tables: &Tables) -> AllocateError {
    let conditions = &campaign.selection.conditions;
    let contains = |parent: &str, child: &str| tables.contains(parent, child);
    let fitting = |conditions: &BTreeMap<String, Vec<String>>| {
        segments.iter().filter(|s| matches(&s.attributes, conditions, &contains)).count()
    };
    for (key, asked) in conditions {
        let alone = BTreeMap::from([(key.clone(), asked.clone())]);
        if fitting(&alone) == 0 {
            let held = segments
                .iter()
                .filter_map(|segment| segment.attributes.get(key).cloned())
                .collect();
            let (key, asked) = (key.clone(), asked.clone());
            return AllocateError::Nobody(Nobody::Condition { key, asked, held });
        }
    }
    match fitting(conditions) {
        0 if segments.is_empty() => AllocateError::NoSegments,
        0 => AllocateError::Nobody(Nobody::Together(conditions.clone())),
        _ if campaign.selection.levers == Levers::Any => AllocateError::NoSegments,
        found => AllocateError::Nobody(Nobody::NotBought(found)),
    }
}

impl Nobody {
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
            Self::NotBought(found) => {
                language.count("error-allocate-nobody-bought", *found as u64, &[])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Explain;
    use crate::reference::Reference;
    use std::path::Path;

    fn why(conditions: &str, levers: &str) -> String {
        let text = format!(
            "title = 'x'\ngoal = 'x'\nbudget = '100 EUR'\n\
             flight = {{ start = 2027-03-01, end = 2027-03-31 }}\n\
             [segments]\nwhere = {conditions}\nlevers = '{levers}'\n"
        );
        let campaign = Campaign::parse(&text, Path::new("c.toml")).expect("a campaign");
        let tables = Tables::load(&Reference::default()).expect("the tables");
        let segment = |id: &str, network: &str, age: &str| Segment {
            id: id.to_owned(),
            attributes: [("network", network), ("age", age)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        let segments = [segment("a", "facebook", "18-24"), segment("b", "tiktok", "25-34")];
        nobody(&segments, &campaign, &tables).explain(Language::En)
    }

    #[test]
    fn the_condition_at_fault_is_named_with_what_there_is() {
        let one = why("{ age = ['55+'] }", "bought");
        assert!(one.contains("segments.where.age") && one.contains("18-24, 25-34"), "{one}");
        let none = why("{ gender = ['male'] }", "bought");
        assert!(none.contains("split_by") && none.contains("gender"), "{none}");
        let both = why("{ network = ['facebook'], age = ['25-34'] }", "bought");
        assert!(both.contains("none fits all"), "{both}");
        let breakdown = why("{ network = ['facebook'] }", "bought");
        assert!(breakdown.contains("levers"), "{breakdown}");
    }
}
