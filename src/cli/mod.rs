//! Arguments → library call; one file per command. Only this module prints, shows progress, and
//! looks at the clock and the environment.

pub mod args;
pub mod backtest;
mod begun;
pub mod completions;
pub mod context;
pub mod demo;
pub mod generate;
mod grid;
pub mod help;
pub mod history;
pub mod import;
pub mod init;
pub mod plan;
pub mod predict;
pub mod report;
pub mod review;
pub mod run;
pub mod schema;
pub mod segments;
pub mod simulate;
pub mod source;
pub mod study;
pub mod train;
pub mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches;

use self::args::Cli;
use self::context::{Context, Exit, Undecided};
use crate::language::Language;
use crate::random::Seed;
use crate::reference::Reference;

/// Runs the program on the given arguments, the program's name first.
#[must_use]
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let language = help::asked(&arguments).unwrap_or_else(language_of_the_locale);
    let parsed = help::command(language)
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            answer(&error, language);
            return ExitCode::from(if error.use_stderr() { Exit::BadInput as u8 } else { 0 });
        }
    };
    ExitCode::from(run(&cli) as u8)
}

/// Tells what clap has to say: in its own colours in English, in our words in French.
fn answer(error: &clap::Error, language: Language) {
    use std::io::Write;
    // A closed terminal must not turn a usage message into a crash.
    let _ = match language {
        Language::En => error.print(),
        Language::Fr if error.use_stderr() => {
            std::io::stderr().write_all(usage::told(error, language).as_bytes())
        }
        Language::Fr => std::io::stdout().write_all(usage::told(error, language).as_bytes()),
    };
}

fn run(cli: &Cli) -> Exit {
    let context = match context(cli) {
        Ok(context) => context,
        Err(error) => return fail(cli.json, Language::En, &error),
    };
    match cli.command.run(&context) {
        Ok(exit) => exit,
        Err(error) if reader_left(&error) => Exit::Good,
        Err(error) => fail(cli.json, context.language, &error),
    }
}

fn context(cli: &Cli) -> anyhow::Result<Context> {
    if let Some(threads) = cli.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build_global()?;
    }
    let language = match &cli.lang {
        Some(text) => text.parse()?,
        None => language_of_the_locale(),
    };
    Ok(Context {
        language,
        json: cli.json,
        seed: Seed(cli.seed),
        reference: Reference::new(cli.data.clone()),
    })
}

fn language_of_the_locale() -> Language {
    let french = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|locale| locale.starts_with("fr"));
    if french { Language::Fr } else { Language::En }
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

/// Tells an error on stderr (and as JSON when asked), and says how the command ended.
fn fail(json: bool, language: Language, error: &anyhow::Error) -> Exit {
    let prefix = match language {
        Language::Fr => "erreur :",
        Language::En => "error:",
    };
    eprintln!("{prefix} {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  {cause}");
    }
    let is_undecided = error.downcast_ref::<Undecided>().is_some();
    if json {
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let mut answer = serde_json::json!({ "error": causes.join(": ") });
        if is_undecided {
            answer["status"] = "undecided".into();
        }
        #[allow(clippy::print_stdout, reason = "the JSON answer goes to stdout")]
        {
            println!("{answer}");
        }
    }
    if is_undecided { Exit::Findings } else { Exit::BadInput }
}
