//! What the command line answers when it was not understood, and its help, in French.
//!
//! clap writes English. Its error kinds hold what was found and what was meant, so the frequent
//! ones are told in our own words; of its help only the frame is replaced (the texts themselves
//! come from `data/help/fr.toml`).

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::language::Language;

/// The message of an error, or the help or version it stands for.
#[must_use]
pub fn message(error: &clap::Error, language: Language) -> String {
    let rendered = error.render().to_string();
    if language == Language::En {
        return rendered;
    }
    match error.kind() {
        ErrorKind::DisplayVersion => rendered,
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            frame(&rendered)
        }
        _ => trouble(error, language).map_or_else(
            || frame(&rendered),
            |message| {
                let usage = frame(&usage(&rendered));
                let help = language.text("usage-help");
                format!(
                    "{}\n\n{usage}\n\n{help}\n",
                    language.say("usage-error", &[("message", &message)])
                )
            },
        ),
    }
}

/// What was not understood, in one line: the answer for machines.
#[must_use]
pub fn in_brief(error: &clap::Error, language: Language) -> String {
    let in_french = if language == Language::Fr { trouble(error, language) } else { None };
    in_french.unwrap_or_else(|| {
        let rendered = error.render().to_string();
        let message = rendered.split("\n\n").next().unwrap_or_default();
        let lines: Vec<&str> = message.lines().map(str::trim).collect();
        lines.join(" ").trim_start_matches("error: ").to_owned()
    })
}

/// The line of the answer that shows how the command is written.
fn usage(rendered: &str) -> String {
    rendered.lines().find(|line| line.starts_with("Usage:")).unwrap_or_default().to_owned()
}

/// The range that a number was not in.
fn range(error: &clap::Error) -> Option<String> {
    let inner = std::error::Error::source(error)?.to_string();
    let (low, high) = inner.split_once(" is not in ")?.1.split_once("..=")?;
    Some(format!("{low} – {high}"))
}

fn trouble(error: &clap::Error, language: Language) -> Option<String> {
    let held = |kind| error.get(kind).map(words);
    let say = |key: &str, arguments: &[(&str, &str)]| language.say(key, arguments);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => {
            say("usage-unknown-argument", &[("found", &held(ContextKind::InvalidArg)?)])
        }
        ErrorKind::InvalidSubcommand => {
            say("usage-unknown-command", &[("found", &held(ContextKind::InvalidSubcommand)?)])
        }
        ErrorKind::MissingRequiredArgument => {
            say("usage-missing", &[("names", &held(ContextKind::InvalidArg)?)])
        }
        ErrorKind::MissingSubcommand => language.text("usage-missing-command"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let found = held(ContextKind::InvalidValue)?;
            let name = held(ContextKind::InvalidArg)?;
            if found.is_empty() {
                say("usage-no-value", &[("name", &name)])
            } else {
                let named = held(ContextKind::ValidValue).filter(|words| !words.is_empty());
                let allowed = named.or_else(|| range(error));
                let allowed = allowed
                    .map_or_else(String::new, |words| say("usage-allowed", &[("allowed", &words)]));
                say("usage-value", &[("found", &found), ("name", &name), ("allowed", &allowed)])
            }
        }
        ErrorKind::ArgumentConflict => {
            let other = held(ContextKind::PriorArg)?;
            say("usage-conflict", &[("name", &held(ContextKind::InvalidArg)?), ("other", &other)])
        }
        _ => return None,
    };
    let meant =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let hint = meant.into_iter().find_map(held).map_or_else(String::new, |nearest| {
        language.say("usage-nearest", &[("nearest", &nearest)])
    });
    Some(message + &hint)
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::String(text) => text.clone(),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// clap's headings and marks, in French.
fn frame(text: &str) -> String {
    const FRAME: [(&str, &str); 13] = [
        ("Usage:", "Usage\u{a0}:"),
        ("Options:\n", "Options\u{a0}:\n"),
        ("Arguments:\n", "Arguments\u{a0}:\n"),
        ("Commands:\n", "Commandes\u{a0}:\n"),
        ("[default: ", "[défaut\u{a0}: "),
        ("[possible values: ", "[valeurs possibles\u{a0}: "),
        ("<COMMAND>", "<COMMANDE>"),
        (
            "Print help (see a summary with '-h')",
            "Écrit cette aide (résumé\u{a0}: «\u{a0}-h\u{a0}»)",
        ),
        (
            "Print help (see more with '--help')",
            "Écrit cette aide (en entier\u{a0}: «\u{a0}--help\u{a0}»)",
        ),
        ("Print help", "Écrit cette aide"),
        ("Print version", "Écrit la version"),
        (
            "Print this message or the help of the given subcommand(s)",
            "Écrit cette aide, ou celle d’une commande",
        ),
        ("error: ", "erreur\u{a0}: "),
    ];
    FRAME.iter().fold(text.to_owned(), |text, (english, french)| text.replace(english, french))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::args::Cli;
    use crate::cli::arguments::help;
    use clap::CommandFactory;

    fn answer(arguments: &[&str]) -> String {
        let line = std::iter::once("relais").chain(arguments.iter().copied());
        let error = help::told(Cli::command(), Language::Fr)
            .try_get_matches_from(line)
            .expect_err("not a command");
        message(&error, Language::Fr).replace('\u{a0}', " ")
    }

    #[test]
    fn what_was_not_understood_is_told_in_french() {
        for (arguments, expected) in [
            (&["plna"][..], "commande inconnue « plna » (vouliez-vous écrire « plan » ?)"),
            (&["plan", "x", "--modle", "m"], "option inconnue « --modle »"),
            (&["plan"], "il manque <CAMPAGNE.toml>"),
            (&["demo", "--threads", "x"], "« x » ne convient pas à"),
            (&["demo", "--out"], "il manque la valeur de « --out <DOSSIER> »"),
        ] {
            let told = answer(arguments);
            assert!(told.contains(expected), "{arguments:?}: {told}");
            for english in ["error", "tip:", "For more", "Usage:", "found"] {
                assert!(!told.contains(english), "{arguments:?}: {told}");
            }
        }
    }

    #[test]
    fn the_help_s_frame_is_french() {
        let help = answer(&["plan", "--help"]);
        assert!(help.contains("Usage :") && help.contains("Options :"), "{help}");
        assert!(!help.contains("[default:") && !help.contains("Arguments:"), "{help}");
        assert!(!help.contains("Print"), "{help}");
    }
}
