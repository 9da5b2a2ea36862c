//! The history seen from outside: killed in the middle, asked by two at once, asked in words.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use rand::RngExt;
use relais::action::{Action, Counts};
use relais::history::row::{Level, Row};
use relais::history::{FileMeta, History, HistoryError, JournalEntry, Rename};
use relais::panel::Panel;
use relais::random::{Purpose, Seed};
use relais::segment::Attribute;
use relais::units::Currency;

fn day(n: i64) -> jiff::civil::Date {
    jiff::civil::date(2025, 1, 6).saturating_add(jiff::Span::new().days(n))
}

/// Ads of one network: by ad and day, `spend` cents each, one share per ten impressions at most.
fn row(network: &str, ad: i64, n: i64, cents: i64) -> Row {
    let mut row = Row {
        line: 2 + n as u64,
        level: Level::Ad,
        attributes: Default::default(),
        ids: [None, None, Some(ad.to_string().into())],
        breakdowns: Vec::new(),
        lifetime: false,
        period: Some((day(n), day(n))),
        currency: Some(Currency::EUR),
        spend: Some(rust_decimal::Decimal::new(cents, 2)),
        impressions: Some(2_000.0),
        reach: None,
        actions: Counts::default(),
        censored: Vec::new(),
    };
    for (attribute, value) in [
        (Attribute::Network, network.to_owned()),
        (Attribute::Campaign, "Orientation".to_owned()),
        (Attribute::Ad, format!("=Publicité {ad}")),
    ] {
        row.attributes[attribute.index()] = Some(value.into());
    }
    row.actions.set(Action::Shares, Some((ad * 7 % 60) as f64));
    row.actions.set(Action::Reactions, Some(100.0));
    row
}

fn import(history: &mut History, name: &str, rows: &[Row]) -> Result<(), HistoryError> {
    import_files(history, name, rows, 500)
}

fn import_files(
    history: &mut History,
    name: &str,
    rows: &[Row],
    of: usize,
) -> Result<(), HistoryError> {
    let mut import = history.begin()?;
    for (i, part) in rows.chunks(of).enumerate() {
        let name = format!("{name} {i}");
        let (fingerprint, format) = (name.clone(), "test".to_owned());
        import.file(&FileMeta { name, fingerprint, format, currency: None })?;
        part.iter().try_for_each(|row| import.row(row))?;
        import.end_file()?;
    }
    import.commit().map(|_| ())
}

fn older() -> Vec<Row> {
    (0..600).map(|i| row("linkedin", i % 20, i / 20, 100 + i)).collect()
}

fn newer() -> Vec<Row> {
    (0..3_000).map(|i| row("linkedin", i % 20, 15 + i / 20, 200 + i)).collect()
}

/// So many that they are packed, and are read out of order.
fn large(cents: i64) -> Vec<Row> {
    let row = |i: i64| row("linkedin", i % 20, i * 7 % 17_000 / 20, cents + i % 7);
    (0..17_000).map(row).collect()
}

/// What a child process is asked to do, and to which history.
const TASK: &str = "RELAIS_TEST_CHILD";

fn child(task: &str, path: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "history::child_of_another_test", "--ignored"])
        .env(TASK, task)
        .env("RELAIS_TEST_HISTORY", path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "runs in processes that other tests start"]
