//! A file of worlds: one population, and families of worlds that differ from it in what makes them
//! hard, each with the question asked of it and what is a good enough answer.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::spec::WorldSpec;
use super::spec::range::{SpecError, within};

/// A population of worlds and the families made from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// The population itself.
    pub world: WorldSpec,
    /// The families, in file order; empty when the file has none.
    pub families: Vec<WorldFamily>,
}

/// Worlds that have one thing in common.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldFamily {
    /// Its name.
    pub name: String,
    /// Its worlds.
    pub world: WorldSpec,
    /// What a planner asks in them.
    pub decision: Decision,
    /// What is good enough.
    pub target: Targets,
}

/// The rules that a planner writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Decision {
    /// No segment gets more than this share of the budget.
    pub max_share: Option<f64>,
    /// No segment gets more than so many times its usual week, week for week; infinite: no rule.
    pub max_over_usual: Option<f64>,
    /// Whether to compare with the pipeline that is told the true hyper-parameters.
    pub told: bool,
}

/// What each measure of a family should be; a measure that is not named has no target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Targets {
    /// Mean of the plan's expected actions ÷ the oracle's.
    pub share_of_oracle: Option<Bounds>,
    /// Mean of the plan's ÷ the last split's.
    pub beside_last: Option<Bounds>,
    /// The same in the worst world.
    pub worst_beside_last: Option<Bounds>,
    /// Σ promised ÷ Σ reported.
    pub promised_over_realised: Option<Bounds>,
    /// Share of segments' 80 % intervals that hold, at the usual spend and at twice it.
    pub coverage80: Option<Bounds>,
    /// Of the plans that claim with 95 % or more to beat the last split, the share that do.
    pub claims_true: Option<Bounds>,
    /// Of the plans that beat the last split, the share that claim it with 95 % or more.
    pub claimed_of_better: Option<Bounds>,
    /// Share of worlds whose plan has a finding that needs a person.
    pub findings: Option<Bounds>,
}

/// A range of which either end may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// Least that is good.
    pub least: Option<f64>,
    /// Most that is good.
    pub most: Option<f64>,
}

/// A family as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    decision: Decision,
    #[serde(default)]
    target: Targets,
    #[serde(default)]
    world: Table,
}

impl Population {
    /// Reads and checks a file of worlds. A family names what differs from an earlier one that it
    /// is `like`, or from the file's own world; a list that differs is written whole.
    ///
    /// # Errors
    ///
    /// [`SpecError`] names the key, what was found and what is allowed.
    pub fn read(text: &str) -> Result<Self, SpecError> {
        let mut file: Table = toml::from_str(text)?;
        let Some(written) = file.remove("family") else {
            // Read from the text, so that a mistake is shown where it stands.
            return Ok(Self { world: WorldSpec::read(text)?, families: Vec::new() });
        };
        let world: WorldSpec = file.clone().try_into()?;
        world.check()?;
        let mut whole: Vec<Table> = Vec::new();
        let mut families = Vec::new();
        for mut own in written.try_into::<Vec<Table>>()? {
            let mut merged = match own.remove("like") {
                Some(like) => named(&whole, &like)?.clone(),
                None => Table::from_iter([("world".to_owned(), Value::Table(file.clone()))]),
            };
            differ(&mut merged, own);
            families.push(family(&merged)?);
            whole.push(merged);
        }
        for (n, family) in families.iter().enumerate() {
            if families[..n].iter().any(|before| before.name == family.name) {
                return Err(unknown(&family.name, &names(&whole)));
            }
        }
        Ok(Self { world, families })
    }

    /// The family of this name.
    ///
    /// # Errors
    ///
    /// [`SpecError::Family`] names those that there are.
    pub fn family(&self, name: &str) -> Result<&WorldFamily, SpecError> {
        self.families.iter().find(|family| family.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.families.iter().map(|f| f.name.as_str()).collect();
            unknown(name, &names)
        })
    }
}

