//! From exports to a plan in three commands: `import`, `init --history`, `run`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with an imported export.
struct Desk(TempDir);

struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new(csv: &str) -> Self {
        let desk = Self(TempDir::new().unwrap());
        std::fs::write(desk.at("export.csv"), csv).unwrap();
        let answer = desk.ask(&["import", "export.csv", "--history", "h.sqlite"], "en");
        assert_eq!(answer.code, 0, "{}", answer.err);
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn ask(&self, arguments: &[&str], lang: &str) -> Answer {
        let output = Command::cargo_bin("relais")
            .unwrap()
            .current_dir(self.0.path())
            .env("RELAIS_TODAY", "2026-12-01")
            .args(arguments)
            .args(["--lang", lang])
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Answer { code, out: text(output.stdout), err: text(output.stderr) }
    }

    fn init(&self, file: &str, lang: &str) -> (Answer, String) {
        let answer = self.ask(&["init", file, "--history", "h.sqlite"], lang);
        let text = std::fs::read_to_string(self.at(file)).unwrap_or_default();
        (answer, text)
    }

    fn read(&self, path: impl AsRef<Path>) -> Value {
        let text = std::fs::read_to_string(self.0.path().join(path)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

const HEAD: &str =
    "network,campaign,ad_set,start,end,currency,spend,impressions,shares,comments,link_clicks\n";

/// Twenty weeks of ad sets of one network, to Sunday 24 May 2026; counts fall short of proportion.
fn weekly(ad_sets: &[&str], currency: &str) -> String {
    let mut csv = HEAD.to_owned();
    for week in 0..20_i64 {
        let start = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for (i, ad_set) in ad_sets.iter().enumerate() {
            let size = 40.0 * (i + 1) as f64;
            let spend = size * (0.6 + 0.1 * ((week * 7 + 3 * i as i64) % 9) as f64);
            let clicks = (4.0 * size.powf(0.3) * spend.powf(0.7)).round();
            let name = format!("\"{}\"", ad_set.replace('"', "\"\""));
            writeln!(
                csv,
                "facebook,c,{name},{start},{end},{currency},{spend:.2},{:.0},{:.0},{:.0},{clicks}",
                spend * 120.0,
                clicks / 20.0,
                clicks / 30.0
            )
            .unwrap();
        }
    }
    csv
}

#[test]
fn three_commands_lead_from_an_export_to_a_sane_plan() {
    let desk = Desk::new(&weekly(&["18-24 reels", "25-34 feed", "parents"], "CHF"));
    for lang in ["en", "fr"] {
        let file = format!("{lang}.toml");
        let (answer, text) = desk.init(&file, lang);
        assert_eq!(answer.code, 0, "{}", answer.err);
        assert!(answer.out.lines().count() <= 3, "{}", answer.out);
        // The first Monday after today; the last eight weeks spent about 236 a week.
        assert!(text.contains("flight = { start = 2026-12-07, end = 2027-01-03 }"), "{text}");
        let budget = text.lines().find_map(|line| line.strip_prefix("budget = ")).unwrap();
        let amount: f64 = budget.trim_matches('"').strip_suffix(" CHF").unwrap().parse().unwrap();
        assert!((880.0..1020.0).contains(&amount), "{budget}");
        assert!(text.contains("\"ad_set\"]"), "{text}");
        let out = format!("out-{lang}");
        let run = ["run", &file, "--out", &out, "--no-backtest", "--replicates", "50"];
        let answer = desk.ask(&run, lang);
        assert!(answer.code < 2, "{}{}", answer.out, answer.err);
        let plan = desk.read(Path::new(&out).join(lang).join("plan.json"));
        let promise = &plan["outcome"];
        let number = |key: &str| promise["value"][key].as_f64();
        if let (Some(mean), Some(low), Some(high)) = (number("mean"), number("p10"), number("p90"))
        {
            assert!(low <= mean && mean <= high, "{promise}");
        }
        let rows = plan["rows"].as_array().unwrap();
        let spent: f64 = rows.iter().map(|row| row["budget"].as_f64().unwrap()).sum();
        assert!((spent - amount).abs() < 0.01, "{spent}");
        assert_eq!(rows.len(), 3);
    }
    // An existing file stays as it is.
    let before = std::fs::read_to_string(desk.at("en.toml")).unwrap();
    let (answer, after) = desk.init("en.toml", "en");
    assert_eq!((answer.code, after), (2, before));
}

#[test]
fn a_relative_path_of_the_history_stays_one_from_the_folder_of_the_campaign() {
    let desk = Desk::new(&weekly(&["a", "b"], "EUR"));
    for folder in ["data", "camps/spring"] {
        std::fs::create_dir_all(desk.at(folder)).unwrap();
    }
    std::fs::rename(desk.at("h.sqlite"), desk.at("data/h.sqlite")).unwrap();
    let whole = desk.at("data/h.sqlite").display().to_string();
    for (file, history, written) in [
        ("c.toml", "data/h.sqlite", "data/h.sqlite"),
        ("data/c.toml", "./data/h.sqlite", "h.sqlite"),
        ("camps/spring/c.toml", "camps/../data/h.sqlite", "../../data/h.sqlite"),
        ("camps/c.toml", &whole, &whole),
    ] {
        let answer = desk.ask(&["init", file, "--history", history], "en");
        assert_eq!(answer.code, 0, "{}", answer.err);
        let text = std::fs::read_to_string(desk.at(file)).unwrap();
        assert!(text.contains(&format!("file = \"{written}\"")), "{file}: {text}");
        let read = desk.at(file).with_file_name("").join(written);
        assert!(read.exists(), "{}", read.display());
    }
}

#[test]
fn every_commented_key_of_a_proposed_campaign_is_a_real_one() {
    let desk = Desk::new(&weekly(&["a", "b", "c", "d"], "EUR"));
    let (_, text) = desk.init("c.toml", "en");
    let setting = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        line.starts_with("[[") || (line.contains(" = ") && !key.contains(' '))
    };
    let mut seen = 0;
    // Each choice that is offered can be taken, one at a time; limits of one audience as a whole.
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let Some(offered) = line.strip_prefix("# ").filter(|line| setting(line)) else { continue };
        if offered.starts_with("where = ") && lines[i - 1].starts_with("# [[")
            || offered.starts_with("max = ")
        {
            continue;
        }
        seen += 1;
        let taken: Vec<String> = lines
            .iter()
            .enumerate()
            .filter_map(|(k, line)| {
                let own = if offered.starts_with("[[") { (i..i + 3).contains(&k) } else { k == i };
                let key = offered.split(" = ").next().unwrap();
                // What it stands for is not said twice.
                let replaced =
                    !own && !offered.starts_with("[[") && line.starts_with(&format!("{key} = "));
                match (own, replaced) {
                    (true, _) => Some(line.trim_start_matches("# ").to_owned()),
                    (_, true) => None,
                    _ => Some((*line).to_owned()),
                }
            })
            .collect();
        std::fs::write(desk.at("taken.toml"), taken.join("\n")).unwrap();
        let answer =
            desk.ask(&["plan", "taken.toml", "--priors", "--out", "p", "--draws", "20"], "en");
        assert!(
            !answer.err.contains("unknown key") && !answer.err.contains("line "),
            "{offered}: {}",
            answer.err
        );
    }
    assert!(seen >= 6, "{seen} choices in\n{text}");
}

#[test]
fn names_of_others_stay_names_in_a_proposed_campaign() {
    let hostile = ["a\"] # b", "évil\nbudget = \"1 EUR\"\n", "c\\n' = {", "\u{1b}[31mred"];
    let desk = Desk::new(&weekly(&hostile, "EUR"));
    let (answer, text) = desk.init("c.toml", "en");
    assert_eq!(answer.code, 0, "{}", answer.err);
    let budgets = text.lines().filter(|line| line.trim_start().starts_with("budget")).count();
    assert_eq!(budgets, 1, "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
    let table: toml::Table = text.parse().unwrap();
    assert_eq!(table["segments"].as_table().unwrap().len(), 1, "{table:?}");
}

#[test]
fn a_history_that_cannot_carry_a_plan_is_refused_with_what_to_export() {
    let row = |rest: &str| format!("{HEAD}{rest}");
    let cases = [
        // Organic posts only.
        (row("facebook,c,a,2026-01-05,2026-01-05,,,100,3,1,9\n"), "money", "argent"),
        // One report over months.
        (
            row("facebook,c,a,2026-01-05,2026-05-31,EUR,100,100,3,1,9\n\
                 facebook,c,b,2026-01-05,2026-05-31,EUR,90,100,3,1,9\n"),
            "totals over months",
            "totaux sur plusieurs mois",
        ),
        // One ad set.
        (weekly(&["only"], "EUR"), "nothing to divide", "rien à répartir"),
        // No engagement at all.
        (
            weekly(&["a", "b"], "EUR")
                .lines()
                .map(|line| {
                    if line.starts_with("network") {
                        line.to_owned() + "\n"
                    } else {
                        line.rsplitn(4, ',').last().unwrap().to_owned() + ",,,\n"
                    }
                })
                .collect(),
            "no clicks, shares",
            "ni clics",
        ),
    ];
    for (csv, english, french) in cases {
        let desk = Desk::new(&csv);
        for (lang, told) in [("en", english), ("fr", french)] {
            let (answer, text) = desk.init("c.toml", lang);
            assert_eq!(answer.code, 2, "{}", answer.out);
            assert!(answer.err.contains(told), "{}", answer.err);
            assert!(answer.err.to_lowercase().contains("export"), "{}", answer.err);
            assert!(text.is_empty(), "{text}");
        }
    }
}

/// Real exports, read where they lie; none is part of this repository.
#[test]
fn real_exports_lead_to_a_proposal_or_to_what_to_export_instead() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !folder.is_dir() {
        eprintln!("skipped: no real exports at ../shared/data");
        return;
    }
    let sets = [
        "gwwc_meta_ads",
        "meta_fr_batam",
        "fbadstats_meta",
        "tiktok_adgroup_daily",
        "vanle_facebook_ads_daily",
        "meta_export_samples_ja",
        "linkedin_export_sample",
    ];
    for set in sets {
        let desk = Desk(TempDir::new().unwrap());
        let exports = folder.join(set);
        let exports = exports.to_str().unwrap();
        let answer =
            desk.ask(&["import", exports, "--history", "h.sqlite", "--skip-unknown"], "en");
        assert!(answer.code < 2, "{set}: {}", answer.err);
        let (answer, text) = desk.init("c.toml", "en");
        let proposed = ["gwwc_meta_ads", "tiktok_adgroup_daily"].contains(&set);
        assert_eq!(answer.code == 0, proposed, "{set}: {}{}", answer.out, answer.err);
        assert_eq!(text.is_empty(), !proposed, "{set}");
        assert!(proposed || answer.err.to_lowercase().contains("export"), "{set}: {}", answer.err);
    }
}