fn child_of_another_test() {
    let Ok(task) = std::env::var(TASK) else { return };
    let path = PathBuf::from(std::env::var("RELAIS_TEST_HISTORY").unwrap());
    let mut history = History::open(&path).unwrap();
    match task.as_str() {
        "import" => import(&mut history, "newer", &newer()).unwrap(),
        "again" => import_files(&mut history, "again", &large(150), 20_000).unwrap(),
        "undo" => drop(history.undo(2).unwrap()),
        "rename" => drop(history.rename(Attribute::Campaign, "Old", "New", None).unwrap()),
        "rename back" => drop(history.undo_rename(Attribute::Campaign, "Old").unwrap()),
        "hold" => {
            let mut import = history.begin().unwrap();
            let name = "held".to_owned();
            let (fingerprint, format) = (name.clone(), "test".to_owned());
            import.file(&FileMeta { name, fingerprint, format, currency: None }).unwrap();
            import.row(&row("x", 1, 0, 100)).unwrap();
            std::fs::write(path.with_extension("held"), "").unwrap();
            while !path.with_extension("go").exists() {
                std::thread::sleep(Duration::from_millis(5));
            }
            import.commit().unwrap();
        }
        other => panic!("no task {other}"),
    }
}

/// What a history holds, and what it says was done to it.
fn held(path: &Path) -> (String, (Vec<JournalEntry>, Vec<Rename>)) {
    let history = History::open_existing(path).unwrap();
    (history.fingerprint().unwrap(), (history.journal().unwrap(), history.renames().unwrap()))
}

/// Kills a child at its task at moments of all kinds: what it leaves is all of it or nothing. The
/// sound history ends with the task done.
fn killed(sound: &Path, task: &str, kills: u32) {
    let path = sound.with_file_name("history.sqlite");
    let before = held(sound);
    std::fs::copy(sound, &path).unwrap();
    let start = Instant::now();
    assert!(child(task, &path).wait().unwrap().success());
    let whole = start.elapsed();
    let after = held(&path);
    assert!(before.0 != after.0 && before.1 != after.1);
    let done = std::fs::read(&path).unwrap();

    let mut rng = Seed(11).stream(Purpose::Generate, 0);
    let mut outcomes = [0; 2];
    for kill in 0..kills {
        std::fs::copy(sound, &path).unwrap();
        let mut process = child(task, &path);
        std::thread::sleep(whole.mul_f64(rng.random_range(0.0..1.2)));
        // A child that has finished cannot be killed; that is one of the moments.
        let _ = process.kill();
        process.wait().unwrap();
        let found = held(&path);
        assert!(
            found == before || found == after,
            "{task}: kill {kill} left a history that is neither before nor after"
        );
        outcomes[usize::from(found == after)] += 1;
        // A journal that was not begun in earnest stays beside the file, and means nothing.
        let _ = std::fs::remove_file(path.with_extension("sqlite-journal"));
    }
    let [not, is] = outcomes;
    eprintln!("{task}: {kills} kills within {whole:?}: {not} before, {is} after");
    assert!(not > 0, "no kill came before the end: the test tests nothing");
    std::fs::write(sound, done).unwrap();
}

#[test]
fn an_import_killed_at_any_moment_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound");
    import(&mut History::open(&sound).unwrap(), "older", &older()).unwrap();
    killed(&sound, "import", 100);
}

#[test]
fn a_large_export_again_killed_at_any_moment_is_whole_or_absent_and_so_is_its_undoing() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound");
    import_files(&mut History::open(&sound).unwrap(), "first", &large(100), 20_000).unwrap();
    let first = held(&sound).0;
    killed(&sound, "again", 15);
    killed(&sound, "undo", 15);
    assert_eq!(held(&sound).0, first);
}

#[test]
fn a_rename_killed_at_any_moment_is_whole_or_absent_and_so_is_taking_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound");
    let named = |name: &str, rows: Vec<Row>| -> Vec<Row> {
        let named = rows.into_iter().map(|mut row| {
            row.ids = [None, None, None];
            row.attributes[Attribute::Campaign.index()] = Some(name.into());
            row
        });
        named.collect()
    };
    let mut history = History::open(&sound).unwrap();
    import_files(&mut history, "old", &named("Old", large(100)), 20_000).unwrap();
    import(&mut history, "new", &named("New", newer())).unwrap();
    drop(history);
    let first = held(&sound).0;
    killed(&sound, "rename", 15);
    killed(&sound, "rename back", 15);
    assert_eq!(held(&sound).0, first);
}

