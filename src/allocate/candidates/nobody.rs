//! Why a campaign finds no segment that it may fund: the condition at fault, and what there is.

use std::collections::BTreeMap;

use super::remainder::{Remainder, as_far_as_known};
use crate::allocate::AllocateError;
use crate::allocate::error::EmptySelection;
use crate::campaign::{Campaign, Levers, matches};
use crate::rules::Tables;
use crate::segment::{Segment, ToldApart};

/// Explains an empty choice of segments.
#[must_use]
pub fn nobody(
    segments: &[Segment],
    campaign: &Campaign,
    tables: &Tables,
    apart: &[ToldApart],
) -> AllocateError {
    let conditions = &campaign.selection.conditions;
    let contains = |parent: &str, child: &str| tables.contains(parent, child);
    let audiences: Vec<&Segment> = segments.iter().filter(|own| own.is_audience()).collect();
    let fitting = |conditions: &BTreeMap<String, Vec<String>>| {
        audiences.iter().filter(|s| matches(&s.attributes, conditions, &contains)).count()
    };
    let fits = |segment: &Segment| {
        let known = as_far_as_known(segment, conditions);
        matches(
            &segment.attributes,
            if audiences.is_empty() { &known } else { conditions },
            &contains,
        )
    };
    if fitting(conditions) == 0
        && let Some(rest) = Remainder::of(segments.iter().map(|own| (own, 1.0)), fits, apart)
    {
        return AllocateError::EmptySelection(EmptySelection::NotBrokenDown(rest));
    }
    for (key, asked) in conditions {
        let alone = BTreeMap::from([(key.clone(), asked.clone())]);
        if fitting(&alone) == 0 {
            let held = audiences
                .iter()
                .filter_map(|segment| segment.attributes.get(key).cloned())
                .collect();
            let (key, asked) = (key.clone(), asked.clone());
            return AllocateError::EmptySelection(EmptySelection::Condition { key, asked, held });
        }
    }
    match fitting(conditions) {
        0 if segments.is_empty() => AllocateError::NoSegments,
        0 => AllocateError::EmptySelection(EmptySelection::Together(conditions.clone())),
        _ if campaign.selection.levers == Levers::Any => AllocateError::NoSegments,
        found => AllocateError::EmptySelection(EmptySelection::NotBought {
            found,
            apart: apart.to_vec(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Explain;
    use crate::language::Language;
    use crate::reference::Reference;
    use crate::segment::{Attribute, NOT_BROKEN_DOWN};
    use std::path::Path;

    fn segments() -> [Segment; 2] {
        [("a", "facebook", "18-24"), ("b", "tiktok", "25-34")].map(|(id, network, age)| Segment {
            id: id.to_owned(),
            attributes: [("network", network), ("age", age)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        })
    }

    fn why(conditions: &str, levers: &str) -> String {
        why_of(&segments(), conditions, levers)
    }

    fn why_of(segments: &[Segment], conditions: &str, levers: &str) -> String {
        let text = format!(
            "title = 'x'\ngoal = 'x'\nbudget = '100 EUR'\n\
             flight = {{ start = 2027-03-01, end = 2027-03-31 }}\n\
             [segments]\nwhere = {conditions}\nlevers = '{levers}'\n"
        );
        let campaign = Campaign::parse(&text, Path::new("c.toml")).expect("a campaign");
        let tables = Tables::load(&Reference::default()).expect("the tables");
        let apart = ToldApart { split_by: vec![Attribute::AdSet], values: 3 };
        nobody(segments, &campaign, &tables, &[apart]).explain(Language::En)
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
        // What nothing breaks down is no value that could be asked for, and no lever either.
        let rest = Segment {
            id: "linkedin · not broken down".to_owned(),
            attributes: [("network", "linkedin"), ("age", NOT_BROKEN_DOWN)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        let segments = [segments().to_vec(), vec![rest]].concat();
        let one = why_of(&segments, "{ age = ['55+'] }", "any");
        assert!(one.contains("18-24, 25-34") && !one.contains(NOT_BROKEN_DOWN), "{one}");
        let none = why_of(&segments, "{ network = ['linkedin'] }", "any");
        assert!(none.contains("not break down by `age`") && none.contains("3 ad sets"), "{none}");
    }
}
