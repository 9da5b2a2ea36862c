//! Arguments → library call; one file per command. Only this module prints, shows progress, and
//! looks at the clock and the environment.

pub mod arguments;
pub mod campaign;
pub mod completions;
pub mod data;
pub mod man;
pub mod model;
pub mod serve;
pub mod terminal;

use self::arguments::args::Cli;
use self::terminal::context::{Context, Exit, Failure, Fault, Undecided};
use self::terminal::fault::Watch;
use self::terminal::screen::{shown, shown_json};

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use jiff::Zoned;
use jiff::civil::Date;

use crate::language::Language;
use crate::random::Seed;
use crate::reference::Reference;

/// Runs the program on the given arguments, the program's name first.
#[must_use]
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let language = arguments::help::asked(&arguments).unwrap_or_else(language_of_the_locale);
    let json = asks_for_json(&arguments);
    let watch = Watch::begin();
    let exit = watch.guarded(|| begun(arguments, language)).unwrap_or_else(|what| {
        let told = language.say("error-fault", &[("what", &what)]);
        fail(json, language, &anyhow::Error::new(Fault(told)))
    });
    ExitCode::from(exit as u8)
}

fn begun(arguments: Vec<OsString>, language: Language) -> Exit {
    let json = asks_for_json(&arguments);
    let parsed = arguments::help::told(Cli::command(), language)
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => run(&cli),
        Err(error) if error.use_stderr() && json => {
            fail(json, language, &Failure(arguments::usage::in_brief(&error, language)).into())
        }
        Err(error) => {
            answer(&error, language);
            if error.use_stderr() { Exit::BadInput } else { Exit::Good }
        }
    }
}

/// Whether the answer is for machines, known before the arguments are understood.
fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|text| *text != "--").any(|text| text == "--json")
}

/// Tells what clap has to say: in its own colours in English, in our words in French.
fn answer(error: &clap::Error, language: Language) {
    use std::io::Write;
    // A closed terminal must not turn a usage message into a crash.
    let _ = match language {
        // What was typed is part of an error: no colours, and shown like all text of others.
        _ if error.use_stderr() => std::io::stderr()
            .write_all(shown(&arguments::usage::message(error, language)).as_bytes()),
        Language::En => error.print(),
        Language::Fr => {
            std::io::stdout().write_all(arguments::usage::message(error, language).as_bytes())
        }
    };
}

fn run(cli: &Cli) -> Exit {
    let context = match context(cli) {
        Ok(context) => context,
        Err(error) => return fail(cli.json, language_of_the_locale(), &error),
    };
    let checked = tables(cli, &context).and_then(|()| {
        arguments::touched::check(&cli.command.touched(), &context).map_err(anyhow::Error::from)
    });
    match checked.and_then(|()| cli.command.run(&context)) {
        Ok(exit) => exit,
        Err(error) if reader_left(&error) => Exit::Good,
        Err(error) => fail(cli.json, context.language, &error),
    }
}

/// Refuses a folder of tables that is none, or holds tables that nothing reads: the shipped ones
/// would answer in their place.
fn tables(cli: &Cli, context: &Context) -> anyhow::Result<()> {
    let Some(folder) = &cli.data else { return Ok(()) };
    let (lang, path) = (context.language, folder.display().to_string());
    if !folder.is_dir() {
        return Err(Failure(lang.say("error-data-no-folder", &[("path", &path)])).into());
    }
    let strangers = context.reference.strangers();
    if strangers.is_empty() {
        return Ok(());
    }
    let mut lines = vec![lang.say("error-data-strangers", &[("path", &path)])];
    lines.extend(strangers.iter().map(|(table, nearest)| {
        let told = match nearest {
            Some(nearest) => {
                let named = [("table", table.as_str()), ("nearest", nearest)];
                lang.say("error-data-stranger-nearest", &named)
            }
            None => lang.say("error-data-stranger", &[("table", table)]),
        };
        format!("  {told}")
    }));
    lines.push(lang.text("error-data-strangers-hint"));
    Err(Failure(lines.join("\n")).into())
}

fn context(cli: &Cli) -> anyhow::Result<Context> {
    if let Some(threads) = cli.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    let language = match &cli.lang {
        Some(text) => text.parse()?,
        None => language_of_the_locale(),
    };
    Ok(Context {
        language,
        json: cli.json,
        seed: Seed(cli.seed),
        today: today(),
        reference: Reference::new(cli.data.clone()),
    })
}

/// Today by the clock, or as `RELAIS_TODAY` says where results must not depend on the day.
fn today() -> Date {
    let given = std::env::var("RELAIS_TODAY").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| Zoned::now().date())
}

fn language_of_the_locale() -> Language {
    let french = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .or_else(locale_of_the_system)
        .is_some_and(|locale| locale.starts_with("fr"));
    if french { Language::Fr } else { Language::En }
}

/// Windows has no variable for it.
#[cfg(windows)]
fn locale_of_the_system() -> Option<String> {
    sys_locale::get_locale()
}

#[cfg(not(windows))]
fn locale_of_the_system() -> Option<String> {
    None
}

/// Whether whoever read the answer had seen enough (`| head`): no trouble of the person's.
fn reader_left(error: &anyhow::Error) -> bool {
    use std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>();
        let csv = cause.downcast_ref::<csv::Error>().map(csv::Error::kind);
        io == Some(BrokenPipe)
            || json.and_then(serde_json::Error::io_error_kind) == Some(BrokenPipe)
            || matches!(csv, Some(csv::ErrorKind::Io(error)) if error.kind() == BrokenPipe)
    })
}

/// One cause of an error; what the system says, in the person's language.
fn message(language: Language, cause: &(dyn std::error::Error + 'static)) -> String {
    if let Some(io) = cause.downcast_ref::<std::io::Error>() {
        return language.cause(io);
    }
    cause.downcast_ref::<csv::Error>().map_or_else(|| cause.to_string(), |csv| language.csv(csv))
}

/// Tells an error on stderr (and as JSON when asked), and says how the command ended.
fn fail(json: bool, language: Language, error: &anyhow::Error) -> Exit {
    use std::io::Write;
    let prefix = language.text("error-prefix");
    let causes: Vec<String> = error.chain().map(|cause| message(language, cause)).collect();
    // A closed stream must not turn a message into another fault.
    let _ = writeln!(std::io::stderr().lock(), "{prefix} {}", shown(&causes.join("\n  ")));
    let exit = if error.is::<Undecided>() {
        Exit::Findings
    } else if error.is::<Fault>() {
        Exit::Fault
    } else {
        Exit::BadInput
    };
    if json {
        let mut answer = serde_json::json!({ "error": causes.join(": ") });
        if exit == Exit::Findings {
            answer["status"] = "undecided".into();
        }
        let _ = writeln!(std::io::stdout().lock(), "{}", shown_json(&answer.to_string()));
    }
    exit
}
