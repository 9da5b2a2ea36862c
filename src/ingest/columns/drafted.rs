//! A map that a person makes of a file's headers by choosing what each means.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::format::Meaning;
use crate::ingest::value::key::key;

/// What a person chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drafted {
    /// Headers, each with what it means; `ignore` leaves one aside.
    pub columns: Vec<(String, String)>,
    /// The network of every line; empty where a column says it.
    pub network: String,
    /// The currency; empty where headers or a column say it.
    pub currency: String,
    /// No column holds money: a page's own posts.
    pub organic: bool,
    /// `dmy` or `mdy`; empty where dates tell.
    pub order: String,
}

/// Everything that a column may mean, as maps call it.
pub fn meanings() -> impl Iterator<Item = &'static str> {
    // A price of a thousand is for formats that calculate money from it.
    Meaning::all().filter(|meaning| *meaning != Meaning::Cpm).map(Meaning::name)
}

impl Drafted {
    /// The map as its file holds it.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for (name, said) in [("network", &self.network), ("currency", &self.currency)] {
            if !said.trim().is_empty() {
                let _ = writeln!(text, "{name} = {}", quoted(said.trim()));
            }
        }
        if self.organic {
            text.push_str("organic = true\n");
        }
        text.push_str("\n[columns]\n");
        // Of two columns of one header the first is the one that can be named.
        let mut named = BTreeSet::new();
        for (header, meaning) in self.columns.iter().filter(|(h, _)| named.insert(key(h).text)) {
            let _ = writeln!(text, "{} = {}", quoted(header), quoted(meaning));
        }
        if !self.order.is_empty() {
            let _ = writeln!(text, "\n[dates]\norder = {}", quoted(&self.order));
        }
        text.trim_start().to_owned()
    }
}

/// A text as TOML has it, whatever it holds.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::ingest::Mapping;

    #[test]
    fn what_is_chosen_is_what_the_map_says_whatever_headers_hold() {
        let headers = ["Coût \"net\"", "a = b # c", "back\\slash", "'''", "näme", "näme", "x\ty"];
        let columns =
            headers.iter().zip(["spend", "ignore", "shares", "day", "ad", "clicks", "ad"]);
        let columns = columns.map(|(header, meaning)| ((*header).to_owned(), meaning.to_owned()));
        let drafted = Drafted {
            columns: columns.collect(),
            network: " mine \"x\" ".to_owned(),
            currency: "EUR".to_owned(),
            organic: true,
            order: "dmy".to_owned(),
        };
        let map = Mapping::parse(Path::new("m.toml"), &drafted.write()).unwrap();
        let said = |header: &str| {
            let line = map.lines.iter().find(|(own, ..)| own == header);
            line.map(|(_, meaning, _)| meaning.as_str())
        };
        for (header, meaning) in headers.iter().zip(["spend", "ignore", "shares", "day", "ad"]) {
            assert_eq!(said(header), Some(meaning), "{header}");
        }
        assert_eq!(map.lines.len(), 6, "{:?}", map.lines);
        assert_eq!(map.constants[0].1, "mine \"x\"");
        assert!(map.currency.is_some() && map.order.is_some());
    }

    #[test]
    fn every_meaning_is_one_that_maps_take() {
        for meaning in meanings() {
            let text = format!("[columns]\na = \"{meaning}\"\nb = \"spend\"\n");
            assert!(Mapping::parse(Path::new("m.toml"), &text).is_ok(), "{meaning}");
        }
    }
}
