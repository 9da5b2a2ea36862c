//! One campaign file as the pattern of many advertisers, whose rows stand in one panel.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Common, Order, read};
use crate::batch::shard::Shard;
use crate::files::hex;
use crate::language::Explain;
use crate::panel::PanelError;
use crate::panel::parts::{Advertiser, Part, parts};

/// An advertiser's folder and its order.
pub type Named = (String, Result<Order, String>);

/// Orders for the advertisers of a panel file (those of one part of the batch), by a pattern.
///
/// # Errors
///
/// [`PanelError`] where the file is no table with such a column; what is wrong with one advertiser is
/// its own order's error.
pub fn orders(
    (pattern, panel, column): (&Path, &Path, &str),
    shard: Option<Shard>,
    common: &Common<'_>,
) -> Result<Vec<(String, Named)>, PanelError> {
    let wanted = |value: &str| shard.is_none_or(|shard| shard.has(&name(value)));
    let parts = parts(panel, column, &wanted)?;
    let mut alike = BTreeMap::<String, Vec<String>>::new();
    for part in &parts {
        alike.entry(name(&part.value).to_lowercase()).or_default().push(part.value.clone());
    }
    let own = |part: Part| {
        let Part { value, panel, digest } = part;
        let name = name(&value);
        let order = match alike.get(&name.to_lowercase()).map(Vec::as_slice) {
            Some([_, _, ..]) => Err(same_folder(&alike[&name.to_lowercase()], &name, common)),
            _ => panel?.map_err(|error| error.explain(common.language)).and_then(|panel| {
                let advertiser = Advertiser { value: value.clone(), panel, digest };
                let common = Common { advertiser: Some(Arc::new(advertiser)), ..common.clone() };
                read(pattern, &name, &common)
            }),
        };
        Some((value, (name, order)))
    };
    Ok(parts.into_iter().filter(|part| wanted(&part.value)).filter_map(own).collect())
}

/// Names that some systems hold for one.
fn same_folder(values: &[String], name: &str, common: &Common<'_>) -> String {
    let arguments = [("one", &*values[0]), ("other", &values[1]), ("path", name)];
    common.language.say("error-run-shared-folder", &arguments)
}

/// Longest name that is kept as it is, in bytes.
const LONGEST: usize = 64;

/// The folder of an advertiser, told by its name alone: the name where it can be one on every system,
/// otherwise what is left of it with a mark of the whole.
#[must_use]
pub fn name(value: &str) -> String {
    let keeps = |c: char| c.is_alphanumeric() || " -_.".contains(c);
    let mut plain: String = value.chars().map(|c| if keeps(c) { c } else { '-' }).collect();
    while plain.len() > LONGEST {
        plain.pop();
    }
    let plain = plain.trim_matches(|c: char| c == '.' || c == ' ');
    if plain == value && !plain.is_empty() && !is_device(plain) && !is_of_ours(plain) {
        return plain.to_owned();
    }
    let mark = &hex(&Sha256::digest(value))[..8];
    format!("{}-{mark}", if plain.is_empty() { "unnamed" } else { plain })
}

/// Names that Windows keeps for devices, with whatever ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim().to_ascii_lowercase();
    let numbered =
        |kind: &str| stem.strip_prefix(kind).is_some_and(|rest| rest.len() == 1 && rest != "0");
    ["con", "prn", "aux", "nul"].contains(&&*stem) || numbered("com") || numbered("lpt")
}

/// Names that stand beside the folders of a batch.
fn is_of_ours(name: &str) -> bool {
    name.starts_with("summary")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_advertisers_are_folders_on_every_system() {
        for same in ["acme", "Été 2026", "a.b_c-d", "商店"] {
            assert_eq!(name(same), same);
        }
        let odd =
            ["..", ".", "", "a/b", "a\\b", "../x", "con", "COM1.txt", "a ", ".a", "a\u{202e}b"];
        let names: Vec<String> = odd.iter().map(|value| name(value)).collect();
        for (value, name) in odd.iter().zip(&names) {
            assert!(name.contains('-') && name != value, "{value:?} {name:?}");
            assert!(!name.contains(['/', '\\', '\u{202e}']) && !name.starts_with('.'), "{name:?}");
        }
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), odd.len(), "{names:?}");
        assert!(name(&"é".repeat(200)).len() <= LONGEST + 9);
    }
}