fn family(merged: &Table) -> Result<WorldFamily, SpecError> {
    let Entry { name, decision, target, world } = merged.clone().try_into()?;
    let world: WorldSpec = world.try_into()?;
    world.check()?;
    within("family.decision.max_share", decision.max_share.unwrap_or(1.0), 1e-6, 1.0)?;
    let over_usual = decision.max_over_usual.unwrap_or(1.0);
    within("family.decision.max_over_usual", over_usual, 1e-6, f64::INFINITY)?;
    Ok(WorldFamily { name, world, decision, target })
}

/// A family as another one, but for what its own entry says: worlds key by key however deep,
/// everything else (a target, a rule) whole.
fn differ(base: &mut Table, own: Table) {
    for (key, value) in own {
        let Value::Table(own) = value else {
            base.insert(key, value);
            continue;
        };
        match base.get_mut(&key) {
            Some(Value::Table(base)) if key == "world" => merge(base, own),
            Some(Value::Table(base)) => base.extend(own),
            _ => {
                base.insert(key, Value::Table(own));
            }
        }
    }
}

/// What the first table says, and the second instead of it where it says something.
fn merge(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(own)) => merge(base, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn named<'a>(whole: &'a [Table], like: &Value) -> Result<&'a Table, SpecError> {
    let same = |family: &&Table| family.get("name") == Some(like);
    whole.iter().find(same).ok_or_else(|| {
        unknown(&like.as_str().map_or_else(|| like.to_string(), str::to_owned), &names(whole))
    })
}

fn names(whole: &[Table]) -> Vec<&str> {
    whole.iter().filter_map(|family| family.get("name")?.as_str()).collect()
}

fn unknown(found: &str, allowed: &[&str]) -> SpecError {
    SpecError::Family { found: found.to_owned(), allowed: allowed.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> &'static str {
        include_str!("../../data/study.toml")
    }

    #[test]
    fn a_family_differs_from_another_in_what_it_names_alone() {
        let population = Population::read(shipped()).expect("shipped");
        let of = |name: &str| population.family(name).expect(name);
        assert_eq!(of("standard").world, population.world);
        let (concave, demand) = (of("concave"), of("demand-segment-0.9"));
        assert_eq!(demand.world.cpm, concave.world.cpm);
        assert_eq!(demand.world.spend.weekly, concave.world.spend.weekly);
        assert_eq!(demand.world.demand.map(|demand| demand.money), Some(0.9));
        assert_eq!(concave.world.demand, None);
        assert_eq!(demand.decision, concave.decision);
        // A target is taken away by naming it without bounds, and replaced whole.
        assert_eq!(of("threshold").target.share_of_oracle, Some(Bounds::default()));
        let findings = Bounds { least: Some(0.9), most: None };
        assert_eq!(demand.target.findings, Some(findings));
    }

    #[test]
    fn a_file_without_families_is_a_population_alone() {
        let text = include_str!("../../data/demo/world.toml");
        let population = Population::read(text).expect("shipped");
        assert_eq!(population.world, WorldSpec::read(text).expect("shipped"));
        assert!(population.families.is_empty());
    }

    #[test]
    fn families_that_cannot_be_are_refused_by_name() {
        for (from, to, told) in [
            ("name = \"auction\"", "name = \"concave\"", "concave"),
            ("like = \"planned\"", "like = \"plannned\"", "plannned"),
            ("max_share = 0.35", "max_share = 1.35", "max_share"),
            ("money = 0.6", "money = 6.0", "demand.money"),
            ("half = 6.0", "hallf = 6.0", "hallf"),
            ("worlds_outside = 0.0 }\noverlap", "worlds_outside = 0.5 }\noverlap", "outside"),
        ] {
            assert!(shipped().contains(from), "{from}");
            let error = Population::read(&shipped().replacen(from, to, 1)).expect_err(to);
            assert!(error.to_string().contains(told), "{error}");
        }
    }
}