#[test]
fn two_imports_at_once_wait_for_each_other_or_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    let mut history = History::open(&path).unwrap();
    let mut holder = child("hold", &path);
    while !path.with_extension("held").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    history.wait_at_most(Duration::from_millis(50)).unwrap();
    let refused = import(&mut history, "older", &older());
    assert!(matches!(refused, Err(HistoryError::Busy { .. })), "{refused:?}");
    std::fs::write(path.with_extension("go"), "").unwrap();
    history.wait_at_most(Duration::from_secs(20)).unwrap();
    import(&mut history, "older", &older()).unwrap();
    assert!(holder.wait().unwrap().success());
    assert_eq!(history.totals().unwrap().rows, 601);
}

/// An export of one ad for a month, or one with an amount that is none.
fn export(folder: &Path, name: &str, is_sound: bool) -> String {
    let mut text = String::from("Ad name,Day,Amount spent (EUR),Impressions,Post shares\n");
    for day in 1..=28 {
        let spend = if is_sound { "1.50" } else { "much" };
        writeln!(text, "{name},2025-02-{day:02},{spend},100,{day}").unwrap();
    }
    let path = folder.join(name).with_extension("csv");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn start(arguments: &[&str]) -> std::process::Child {
    Command::cargo_bin("relais")
        .unwrap()
        .args(arguments)
        .env("LC_ALL", "C")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Importers that are refused among others that are not, an undo and readers, all on a history
/// that nobody has begun. `RELAIS_TEST_ROUNDS=500 cargo test --release --test it importers` for the
/// long form.
#[test]
fn importers_undo_and_readers_on_a_new_history_lose_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let rounds = std::env::var("RELAIS_TEST_ROUNDS").ok().and_then(|n| n.parse().ok());
    let exports: Vec<(String, bool)> = (0..6)
        .map(|n| (export(folder.path(), &format!("ad-{n}"), n % 2 == 0), n % 2 == 0))
        .collect();
    let mut busy = 0;
    for round in 0..rounds.unwrap_or(30) {
        let path = folder.path().join(format!("h{round}.sqlite"));
        let history = path.display().to_string();
        let importers: Vec<_> = exports
            .iter()
            .map(|(file, _)| start(&["import", file, "--history", &history]))
            .collect();
        let others = [
            start(&["history", "undo", "1000", "--history", &history]),
            start(&["history", "posts", "--history", &history]),
            start(&["history", "journal", "--history", &history]),
        ];
        let mut stored = 0;
        for (process, (file, is_sound)) in importers.into_iter().zip(&exports) {
            let output = process.wait_with_output().unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            match output.status.code() {
                Some(0 | 1) => {
                    assert!(is_sound, "{file} was stored");
                    stored += 28;
                }
                _ if !is_sound => assert!(
                    told.contains("nothing was stored")
                        || told.contains("another process is using"),
                    "{told}"
                ),
                _ => {
                    assert!(told.contains("another process is using"), "{round}: {told}");
                    busy += 1;
                }
            }
        }
        for process in others {
            let told = String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap();
            let allowed = ["there is no history", "no import number", "no row", "is using"];
            assert!(
                told.is_empty() || allowed.iter().any(|words| told.contains(words)),
                "round {round}: {told}"
            );
        }
        let found = History::open_existing(&path).unwrap().totals().unwrap().rows;
        assert_eq!(found, stored, "round {round}: rows stored are not those told");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.') || name.contains("journal"))
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    eprintln!("{busy} importers were told that the history is in use");
}

/// Two dozen processes on a history that nobody has begun: importers, undos of whatever came last,
/// readers. What they tell adds up to what is there.
#[test]
fn undos_among_importers_on_a_new_history_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let rounds = std::env::var("RELAIS_TEST_ROUNDS").ok().and_then(|n| n.parse().ok());
    let exports: Vec<String> =
        (0..12).map(|n| export(folder.path(), &format!("ad-{n}"), true)).collect();
    let (mut imported, mut undone, mut busy) = (0, 0, 0);
    for round in 0..rounds.unwrap_or(8) {
        let path = folder.path().join(format!("h{round}.sqlite"));
        let history = path.display().to_string();
        let first = export(folder.path(), "first", true);
        let mut rows = 0;
        // Every other history holds something that can be taken back.
        if round % 2 == 1 {
            let output = start(&["import", &first, "--history", &history]).wait_with_output();
            assert_eq!(output.unwrap().status.code(), Some(0));
            rows = 28;
        }
        let mut all = Vec::new();
        for (n, file) in exports.iter().enumerate() {
            all.push(start(&["import", file, "--history", &history, "--json"]));
            let other: &[&str] = match n % 4 {
                0 => &["history", "panel", "--history", &history, "--json"],
                1 => &["history", "journal", "--history", &history, "--json"],
                _ => &["history", "undo", "--history", &history, "--json"],
            };
            all.push(start(other));
        }
        for (n, process) in all.into_iter().enumerate() {
            let output = process.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned()
                + &String::from_utf8_lossy(&output.stdout);
            assert!(matches!(output.status.code(), Some(0..=2)), "{round}: {said}");
            let is_done = output.status.code() != Some(2);
            if !is_done {
                let allowed = ["there is no history", "nothing to take back", "is using", "no row"];
                let is_known = allowed.iter().any(|words| said.contains(words))
                    || said.contains("was taken back already");
                assert!(is_known, "round {round}: {said}");
                busy += usize::from(said.contains("is using"));
            } else if n % 2 == 0 {
                (rows, imported) = (rows + 28, imported + 1);
            } else if n / 2 % 4 > 1 {
                let answer = json(&output);
                rows += answer["restored"].as_i64().unwrap() - answer["removed"].as_i64().unwrap();
                undone += 1;
            }
        }
        let found = History::open_existing(&path).and_then(|own| own.totals()).map(|own| own.rows);
        assert_eq!(found.unwrap_or(0) as i64, rows, "round {round}: not the rows that were told");
    }
    eprintln!("{imported} imports, {undone} taken back, {busy} told that the history is in use");
    assert!(undone > 0, "no undo met an import");
    assert!(
        !names(folder.path()).iter().any(|name| name.starts_with('.') || name.contains("-journal"))
    );
}

/// A history of two networks in a folder whose name has a space and accents.
fn asked() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("été à Sète.sqlite");
    let mut history = History::open(&path).unwrap();
    let rows: Vec<Row> = (0..800)
        .map(|i| row(if i % 2 == 0 { "instagram" } else { "x" }, i % 10, i / 2, 150))
        .collect();
    import(&mut history, "a", &rows).unwrap();
    (folder, path)
}

