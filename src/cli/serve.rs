//! `relais serve`: the local page, until Ctrl-C.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;

use crate::cli::terminal::context::{Context, Exit, Failure};
use crate::serve::guard::{Bounds, Guard};
use crate::serve::{Desk, Settings, app, socket};

/// How long work under way has to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the local page: exports, history, campaigns, runs, in a browser on this machine alone.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Folder to work in: `history.sqlite`, campaigns, `out/` (default: the current one).
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub folder: PathBuf,
    /// Port on 127.0.0.1 (default: a free one).
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Starts the browser on the page.
    #[arg(long)]
    pub open: bool,
    /// Only looks: nothing is written.
    #[arg(long)]
    pub read_only: bool,
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &ServeArgs, context: &Context) -> anyhow::Result<Exit> {
    let settings = Settings {
        language: context.language,
        seed: context.seed,
        today: context.today,
        now: || jiff::Timestamp::now().to_string(),
        reference: context.reference.clone(),
        read_only: args.read_only,
    };
    let desk = context.explain(Desk::open(&args.folder, settings))?;
    let guard = Guard::new().map_err(|error| {
        let cause = error.to_string();
        Failure(context.language.say("serve-error-random", &[("cause", &cause)]))
    })?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let exit = runtime.block_on(answer(args, desk, guard, context));
    runtime.shutdown_background();
    exit
}

async fn answer(
    args: &ServeArgs,
    desk: Desk,
    guard: Guard,
    context: &Context,
) -> anyhow::Result<Exit> {
    let listener = socket::bind(args.port).await.map_err(|error| {
        let (port, cause) = (args.port.to_string(), context.language.cause(&error));
        let told = [("port", port.as_str()), ("cause", &cause)];
        Failure(context.language.say("serve-error-port", &told))
    })?;
    let ended = ended()?;
    let url = announced(&listener, &guard, context)?;
    let opened = args.open.then(|| open(&url, args, context)).flatten();
    let work = desk.work();
    socket::serve(listener, app(desk, guard, Bounds::default()), ended).await;
    // Work that hears nothing in time is given up: its folder is not in its place yet.
    let _ = tokio::time::timeout(PATIENCE, work.stop()).await;
    drop(opened);
    if !context.json {
        context.note(&context.language.text("serve-ended"));
    }
    Ok(Exit::Good)
}

/// Tells the address, with the token where no server and no log sees it.
fn announced(listener: &TcpListener, guard: &Guard, context: &Context) -> anyhow::Result<String> {
    let (port, token) = (listener.local_addr()?.port(), guard.token());
    let url = format!("http://127.0.0.1:{port}/#token={token}");
    if context.json {
        context.answer_json(&json!({ "url": url, "port": port, "token": token }))?;
    } else {
        context.answer(&url)?;
        context.note(&context.language.text("serve-note"));
    }
    Ok(url)
}

/// The wish to end: Ctrl-C, or the system's own; heard from now on, whenever it is waited for.
#[cfg(unix)]
fn ended() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut asked, mut told) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = asked.recv() => {}
            _ = told.recv() => {}
        }
    })
}

/// The wish to end: Ctrl-C, heard from now on, whenever it is waited for.
#[cfg(windows)]
fn ended() -> io::Result<impl Future<Output = ()>> {
    let mut asked = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        asked.recv().await;
    })
}

/// A file that leads a browser to the page; it goes when this does.
#[derive(Debug)]
struct Lead(PathBuf);

impl Drop for Lead {
    fn drop(&mut self) {
        // It holds a token that is worth nothing any more.
        let _ = fs::remove_file(&self.0);
    }
}

/// Starts the browser on a file that only its owner may read: a token on a command line could be
/// seen by everybody on the machine.
fn open(url: &str, args: &ServeArgs, context: &Context) -> Option<Lead> {
    let started = lead(url, args).and_then(|lead| browse(&lead.0).map(|()| lead));
    started
        .map_err(|error| {
            let cause = context.language.cause(&error);
            context.note(&context.language.say("serve-note-open", &[("cause", &cause)]));
        })
        .ok()
}

/// In the folder itself, which browsers in a box may read, unlike hidden and temporary ones.
fn lead(url: &str, args: &ServeArgs) -> io::Result<Lead> {
    let folder =
        if args.read_only { std::env::temp_dir() } else { std::path::absolute(&args.folder)? };
    let path = folder.join(format!("relais-open-{}.html", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    let lead = Lead(path);
    let head =
        "<!DOCTYPE html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">";
    writeln!(
        file,
        "{head}<title>relais</title><meta http-equiv=\"refresh\" content=\"0;url={url}\">"
    )?;
    Ok(lead)
}

fn browse(path: &Path) -> io::Result<()> {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let mut command = Command::new(program);
    command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}
