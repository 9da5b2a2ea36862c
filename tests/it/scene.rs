//! A small folder with every kind of file that relais reads, and processes in it that are held: one
//! of their calls fails, and what they take of memory and time is known.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use assert_cmd::cargo::CommandCargoExt;
use relais::random::{Purpose, Seed};
use tempfile::TempDir;

/// Files below a folder, by path from it, and what they hold; links as where they lead.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// What stands below a folder.
pub(crate) fn tree(folder: &Path) -> Tree {
    fn gather(root: &Path, folder: &Path, found: &mut Tree) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_owned();
            let is = std::fs::symlink_metadata(&path).unwrap();
            if is.is_dir() {
                gather(root, &path, found);
            } else if is.is_file() {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = Tree::new();
    gather(folder, folder, &mut found);
    found
}

/// Lays files out below a folder.
pub(crate) fn lay(files: &Tree, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// How a process ended and what it took.
#[derive(Debug)]
pub(crate) struct Held {
    /// The exit code; none when a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    /// Calls on files below the folder.
    pub(crate) calls: usize,
    /// Calls that were made to fail, and on what.
    pub(crate) failed: Vec<String>,
    /// Most memory at once, in MB.
    pub(crate) peak: f64,
}

/// The call of a process that fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    /// Calls of which name are counted; all where none is said.
    pub(crate) call: Option<&'static str>,
    /// Which, counted from 1.
    pub(crate) at: usize,
    /// The system's number of the error.
    pub(crate) errno: i32,
    /// Whether everything later that takes room fails too.
    pub(crate) on: bool,
}

/// The library that holds processes, compiled once; none, and a line that says so, where there is
/// no compiler or no Linux.
pub(crate) fn hold() -> Option<&'static Path> {
    static HOLD: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let made = HOLD.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let library = folder.path().join("hold.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/hold.c");
        let done = cfg!(all(target_os = "linux", target_env = "gnu"))
            && Command::new("cc")
                .args(["-O1", "-shared", "-fPIC", "-o"])
                .args([&library, &source])
                .arg("-ldl")
                .status()
                .is_ok_and(|status| status.success());
        done.then_some((folder, library))
    });
    if made.is_none() {
        eprintln!("skipped: it takes `cc` on Linux to make the calls of a process fail");
    }
    made.as_ref().map(|(_, library)| library.as_path())
}

/// Runs relais in a folder with [`hold`]'s library, for at most so many seconds of processor time.
pub(crate) fn held(
    library: &Path,
    folder: &Path,
    arguments: &[&str],
    fault: Option<Fault>,
    seconds: u32,
) -> Held {
    let report = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::cargo_bin("relais").unwrap();
    command
        .current_dir(folder)
        .args(arguments)
        .env("LC_ALL", "fr_FR.UTF-8")
        // With it, an engineer's message comes along with everything that is caught.
        .env_remove("RUST_BACKTRACE")
        .env("LD_PRELOAD", library)
        .env("HOLD_BELOW", folder)
        .env("HOLD_CPU", seconds.to_string())
        .env("HOLD_REPORT", report.path());
    if let Some(fault) = fault {
        command.env("HOLD_AT", fault.at.to_string()).env("HOLD_ERRNO", fault.errno.to_string());
        if let Some(call) = fault.call {
            command.env("HOLD_CALL", call);
        }
        if fault.on {
            command.env("HOLD_ON", "1");
        }
    }
    let output = command.output().unwrap();
    let told = std::fs::read_to_string(report.path()).unwrap();
    let number = |word: &str| {
        told.lines().find_map(|line| line.strip_prefix(word)?.trim().parse::<usize>().ok())
    };
    Held {
        exit: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        calls: number("calls").unwrap_or(0),
        failed: told
            .lines()
            .filter_map(|line| Some(line.strip_prefix("failed ")?.into()))
            .collect(),
        peak: number("peak").unwrap_or(0) as f64 / 1024.0,
    }
}

/// A number asked for by the environment, or the usual one.
pub(crate) fn asked(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Random numbers of a test: `RELAIS_TEST_SEED` gives others.
pub(crate) fn rng(stream: u64) -> impl rand::Rng {
    Seed(asked("RELAIS_TEST_SEED", 17) as u64).stream(Purpose::Generate, stream)
}

const FLIGHT: &str = "flight = { start = 2026-04-06, end = 2026-05-03 }\n";

/// The files of the scene, made once.
pub(crate) fn scene() -> &'static Tree {
    static SCENE: OnceLock<Tree> = OnceLock::new();
    SCENE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let at = folder.path();
        lay(&written(), at);
        let made = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            let mut command = Command::cargo_bin("relais").unwrap();
            let output = command.current_dir(at).args(&words).output().unwrap();
            assert!(output.status.code().is_some_and(|code| code < 2), "{line}: {output:?}");
        };
        made("import rows.csv --history h.sqlite");
        made("train --panel panel.csv --out model.json");
        made("train --history h.sqlite --split-by network --out mh.json");
        made("plan h.toml --model mh.json --out past --draws 20");
        made("plan k.toml --curves curves.csv --out known");
        made("run c.toml --model model.json --out out --no-backtest --replicates 50");
        made("simulate --model model.json --plan out/c/plan.json --replicates 20 --out sim.json");
        tree(at)
    })
}

