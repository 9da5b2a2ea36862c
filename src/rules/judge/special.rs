//! Audiences described by what the GDPR protects: religion, health, opinion, origin, sexual
//! orientation, union.

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::Asking;
use crate::rules::table::{RulesError, read};
use crate::segment::Attribute;
use crate::segment::spelling::{folded, has_word};

/// The deny-list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpecialCategories {
    origin: Basis,
    values_of: Vec<String>,
    category: Vec<Category>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    key: String,
    words: Vec<String>,
}

impl SpecialCategories {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/special_categories.toml")
    }

    /// The protected category that an attribute of an audience tells, if it does.
    ///
    /// Names and values are read where they describe people: `interest`, and columns that have no
    /// fixed meaning. The topic of a message says nothing of who reads it.
    pub(crate) fn category(&self, name: &str, value: &str) -> Option<&str> {
        let known = name.parse::<Attribute>().is_ok();
        if known && !self.values_of.iter().any(|own| own == name) {
            return None;
        }
        let (name, value) = (folded(name), folded(value));
        self.category
            .iter()
            .find(|category| {
                let in_name = !known && has_word(&name, &category.words).is_some();
                in_name || has_word(&value, &category.words).is_some()
            })
            .map(|category| category.key.as_str())
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        let mut told = std::collections::BTreeMap::<(&str, &str, &str), Vec<String>>::new();
        for segment in asking.inquiry.segments {
            for (name, value) in &segment.attributes {
                if let Some(category) = self.category(name, value) {
                    told.entry((category, name, value)).or_default().push(segment.id.clone());
                }
            }
        }
        for ((category, attribute, value), segments) in told {
            let values = [
                ("category", Value::Message(format!("rules-category-{category}"))),
                ("attribute", Value::Name(attribute.to_owned())),
                ("value", Value::Name(value.to_owned())),
            ];
            let origin = Some(&self.origin);
            asking.add(Severity::Forbidden, "special-category", segments, values, origin);
        }
    }
}
