//! `--help` in the person's language: English stands in the code, French in `data/help/fr.toml`.

use std::ffi::OsString;

use clap::{Arg, Command};
use toml::Table;

use crate::language::Language;
use crate::reference::Reference;

/// The command line's definition, told in a language.
#[must_use]
pub fn told(command: Command, language: Language) -> Command {
    match language {
        Language::En => command,
        Language::Fr => translated(command, &french(), "relais"),
    }
}

/// The language that the arguments ask for, before they are parsed: `--lang fr`, `--lang=fr`.
#[must_use]
pub fn asked(arguments: &[OsString]) -> Option<Language> {
    let texts: Vec<&str> = arguments.iter().filter_map(|text| text.to_str()).collect();
    let pair = texts.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1]);
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    pair.or(joined).and_then(|text| text.parse().ok())
}

fn french() -> Table {
    let text = Reference::default().text("help/fr.toml").unwrap_or_default();
    text.parse().unwrap_or_default()
}

/// Replaces each text that the table has: `[plan]` with `about` and one key per argument.
fn translated(command: Command, table: &Table, name: &str) -> Command {
    let texts = table.get(name).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let text = |key: &str| texts.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let mut command = command;
    if let Some(about) = text("about") {
        command = command.about(about.clone()).long_about(about);
    }
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for id in ids {
        let help = text(&id);
        command = command.mut_arg(id, |arg| {
            let names = placeholders(&arg).into_iter().map(|name| in_words(table, name));
            let names: Vec<String> = names.collect();
            let arg = if names.is_empty() { arg } else { arg.value_names(names) };
            match help {
                Some(help) => arg.help(help.clone()).long_help(help),
                None => arg,
            }
        });
    }
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for sub in names {
        let path = if name == "relais" { sub.clone() } else { format!("{name} {sub}") };
        command = command.mut_subcommand(sub, |sub| translated(sub, table, &path));
    }
    command
}

/// What stands for the values of an argument; nothing where it takes none.
fn placeholders(arg: &Arg) -> Vec<String> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    match arg.get_value_names() {
        Some(names) => names.iter().map(ToString::to_string).collect(),
        // As clap has it.
        None => vec![arg.get_id().as_str().to_ascii_uppercase()],
    }
}

fn in_words(table: &Table, placeholder: String) -> String {
    let own = table.get("placeholders").and_then(|own| own.get(&placeholder));
    own.and_then(toml::Value::as_str).map_or(placeholder, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::args::Cli;
    use clap::CommandFactory;

    /// Placeholders that are the same in both languages: French words, letters, and files by the
    /// names that relais gives them.
    const SAME: [&str; 26] = [
        "CODE",
        "CONDITIONS",
        "CSV",
        "DATE",
        "EXPORT",
        "FORMAT",
        "I/N",
        "IMPORT",
        "N",
        "PORT",
        "R",
        "H.sqlite",
        "tests.csv",
        "M.toml",
        "P.csv",
        "PLAN.json",
        "fr|en",
        "on|off",
        "dmy|mdy",
        "experiment.json",
        "history.sqlite",
        "model.json",
        "outcomes.json",
        "plan.json",
        "predictions.csv",
        "schedule.csv",
    ];

    fn lacking(command: &Command, table: &Table, name: &str, found: &mut Vec<String>) {
        let texts = table.get(name).and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let placeholders = command.get_arguments().flat_map(placeholders);
        let strange = placeholders.filter(|name| {
            !SAME.contains(&name.as_str()) && in_words(table, name.clone()) == *name
        });
        found.extend(
            strange.map(|name| format!("[{name_of}] <{name}>", name_of = command.get_name())),
        );
        let ids = command.get_arguments().map(|arg| arg.get_id().to_string());
        let needed = std::iter::once("about".to_owned()).chain(ids);
        found.extend(
            needed.filter(|key| !texts.contains_key(key)).map(|key| format!("[{name}] {key}")),
        );
        for sub in command.get_subcommands() {
            let own = sub.get_name();
            let path = if name == "relais" { own.to_owned() } else { format!("{name} {own}") };
            lacking(sub, table, &path, found);
        }
    }

    #[test]
    fn every_command_and_option_is_told_in_french() {
        let table: Table = Reference::default().text("help/fr.toml").unwrap().parse().unwrap();
        let mut found = Vec::new();
        lacking(&Cli::command(), &table, "relais", &mut found);
        assert!(found.is_empty(), "no French text for: {}", found.join(", "));
    }

    #[test]
    fn the_language_is_known_before_the_arguments_are_parsed() {
        let arguments = |texts: &[&str]| texts.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(asked(&arguments(&["relais", "plan", "--lang", "fr"])), Some(Language::Fr));
        assert_eq!(asked(&arguments(&["relais", "--lang=en"])), Some(Language::En));
        assert_eq!(asked(&arguments(&["relais", "--lang", "de"])), None);
    }
}