fn relais(path: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::cargo_bin("relais").unwrap();
    command.arg("history").args(arguments).arg("--history").arg(path);
    command.env("LC_ALL", "C").output().unwrap()
}

fn json(output: &std::process::Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_panel_on_disk_is_the_account() {
    let (folder, path) = asked();
    let out = folder.path().join("panel.csv");
    let answer = json(&relais(&path, &["panel", "--out", out.to_str().unwrap(), "--json"]));
    assert_eq!(answer["spend"], 1200.0);
    let (panel, _) = Panel::read_csv(&out).unwrap();
    assert!((panel.spend() - 1200.0).abs() < 1e-9);
    assert_eq!(panel.cells.len() as u64, answer["cells"].as_u64().unwrap());
    assert!(!folder.path().join("panel.csv.part").exists());
    let plain = relais(&path, &["panel", "--split-by", "network"]);
    assert!(
        String::from_utf8(plain.stdout).unwrap().starts_with("segment,start,end,network,spend")
    );
}

#[test]
fn posts_are_filtered_and_sorted_by_rate() {
    let (_folder, path) = asked();
    let answer = json(&relais(
        &path,
        &[
            "posts",
            "--where",
            "network = instagram and engagement_rate > 1 %",
            "--sort",
            "engagement_rate",
            "--json",
        ],
    ));
    let rates: Vec<f64> = answer["posts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|post| post["engagement_rate"]["mean"].as_f64().unwrap())
        .collect();
    // Even ads have 0, 14, 28, 42 and 56 shares of 2000 impressions a day.
    assert_eq!(rates.len(), 3);
    assert!(rates.is_sorted_by(|a, b| a >= b) && rates.iter().all(|rate| *rate > 0.01));
    let csv = relais(&path, &["posts", "--csv", "--limit", "1"]);
    let text = String::from_utf8(csv.stdout).unwrap();
    assert!(text.contains("'=Publicité"), "a formula in a name reaches a spreadsheet: {text}");
    let table = relais(&path, &["posts", "--lang", "fr", "--limit", "2"]);
    assert!(String::from_utf8(table.stdout).unwrap().contains("taux d’engagement"));
}

#[test]
fn a_week_is_compared_with_last_week_and_last_year() {
    let (_folder, path) = asked();
    let answer = json(&relais(&path, &["compare", "--by", "week", "--metric", "spend", "--json"]));
    let last = answer["periods"].as_array().unwrap().last().unwrap();
    assert_eq!(last["period"], "2026-W07");
    assert_eq!(last["previous"]["against"], "2026-W06");
    assert_eq!(last["year_before"]["against"], "2025-W07");
    assert_eq!(last["year_before"]["value"], 21.0);
    assert_eq!(last["previous"]["doubts"][0], "incomplete");
}

#[test]
fn questions_that_cannot_be_answered_end_with_2_and_a_reason() {
    let (folder, path) = asked();
    for (arguments, words) in [
        (&["posts", "--where", "netwrok = x"][..], "did you mean `network`"),
        (&["compare", "--metric", "love"], "expected one of"),
        (&["undo", "7"], "no import number 7"),
    ] {
        let output = relais(&path, arguments);
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{told}");
    }
    let missing = relais(&folder.path().join("none.sqlite"), &["journal", "--lang", "fr"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("aucun historique"));
}

#[test]
fn undo_takes_the_latest_import_back() {
    let (_folder, path) = asked();
    let answer = json(&relais(&path, &["undo", "--json"]));
    assert_eq!((answer["import"].as_i64(), answer["removed"].as_i64()), (Some(1), Some(800)));
    assert_eq!(answer["history"]["rows"], 0);
    let journal = relais(&path, &["journal"]);
    assert!(String::from_utf8(journal.stdout).unwrap().contains("taken back"));
}

/// Edits the file of a history as a person with an SQLite browser does.
fn edit(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn an_edited_history_answers_nobody() {
    let (folder, path) = asked();
    edit(&path, "UPDATE row SET spend = '150.00' WHERE line = 2");
    let out = folder.path().join("panel.csv");
    let out = out.to_str().unwrap();
    for arguments in [&["panel", "--out", out][..], &["posts"], &["compare"], &["undo"]] {
        let output = relais(&path, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("is not as relais stored it"), "{told}");
        assert!(told.contains("go back to a copy"), "{told}");
    }
    assert!(!Path::new(out).exists());
    let french = relais(&path, &["posts", "--lang", "fr"]);
    assert!(
        String::from_utf8(french.stderr).unwrap().contains("une partie a changé (les montants")
    );
    edit(&path, "CREATE TRIGGER mine AFTER INSERT ON row BEGIN SELECT 1; END");
    let told = String::from_utf8(relais(&path, &["journal"]).stderr).unwrap();
    assert!(told.contains("a trigger `mine`"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_folder_is_no_history_and_is_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, below) = (folder.path().join("pipe"), folder.path().join("below"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::fs::create_dir(&below).unwrap();
    let file = export(folder.path(), "ad", true);
    for (path, words) in [(&pipe, "a pipe or a device"), (&below, "a folder")] {
        let name = path.to_str().unwrap();
        for arguments in [
            &["import", &file, "--history", name][..],
            &["history", "posts", "--history", name],
            &["history", "undo", "--history", name],
            &["train", "--history", name, "--out", "m.json"],
        ] {
            let begun = Instant::now();
            let output = start(arguments).wait_with_output().unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
            assert!(told.contains(words) && told.contains(name), "{arguments:?}: {told}");
            assert!(begun.elapsed() < Duration::from_secs(8), "{arguments:?} waited");
        }
    }
}

#[test]
fn of_two_undos_at_once_one_is_told_that_it_was_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound.sqlite");
    let mut history = History::open(&sound).unwrap();
    import(&mut history, "a", &older()).unwrap();
    import(&mut history, "b", &newer()).unwrap();
    drop(history);
    for round in 0..10 {
        let path = folder.path().join(format!("h{round}.sqlite"));
        std::fs::copy(&sound, &path).unwrap();
        let name = path.to_str().unwrap();
        let both = [(); 2].map(|()| start(&["history", "undo", "2", "--history", name]));
        let told = both.map(|one| one.wait_with_output().unwrap());
        let mut codes = told.each_ref().map(|output| output.status.code());
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(2)], "round {round}");
        let loser = told.iter().find(|output| !output.status.success()).unwrap();
        let said = String::from_utf8_lossy(&loser.stderr);
        assert!(said.contains("import 2 was taken back already"), "{said}");
        assert_eq!(History::open(&path).unwrap().totals().unwrap().rows, 600);
        for (arguments, words) in
            [(&["undo"][..], "is taken back"), (&["undo"], "nothing to take back")]
        {
            let output = relais(&path, arguments);
            let said = [output.stdout, output.stderr].concat();
            assert!(String::from_utf8(said).unwrap().contains(words));
        }
    }
}

/// What stands in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Beside a history stand its journal and, while it is begun, the file that is to become it.
#[test]
fn a_new_history_with_the_longest_names_is_made_or_refused_and_nothing_is_left() {
    let home = tempfile::tempdir().unwrap();
    let export = export(home.path(), "ad", true);
    let long = |n: usize| "é".repeat(n / 2) + &"n".repeat(n % 2);
    // 255 bytes for a name, `-journal` among them; 511 for the way from the root.
    for n in [200, 220, 221, 236, 240, 247, 248, 250, 255, 256, 300] {
        let folder = home.path().join(n.to_string());
        std::fs::create_dir(&folder).unwrap();
        let history = folder.join(long(n)).display().to_string();
        for again in [false, true] {
            let output = start(&["import", &export, "--history", &history]);
            let output = output.wait_with_output().unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            if n <= 247 {
                assert_eq!(output.status.code(), Some(0), "{n}: {told}");
                assert_eq!(names(&folder), [long(n)], "again: {again}");
            } else {
                assert_eq!(output.status.code(), Some(2), "{n}: {told}");
                assert!(told.contains("is too long") && told.contains(&long(n)), "{n}: {told}");
                assert_eq!(names(&folder), [""; 0], "{n}: left behind");
            }
        }
    }
    let mut deep = home.path().to_owned();
    while deep.as_os_str().len() < 480 {
        deep.push("d".repeat(9));
    }
    deep.push("d".repeat(520 - deep.as_os_str().len()));
    std::fs::create_dir_all(&deep).unwrap();
    let history = deep.join("h.sqlite").display().to_string();
    let output = start(&["import", &export, "--history", &history]).wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("/h.sqlite`") && told.contains("further up"), "{told}");
    assert_eq!(names(&deep), [""; 0]);
}
