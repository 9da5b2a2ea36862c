//! Result folders seen from outside: nothing that is not ours is ever lost, and a kill at any
//! moment leaves one whole result under its name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use assert_cmd::cargo::CommandCargoExt;
use rand::RngExt;
use relais::batch::folder::{self, WorkFolder};
use relais::random::{Purpose, Seed};
use tempfile::TempDir;

/// A folder with a model, from which campaigns are run.
struct Case {
    folder: TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self { folder: TempDir::new().unwrap() };
        let mut panel = String::from("segment,week,spend,link_clicks\n");
        for week in 1..=12 {
            for (segment, clicks) in [("a", 2.0), ("b", 3.0), ("c", 5.0)] {
                let spend = 20.0 + f64::from((week * 7) % 11);
                writeln!(panel, "{segment},2026-W{week:02},{spend},{}", (spend * clicks) as u64)
                    .unwrap();
            }
        }
        case.write("panel.csv", &panel);
        case.sound(&["train", "--panel", "panel.csv", "--out", "model.json"]);
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        std::fs::write(self.at(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a campaign file whose results go to `folder`.
    fn campaign(&self, name: &str, budget: u32, folder: Option<&str>) {
        let folder = folder.map_or_else(String::new, |own| format!("folder = \"{own}\"\n"));
        self.write(
            name,
            &format!(
                "title = \"Orientation\"\nbudget = \"{budget} EUR\"\n\
                 flight = {{ start = 2026-04-06, end = 2026-05-03 }}\n\
                 [segments]\nlevers = \"any\"\n[output]\nformats = [\"csv\"]\n{folder}"
            ),
        );
    }

    fn relais(&self, arguments: &[&str]) -> Output {
        let mut command = Command::cargo_bin("relais").unwrap();
        command.current_dir(&self.folder).args(arguments).args(["--lang", "en"]).output().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let always = ["run", "--model", "model.json", "--no-backtest", "--replicates", "50"];
        self.relais(&[&always[..], arguments].concat())
    }

    /// Runs a command that must do its work, with findings or without.
    fn sound(&self, arguments: &[&str]) {
        let output = self.relais(arguments);
        assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {output:?}");
    }

    /// Runs campaigns that must be done.
    fn done(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!told.contains("failed"), "{arguments:?}: {told}");
    }

    /// Runs campaigns that must be refused before any work, and gives what is told.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        let steps = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!steps.contains("dividing"), "{arguments:?} worked before it was refused: {steps}");
        // A table wraps its lines.
        String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Everything below the case's folder and what it holds.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        contents(self.folder.path())
    }
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_folder_that_is_not_ours_is_refused_by_name_and_left_as_it_is() {
    let case = Case::new();
    case.write("thesis/chapter.txt", "years of work");
    case.campaign("c.toml", 300, Some("thesis"));
    case.campaign("thesis.toml", 300, None);
    // Somebody else's `done.json` makes no folder ours.
    case.write("other/done.json", "{\"done\": true}");
    case.campaign("other.toml", 300, None);
    case.write("file", "not a folder");
    case.campaign("file.toml", 300, None);
    let before = case.everything();
    for arguments in [&["c.toml"][..], &["thesis.toml", "--out", "."]] {
        let told = case.refused(arguments);
        assert!(told.contains("thesis") && told.contains("not a result of relais"), "{told}");
        assert!(told.contains("chapter.txt"), "{told}");
        case.refused(&[arguments, &["--force"]].concat());
    }
    assert!(case.refused(&["other.toml", "--out", "."]).contains("done.json"));
    assert!(case.refused(&["file.toml", "--out", "."]).contains("not a folder"));
    assert_eq!(case.everything(), before);
}

#[test]
fn only_listed_files_are_replaced_and_everything_else_stays() {
    let case = Case::new();
    case.campaign("c.toml", 300, None);
    case.done(&["c.toml", "--out", "out"]);
    let plan = case.read("out/c/plan.json");
    // What people and other commands put there.
    case.write("out/c/notes/meeting.txt", "book on Monday");
    case.write("out/c/review.html", "<p>what happened</p>");
    case.write("out/c/bulk.csv", "Ad Set ID,Budget\n1,2\n");
    case.write("out/c/plan.csv", "edited by hand");
    std::fs::create_dir(case.at("out/c/empty")).unwrap();
    case.campaign("c.toml", 400, None);
    case.done(&["c.toml", "--out", "out"]);
    let newer = case.read("out/c/plan.json");
    assert_ne!(newer, plan);
    assert_eq!(case.read("out/c/notes/meeting.txt"), "book on Monday");
    assert_eq!(case.read("out/c/review.html"), "<p>what happened</p>");
    assert_eq!(case.read("out/c/bulk.csv"), "Ad Set ID,Budget\n1,2\n");
    assert!(case.at("out/c/empty").is_dir());
    assert_ne!(case.read("out/c/plan.csv"), "edited by hand");
    // The plan that was promised, and the edited table whose name was needed.
    let mut kept: Vec<String> = contents(&case.at("out/c/earlier"))
        .into_values()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["edited by hand".to_owned(), plan]);
    // The same again keeps no second copy, and nothing hidden is left.
    case.done(&["c.toml", "--out", "out", "--force"]);
    assert_eq!(contents(&case.at("out/c/earlier")).len(), 2);
    assert_eq!(std::fs::read_dir(case.at("out")).unwrap().count(), 1);
}

