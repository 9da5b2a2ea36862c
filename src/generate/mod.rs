//! Exports and worlds whose truth is known.
//!
//! A [`WorldSpec`](spec::WorldSpec) says how worlds differ; a seed makes one
//! [`World`](world::World): its segments' true responses, seasons, dispersions and its observed
//! history. `export` writes that history in the platforms' own formats, with `truth.json` beside.

pub mod export;
pub mod population;
pub mod response;
pub mod spec;
pub mod truth;
pub mod world;

pub mod audience;
mod circumstances;
mod delivery;
mod draw;
#[cfg(test)]
mod families;
mod history;
mod make;
mod names;
mod overlap;

pub use make::Given;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::ControlFlow;
    use std::path::Path;

    use jiff::civil::date;
    use rust_decimal::Decimal;
    use rust_decimal::prelude::ToPrimitive;

    use super::export::exports;
    use super::spec::WorldSpec;
    use super::truth::truth;
    use super::world::World;
    use crate::campaign::Campaign;
    use crate::generate::audience::SEGMENT_BY;
    use crate::ingest::{self, Mapping};
    use crate::random::Seed;
    use crate::reference::Reference;
    use crate::segment::Attribute;

    #[test]
    fn the_demos_campaigns_ask_for_audiences_that_the_demo_has() {
        let spec = WorldSpec::read(include_str!("../../data/demo/world.toml")).expect("checked");
        let world = World::make(&spec, Seed(1));
        for (name, text, least) in [
            ("campaign.toml", include_str!("../../data/demo/campaign.toml"), 30),
            ("campaign-en.toml", include_str!("../../data/demo/campaign-en.toml"), 20),
        ] {
            let campaign = Campaign::parse(text, Path::new(name)).expect(name);
            let ages = &campaign.selection.conditions["age"];
            let held = world.segments().iter().filter(|segment| {
                segment
                    .get(Attribute::Age)
                    .is_some_and(|age| ages.iter().any(|wanted| wanted == age))
            });
            assert!(held.count() >= least, "{name}");
            let networks: Vec<String> = spec.networks.iter().map(|n| n.name.clone()).collect();
            assert!(campaign.check_networks(&networks, Path::new(name)).is_ok(), "{name}");
        }
    }

    /// `relais generate --out data/demo/exports` makes the shipped demo again.
    #[test]
    fn the_shipped_demo_is_made_again_byte_for_byte() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/exports");
        let spec = WorldSpec::read(include_str!("../../data/demo/world.toml")).expect("checked");
        let world = World::make(&spec, Seed(1));
        let exports = exports(&world, 60_000).expect("the demo fits a workbook");
        let mut bytes = 0;
        for file in &exports.files {
            let shipped = std::fs::read(folder.join(&file.name)).expect(&file.name);
            // Not `assert_eq!`: it would print megabytes.
            assert!(shipped == file.bytes, "{} differs: run `relais generate`", file.name);
            bytes += shipped.len();
        }
        assert!(bytes < 8_000_000, "the demo must stay below 8 MB: {bytes}");
        let told = truth(&world, &exports).to_json().expect("finite numbers");
        let shipped = std::fs::read_to_string(folder.join("truth.json")).expect("truth.json");
        assert!(told == shipped, "truth.json differs: run `relais generate`");
        let shipped = std::fs::read_dir(&folder).expect("the folder is there").count();
        assert_eq!(shipped, exports.files.len() + 1, "files that no world wrote");
    }

    /// Reading the shipped exports back gives every segment the money that the truth says.
    #[test]
    fn the_importer_finds_every_segments_money_in_the_demo() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
        let formats = ingest::formats(&Reference::default()).expect("the shipped formats");
        let map = Mapping::open(&folder.join("map.toml")).expect("the demo's map");
        let files = ingest::files(&[folder.join("exports")]).expect("the folder is there");
        let mut cents: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut suppressed = 0;
        for path in &files {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // These two tell once more what other files tell.
            let again = name.contains("age-gender") || name.ends_with("2026-10-18.csv");
            let mut rows = Vec::new();
            let report = formats
                .read(path, Some(&map), &mut |row| {
                    rows.push(row);
                    ControlFlow::Continue(())
                })
                .expect(name);
            assert!(!report.needs_a_person(), "{name}: {:?}", report.findings.first());
            assert_eq!(report.names_without_attributes, None, "{name}");
            suppressed += rows.iter().filter(|row| !row.censored.is_empty()).count();
            for row in rows {
                let id: Vec<&str> = SEGMENT_BY.iter().map(|a| row.get(*a).unwrap_or("?")).collect();
                let late = row.period.is_some_and(|(start, _)| start >= date(2026, 9, 21));
                if !again || (name.starts_with("snapchat") && !late) {
                    *cents.entry(id.join(" · ")).or_default() += row.spend.unwrap_or_default();
                }
            }
        }
        let spec = WorldSpec::read(include_str!("../../data/demo/world.toml")).expect("checked");
        let world = World::make(&spec, Seed(1));
        let read: Vec<&String> = cents.keys().collect();
        let told: Vec<&String> = world.segments().iter().map(|segment| &segment.id).collect();
        assert_eq!(read, told);
        for (i, segment) in world.segments().iter().enumerate() {
            let spent: f64 = world.last_split(spec.weeks)[i];
            let read = cents[&segment.id].to_f64().unwrap_or(f64::NAN);
            assert!((read - spent).abs() < 0.005, "{}: {read} of {spent}", segment.id);
        }
        assert!(suppressed > 100, "small counts are suppressed somewhere: {suppressed}");
    }
}