/// Three segments over twelve weeks.
fn panel() -> String {
    let mut panel = String::from("segment,week,spend,link_clicks\n");
    for week in 1..=12 {
        for (segment, clicks) in [("a", 2.0), ("b", 3.0), ("c", 5.0)] {
            let spend = 20.0 + f64::from((week * 7) % 11);
            let count = (spend * clicks) as u64;
            writeln!(panel, "{segment},2026-W{week:02},{spend},{count}").unwrap();
        }
    }
    panel
}

/// The files of the scene that nobody computes.
fn written() -> Tree {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    files.insert("panel.csv", panel());
    let mut rows =
        String::from("network,age,start,end,currency,spend,impressions,shares,link_clicks\n");
    for week in 0..20i64 {
        let start = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for (k, network) in ["facebook", "instagram"].into_iter().enumerate() {
            let spend = 40.0 + ((week * 17 + k as i64 * 31) % 60) as f64;
            let actions = spend / (1.0 + spend / 400.0) * (1.0 + k as f64 * 0.3);
            let (views, shares) = (spend * 150.0, actions / 5.0);
            writeln!(
                rows,
                "{network},18-24,{start},{end},EUR,{spend:.2},{views:.0},{shares:.0},{actions:.0}"
            )
            .unwrap();
        }
    }
    files.insert("rows.tsv", rows.replace(',', "\t"));
    files.insert("rows.csv", rows);
    let campaign =
        |rest: &str| format!("title = \"Orientation\"\nbudget = \"300 EUR\"\n{FLIGHT}{rest}");
    files.insert(
        "c.toml",
        campaign(
            "[segments]\nlevers = \"any\"\n[limits]\nper_segment = { min_if_funded = 30, max = 250 }\n\
             funded_at_most = 2\nweekly_min = 5\n[[limits.group]]\nname = \"two\"\n\
             where = { segment = [\"a\", \"b\"] }\nmax = 290\n[output]\nformats = [\"csv\", \"html\", \"xlsx\"]\n",
        ),
    );
    files.insert("k.toml", campaign(""));
    files.insert(
        "h.toml",
        campaign("[history]\nfile = \"h.sqlite\"\n[segments]\nsplit_by = [\"network\"]\nlevers = \"any\"\n"),
    );
    files.insert(
        "curves.csv",
        "segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n\
         a,exposure,900,300,1.2,,,50,20,north\nb,hill,800,250,2.5,,600,100,,north\n\
         c,exponential,500,200,,,,,,south\nd,power,12,0.6,,,400,,,south\n\
         e,points,0:0;100:90;300:200,,,,,,,south\n"
            .into(),
    );
    files.insert("at.csv", "segment,week,spend\na,2026-W20,20\nb,,35.5\nc,2026-W21,0\n".into());
    files.insert(
        "bulk.csv",
        "Campaign ID,Campaign Name,Ad Set ID,Ad Set Name,Ad Set Lifetime Budget,Ad Set Time Start,\
         Ad Set Time Stop,Ad Name\n\
         c:1,Camp,1000,a,12.5,08/15/2024 12:00 am,09/28/2024 11:59 pm,Ad\n\
         c:1,Camp,1001,b,13.5,08/15/2024 12:00 am,09/28/2024 11:59 pm,Ad\n\
         c:1,Camp,1002,c,14.5,08/15/2024 12:00 am,09/28/2024 11:59 pm,Ad\n"
            .into(),
    );
    files.insert("pairs.csv", "segment,ad_set_id\na,1000\nb,1001\nc,1002\n".into());
    files.insert(
        "spec.toml",
        "name = \"own\"\nbased_on = \"default\"\nsays = \"Few rows.\"\nharmonics = 1\n\
         drift_weeks = 26\n[prior.saturation]\nsd = 0.7\n[prior.shape]\nsd = 0.3\n"
            .into(),
    );
    let shipped = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let small = |world: &str, segments: &str, weeks: &str| {
        world.replace(segments, "segments     = 6").replace(weeks, "weeks        = 20")
    };
    files.insert(
        "world.toml",
        small(&shipped("demo/world.toml"), "segments     = 60", "weeks        = 104"),
    );
    files.insert(
        "study.toml",
        small(&shipped("study.toml"), "segments     = 60", "weeks        = 52"),
    );
    files.insert(
        "map.toml",
        "name = \"own\"\nnetwork = \"facebook\"\nmissing = [\"--\"]\noptional = [\"Reach\"]\n\
         [columns]\n\"Day\" = \"day\"\n\"Ad set\" = \"ad_set\"\n\"Cost\" = \"spend\"\n\
         \"Clicks\" = \"link_clicks\"\n\"Reach\" = \"reach\"\n[dates]\norder = \"dmy\"\n\
         [names]\nad_set = \"{topic} | {territory} | {age}\"\n[totals]\nwords = [\"total\"]\n"
            .into(),
    );
    files.insert(
        "mapped.csv",
        "Day,Ad set,Cost,Clicks\n02/03/2026,Jobs | Lyon | 18-24,\"1,200.50\",30\n\
         03/03/2026,Jobs | Lyon | 25-34,--,4\ntotal,,1200.50,34\n"
            .into(),
    );
    for name in ["priors.toml", "territories.toml", "calendar.toml", "carbon.toml"] {
        files.insert(Box::leak(format!("tables/{name}").into_boxed_str()), shipped(name));
    }
    files.into_iter().map(|(name, text)| (name.into(), text.into_bytes())).collect()
}