#[test]
fn a_single_plan_never_takes_the_place_of_another_or_of_a_stranger() {
    let case = Case::new();
    case.campaign("c.toml", 300, None);
    case.sound(&["plan", "c.toml", "--model", "model.json", "--out", "p"]);
    let first = case.read("p/plan.json");
    case.campaign("c.toml", 350, None);
    case.sound(&["plan", "c.toml", "--model", "model.json", "--out", "p"]);
    assert!(contents(&case.at("p/earlier")).values().any(|kept| *kept == first.as_bytes()));
    // The folder of a plan can take the run's results.
    case.campaign("r.toml", 350, Some("p"));
    case.done(&["r.toml"]);
    assert!(contents(&case.at("p/earlier")).values().any(|kept| *kept == first.as_bytes()));
    case.write("house/plan.json", "{\"rooms\": 4}");
    let refused = case.relais(&["plan", "c.toml", "--model", "model.json", "--out", "house"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("plan.json"));
    assert_eq!(case.read("house/plan.json"), "{\"rooms\": 4}");
}

#[test]
fn a_result_whose_plan_was_edited_or_whose_tables_changed_is_not_done() {
    let case = Case::new();
    case.campaign("c.toml", 300, None);
    let shipped = include_str!("../../data/carbon.toml");
    case.write("data/carbon.toml", shipped);
    let run = |expected: &str| {
        let output = case.run(&["c.toml", "--out", "out", "--data", "data"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains(expected), "{expected}: {told}");
        output.status.code()
    };
    let exit = run("done");
    assert_eq!(run("already done"), exit);
    // Whatever relais reads from it again: a plan that was edited is no result that stands.
    for name in ["plan.json", "outcomes.json", "dossier.json", "model.json"] {
        let file = format!("out/c/{name}");
        if !case.at(&file).exists() {
            continue;
        }
        let sound = case.read(&file);
        let edited = sound.replace("\"seed\"", " \"seed\"").replace("300", "310");
        assert_ne!(sound, edited, "{name}");
        case.write(&file, &edited);
        assert_eq!(run("  done"), exit, "{name}");
        assert_eq!(case.read(&file), sound, "{name}");
        let kept = contents(&case.at("out/c/earlier"));
        assert!(kept.into_values().any(|bytes| bytes == edited.as_bytes()), "{name} is lost");
    }
    // A page that somebody wrote on is theirs, and the result stands.
    case.write("out/c/plan.csv", "edited by hand");
    assert_eq!(run("already done"), exit);
    assert_eq!(case.read("out/c/plan.csv"), "edited by hand");
    // Other tables: the run makes its result again, and whoever asks the older plan is told.
    case.write("data/carbon.toml", &shipped.replace("local = 0.04418", "local = 0.4418"));
    let asked: [&[&str]; 2] = [
        &["simulate", "--plan", "out/c/plan.json", "--model", "model.json", "--replicates", "10"],
        &["plan", "--check", "out/c/plan.json", "--model", "model.json"],
    ];
    for words in asked {
        let said = |more: &[&str]| {
            let output = case.relais(&[words, more].concat());
            let text = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8_lossy(&text).into_owned())
        };
        let (exit, told) = said(&["--data", "data"]);
        assert!(told.contains("other tables than these") && told.contains("carbon.toml"), "{told}");
        assert_eq!(exit, Some(i32::from(words[0] == "plan")), "{told}");
        let (exit, told) = said(&[]);
        assert!(exit == Some(0) && !told.contains("other tables"), "{told}");
    }
    // A folder of tables that is not there is not the shipped tables.
    for none in ["nowhere", "data/carbon.toml"] {
        let output = case.relais(&["simulate", "--plan", "x", "--model", "y", "--data", none]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(none) && told.contains("no folder of tables"), "{told}");
    }
    // Nor is a table that nothing reads.
    case.write("data/rules/minimum.toml", "");
    case.write("data/carbone.toml", shipped);
    case.write("data/README.md", "what stands here");
    let output = case.relais(&["simulate", "--plan", "x", "--model", "y", "--data", "data"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    for named in ["carbone.toml", "`carbon.toml` is", "minimum.toml", "`rules/minimums.toml` is"] {
        assert!(told.contains(named), "{named}: {told}");
    }
    assert!(!told.contains("README"), "{told}");
    for name in ["data/rules/minimum.toml", "data/carbone.toml"] {
        std::fs::remove_file(case.at(name)).unwrap();
    }
    let before = case.read("out/c/plan.json");
    assert_eq!(run("  done"), exit);
    assert_ne!(case.read("out/c/plan.json"), before);
    let kept = contents(&case.at("out/c/earlier"));
    assert!(kept.into_values().any(|bytes| bytes == before.as_bytes()), "the promise is lost");
    assert_eq!(run("already done"), exit);
}

#[test]
fn campaigns_that_share_a_folder_are_refused_before_any_work() {
    let case = Case::new();
    case.campaign("a.toml", 300, Some("one"));
    case.campaign("b.toml", 300, Some("./x/../one"));
    case.campaign("inside.toml", 300, Some("one/two"));
    case.campaign("c.toml", 300, Some("three"));
    let told = case.refused(&["a.toml", "b.toml"]);
    assert!(told.contains("a.toml") && told.contains("b.toml") && told.contains("one"), "{told}");
    case.refused(&["a.toml", "inside.toml"]);
    assert!(!case.at("one").exists());
    // Others of the batch are done.
    let output = case.run(&["a.toml", "b.toml", "c.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!case.at("one").exists() && case.at("three/plan.json").is_file());
    #[cfg(unix)]
    {
        std::fs::create_dir(case.at("real")).unwrap();
        std::os::unix::fs::symlink("real", case.at("link")).unwrap();
        case.campaign("d.toml", 300, Some("real"));
        case.campaign("e.toml", 300, Some("link"));
        case.refused(&["d.toml", "e.toml"]);
    }
}

#[test]
fn a_campaign_leads_nowhere_unless_the_command_says_so() {
    let case = Case::new();
    let outside = case.at("mail").join("../x");
    for folder in ["../x", &case.at("x").display().to_string(), "a/../../x"] {
        case.campaign("mail/c.toml", 300, Some(folder));
        let told = case.refused(&["mail/c.toml"]);
        assert!(told.contains("--allow-outside"), "{told}");
        let plan = case.relais(&["plan", "mail/c.toml", "--model", "model.json"]);
        assert_eq!(plan.status.code(), Some(2), "{folder}");
        assert!(!outside.exists(), "{folder}");
    }
    // Below `--out` the campaign has no say, nor has the name of its file.
    case.done(&["mail/c.toml", "--out", "out"]);
    std::fs::copy(case.at("mail/c.toml"), case.at("...toml")).unwrap();
    case.done(&["...toml", "--out", "out/deep"]);
    assert!(case.at("out/c/plan.json").is_file());
    assert!(case.at("out/deep/campaign/plan.json").is_file());
    assert!(!outside.exists() && !case.at("out/plan.json").exists());
    case.done(&["mail/c.toml", "--allow-outside"]);
    assert!(outside.join("plan.json").is_file());
}

#[cfg(unix)]
#[test]
fn a_linked_folder_stays_a_link_and_is_filled_where_it_leads() {
    use std::os::unix::fs::symlink;
    let case = Case::new();
    std::fs::create_dir_all(case.at("disk/results")).unwrap();
    std::fs::create_dir(case.at("out")).unwrap();
    symlink("../disk/results", case.at("out/c")).unwrap();
    symlink("nowhere", case.at("out/lost")).unwrap();
    case.campaign("c.toml", 300, None);
    case.campaign("lost.toml", 300, None);
    case.done(&["c.toml", "--out", "out"]);
    symlink("/etc/hostname", case.at("disk/results/host")).unwrap();
    case.campaign("c.toml", 310, None);
    case.done(&["c.toml", "--out", "out"]);
    assert!(case.at("out/c").is_symlink() && case.at("disk/results/plan.json").is_file());
    assert!(case.at("out/c/host").is_symlink());
    assert!(case.refused(&["lost.toml", "--out", "out"]).contains("leads nowhere"));
}

#[test]
fn the_demo_takes_nobodys_history_or_files() {
    let case = Case::new();
    case.write("mine/history.sqlite", "");
    let refused = case.relais(&["demo", "--out", "mine"]);
    assert_eq!(refused.status.code(), Some(2));
    case.write("own/map.toml", "[names]\n");
    let refused = case.relais(&["demo", "--out", "own"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("map.toml"));
    assert_eq!(contents(&case.at("own")).len(), 1);
    assert_eq!(contents(&case.at("mine")).len(), 1);
}

/// What a child process is asked to do.
const TARGET: &str = "RELAIS_TEST_FOLDER";

#[test]
#[ignore = "runs in processes that another test starts"]
fn child_of_another_test() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let content = std::env::var("RELAIS_TEST_CONTENT").unwrap();
    let work = WorkFolder::beside(Path::new(&target)).unwrap();
    std::fs::create_dir(work.path().join("charts")).unwrap();
    for n in 0..40 {
        std::fs::write(work.path().join(format!("charts/{n}.svg")), &content).unwrap();
    }
    std::fs::write(work.path().join("plan.json"), &content).unwrap();
    work.finish(&"ab".repeat(32)).unwrap();
}

fn child(target: &Path, content: &str) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "folders::child_of_another_test", "--ignored"])
        .env(TARGET, target)
        .env("RELAIS_TEST_CONTENT", content)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The content that all files of a result share.
fn whole(target: &Path) -> String {
    let plan = std::fs::read_to_string(target.join("plan.json")).unwrap();
    for n in 0..40 {
        let chart = std::fs::read_to_string(target.join(format!("charts/{n}.svg")));
        assert_eq!(chart.ok().as_deref(), Some(&*plan), "a mixture stands under the result's name");
    }
    plan
}

/// So many kills; `RELAIS_TEST_ROUNDS` asks for more.
fn rounds(usual: usize) -> usize {
    std::env::var("RELAIS_TEST_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_kill_at_any_moment_leaves_one_whole_result_and_every_file_of_others() {
    let home = TempDir::new().unwrap();
    let target = home.path().join("été");
    assert!(child(&target, "0").wait().unwrap().success());
    std::fs::create_dir(target.join("notes")).unwrap();
    std::fs::write(target.join("notes/mine.txt"), "mine").unwrap();
    let start = Instant::now();
    assert!(child(&target, "1").wait().unwrap().success());
    let took = start.elapsed();
    assert_eq!(whole(&target), "1");
    let mut rng = Seed(12).stream(Purpose::Generate, 0);
    let (mut stands, mut replaced) = ("1".to_owned(), 0);
    for kill in 0..rounds(60) {
        let content = (kill + 2).to_string();
        let mut process = child(&target, &content);
        std::thread::sleep(took.mul_f64(rng.random_range(0.0..1.2)));
        // A child that has finished cannot be killed; that is one of the moments.
        let _ = process.kill();
        process.wait().unwrap();
        let found = whole(&target);
        assert!(found == stands || found == content, "kill {kill}: {found}");
        replaced += usize::from(found == content);
        stands = found;
        assert_eq!(std::fs::read_to_string(target.join("notes/mine.txt")).unwrap(), "mine");
    }
    eprintln!("{} kills within {took:?}: {replaced} results replaced", rounds(60));
    assert!(replaced < rounds(60), "no kill came before the end: the test tests nothing");
    // The next run cleans up what the killed ones left.
    folder::check(&target).unwrap();
    let names: Vec<_> =
        std::fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(names, std::slice::from_ref(&target));
    assert_eq!(std::fs::read_to_string(target.join("notes/mine.txt")).unwrap(), "mine");
    // Every promise that stood there is kept, each once.
    let kept = contents(&target.join("earlier"));
    assert!(kept.len() <= replaced + 1 && kept.len() >= replaced, "{} of {replaced}", kept.len());
}

#[test]
fn what_a_run_leaves_that_is_still_alive_is_not_touched() {
    let home = TempDir::new().unwrap();
    let target = home.path().join("out");
    let alive = WorkFolder::beside(&target).unwrap();
    std::fs::write(alive.path().join("plan.json"), "1").unwrap();
    folder::check(&target).unwrap();
    let second = WorkFolder::beside(&target).unwrap();
    std::fs::write(second.path().join("plan.json"), "2").unwrap();
    second.finish(&"ab".repeat(32)).unwrap();
    alive.finish(&"cd".repeat(32)).unwrap();
    assert_eq!(std::fs::read_to_string(target.join("plan.json")).unwrap(), "1");
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let case = Case::new();
    case.campaign("c.toml", 300, None);
    case.sound(&["plan", "c.toml", "--model", "model.json", "--out", "o"]);
    case.write("at.csv", "segment,spend\na,20\n");
    case.write("bulk.csv", "Ad set id,Ad set name,Ad set daily budget\n1,a,5\n");
    let before = case.everything();
    for arguments in [
        &["train", "--panel", "panel.csv", "--out", "./panel.csv"][..],
        &["train", "--panel", "panel.csv", "--out", "new.json", "--draws", "panel.csv"],
        &["train", "--panel", "panel.csv", "--out", "new.json", "--draws", "./new.json"],
        &["segments", "--panel", "panel.csv", "--out", "o/../panel.csv"],
        &["predict", "--model", "model.json", "--at", "at.csv", "--out", "at.csv"],
        &["simulate", "--model", "model.json", "--plan", "o/plan.json", "--out", "o/plan.json"],
        &[
            "simulate",
            "--model",
            "model.json",
            "--plan",
            "o/plan.json",
            "--keep-draws",
            "model.json",
        ],
        &["history", "panel", "--from-csv", "panel.csv", "--out", "panel.csv"],
        &["report", "--bulk", "bulk.csv", "--plan", "o/plan.json", "--out", "bulk.csv"],
    ] {
        let refused = case.relais(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("nothing was done"), "{arguments:?}: {said}");
        assert_eq!(case.everything(), before, "{arguments:?}");
    }
}
