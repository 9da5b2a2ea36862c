//! `relais schema`: prints the JSON schema of the files relais reads.

use clap::{Args, ValueEnum};

use crate::campaign::file::CampaignFile;
use crate::cli::terminal::context::{Context, Exit};
use crate::generate::spec::WorldSpec;
use crate::ingest::columns::mapping;
use crate::train::Specification;

/// A kind of file a person writes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Campaign files.
    Campaign,
    /// Specifications of the model (`--spec`).
    Specification,
    /// Maps of columns and names (`--map`).
    Map,
    /// Worlds to make exports from (`relais generate --spec`).
    World,
}

/// Prints the JSON schema of the files relais reads.
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// Which file.
    #[arg(default_value = "campaign")]
    pub kind: Kind,
}

/// Runs the command.
///
/// # Errors
///
/// When stdout is closed.
pub fn run(args: &SchemaArgs, context: &Context) -> anyhow::Result<Exit> {
    let schema = match args.kind {
        Kind::Campaign => schemars::schema_for!(CampaignFile),
        Kind::Specification => Specification::schema(),
        Kind::Map => mapping::schema(),
        Kind::World => schemars::schema_for!(WorldSpec),
    };
    if context.json {
        context.answer_json(&schema)?;
    }
    context.answer(&serde_json::to_string_pretty(&schema)?)?;
    Ok(Exit::Good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    fn properties(schema: &schemars::Schema) -> Vec<String> {
        let properties = schema.get("properties").and_then(serde_json::Value::as_object);
        properties.expect("an object's schema").keys().cloned().collect()
    }

    /// Every key of a shipped file is in the schema of its kind.
    fn covers(schema: &schemars::Schema, text: &str, name: &str) {
        let known = properties(schema);
        let file: toml::Table = text.parse().expect("a shipped file is TOML");
        for key in file.keys() {
            assert!(known.contains(key), "{name}: `{key}` is not in the schema");
        }
    }

    #[test]
    fn schemas_know_every_key_of_the_shipped_files() {
        let reference = Reference::default();
        for name in ["default.toml", "reach.toml", "sparse.toml"] {
            let text = Reference::model_text(name).expect("a shipped specification");
            covers(&Specification::schema(), text, name);
        }
        for name in reference.list("maps") {
            let text = reference.text(&format!("maps/{name}")).expect("a shipped map");
            covers(&mapping::schema(), &text, &name);
        }
        let world = reference.text("demo/world.toml").expect("the demo's world");
        covers(&schemars::schema_for!(WorldSpec), &world, "world.toml");
        let campaign = reference.text("demo/campaign-en.toml").expect("the demo's campaign");
        covers(&schemars::schema_for!(CampaignFile), &campaign, "campaign-en.toml");
    }

    #[test]
    fn a_specification_that_is_based_on_another_needs_no_other_key() {
        let schema = Specification::schema();
        assert!(schema.get("required").is_none());
        assert_eq!(schema.get("anyOf").unwrap()[0]["required"][0], "based_on");
    }
}
