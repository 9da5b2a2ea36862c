//! What the tables find in small campaigns.

use crate::language::Language;
use crate::reference::Reference;
use crate::rules::finding::Finding;
use crate::rules::finding::Severity;
use crate::units::Currency;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::*;
use crate::action::Points;
use crate::campaign::{
    Campaign, Levers, Limits, Objective, Output, Pacing, Rounding, Selection, SpendRule,
};
use crate::language::message::{Plain, Value};
use crate::panel::Period;
use crate::segment::Segment;
use crate::units::Money;

fn campaign(start: Date, end: Date) -> Campaign {
    let money: Money = "12000 EUR".parse().expect("an amount");
    Campaign {
        title: "Orientation".into(),
        goal: "Faire relayer les dates d’inscription".into(),
        gross: money,
        tax: Decimal::ZERO,
        fee: Decimal::ZERO,
        budget: money,
        spend: SpendRule::All,
        flight: Period { start, end },
        points: Points::count(),
        preset: "count".into(),
        objective: Objective::Engagement,
        history: None,
        attribution: None,
        tests: None,
        designed: Vec::new(),
        history_money: crate::campaign::HistoryMoney::default(),
        selection: Selection {
            conditions: BTreeMap::new(),
            split_by: Vec::new(),
            levers: Levers::Bought,
        },
        limits: Limits::default(),
        pacing: Pacing::Even,
        prudence: 0.0,
        tail: 0.2,
        rounding: Rounding::Minor,
        shocks: Vec::new(),
        sensitive: false,
        overrides: BTreeMap::new(),
        output: Output { folder: None, formats: Vec::new(), lang: None },
    }
}

/// Six weeks far from any ballot.
fn quiet() -> Campaign {
    campaign(date(2029, 3, 5), date(2029, 4, 15))
}

fn segment(id: &str, attributes: &[(&str, &str)]) -> Segment {
    let attributes =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Segment { id: id.into(), attributes }
}

fn tables() -> Tables {
    Tables::load(&Reference::default()).expect("the shipped tables are sound")
}

fn ask(campaign: &Campaign, segments: &[Segment], rows: Option<&[RowFigures]>) -> Vec<Finding> {
    let inquiry = Inquiry { campaign, segments, rows, earlier: None, history: None, country: "FR" };
    tables().findings(&inquiry, Language::En)
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn minors_are_judged_by_the_rules_of_each_network() {
    for (network, age, interest, code, severity) in [
        ("instagram", "13-17", None, Some("minors-meta"), Severity::Forbidden),
        ("facebook", "15-25", None, Some("minors-meta"), Severity::Forbidden),
        ("linkedin", "16-24", None, Some("minors-linkedin"), Severity::Forbidden),
        ("tiktok", "13-17", None, Some("minors-broad"), Severity::Warning),
        ("snapchat", "15-17", Some("musique"), Some("minors-targeted"), Severity::Forbidden),
        ("youtube", "13-17", None, Some("minors-broad"), Severity::Warning),
        ("tiktok", "13-14", None, Some("minors-broad"), Severity::Warning),
        ("instagram", "18-24", Some("musique"), None, Severity::Note),
        ("notre réseau", "15-17", None, Some("minors-broad"), Severity::Warning),
    ] {
        let mut attributes = vec![("network", network), ("age", age)];
        attributes.extend(interest.map(|interest| ("interest", interest)));
        let found = ask(&quiet(), &[segment("s", &attributes)], None);
        let minors =
            found.iter().find(|f| f.code.starts_with("minors") && f.code != "minors-announced");
        assert_eq!(minors.map(|f| f.code.as_str()), code, "{network} {age}");
        if let Some(finding) = minors {
            assert_eq!(finding.severity, severity, "{network} {age}");
            assert!(finding.source.is_some());
        }
    }
}

/// English words that are not French ones as well, in lower case.
const ENGLISH: [&str; 20] = [
    "the",
    "of",
    "and",
    "in",
    "from",
    "to",
    "no",
    "as",
    "at",
    "since",
    "with",
    "under",
    "read",
    "first",
    "round",
    "groups",
    "targeting",
    "copy",
    "how",
    "regulation",
];

#[test]
fn sources_shown_to_french_readers_are_not_in_english() {
    let reference = Reference::default();
    let files = reference.list("rules").into_iter().map(|name| format!("rules/{name}"));
    let mut sources = 0;
    for file in files.chain(["calendar.toml".to_owned(), "priors.toml".to_owned()]) {
        let text = reference.text(&file).unwrap();
        for origin in text.lines().filter_map(|line| line.strip_prefix("origin = ")) {
            let origin: toml::Table = format!("origin = {origin}").parse().unwrap();
            let of = |key: &str| origin["origin"].get(key).and_then(toml::Value::as_str);
            let shown = of("source_fr").or(of("source")).unwrap().to_lowercase();
            let words = shown.split_whitespace().filter(|word| !word.contains("://"));
            for word in words.map(|word| word.trim_matches(|c: char| !c.is_alphabetic())) {
                assert!(!ENGLISH.contains(&word), "{file}: “{word}” in {shown}");
                let month = word.strip_suffix("ber").or(word.strip_suffix("ary"));
                assert!(month.is_none(), "{file}: “{word}” in {shown}");
            }
            sources += 1;
        }
    }
    assert!(sources > 30, "{sources}");
}

#[test]
fn the_rules_of_a_segments_own_country_hold() {
    let moroccan = segment("s", &[("network", "meta"), ("age", "13-17"), ("territory", "MA-01")]);
    assert_eq!(codes(&ask(&quiet(), &[moroccan], None)), ["minors-broad"]);
    let french = segment("s", &[("network", "meta"), ("age", "13-17"), ("territory", "COM-31555")]);
    assert!(codes(&ask(&quiet(), &[french], None)).contains(&"minors-meta"));
}

#[test]
fn only_a_written_reason_lifts_what_is_forbidden() {
    let segments = [segment("teens", &[("network", "instagram"), ("age", "13-17")])];
    let mut campaign = quiet();
    let forbidden = ask(&campaign, &segments, None);
    assert_eq!(forced_to_zero(&forbidden), BTreeSet::from(["teens".to_owned()]));
    campaign.overrides.insert("minors-meta".into(), "Pilote convenu avec le réseau".into());
    let lifted = ask(&campaign, &segments, None);
    assert!(forced_to_zero(&lifted).is_empty());
    let reasons: Vec<_> = lifted.iter().filter_map(|f| f.overridden.as_deref()).collect();
    assert_eq!(reasons, ["Pilote convenu avec le réseau"]);
}

#[test]
fn audiences_described_by_protected_data_are_refused() {
    let tables = tables();
    for (attribute, value, category) in [
        ("interest", "Catholicisme", Some("religion")),
        ("interest", "Diabète de type 2", Some("health")),
        ("interest", "Militants CGT", Some("union")),
        ("religion", "oui", Some("religion")),
        ("état de santé", "bon", Some("health")),
        ("interest", "Musique et festivals", None),
        ("interest", "Romans policiers", None),
        ("topic", "Santé : dépistage du cancer", None),
        ("campaign", "Église Saint-Sernin", None),
        ("territory", "DEP-31", None),
    ] {
        assert_eq!(tables.special_category(attribute, value), category, "{attribute} = {value}");
    }
    let found = ask(&quiet(), &[segment("s", &[("interest", "Catholicisme")])], None);
    assert_eq!(codes(&found), ["special-category"]);
    assert_eq!(found[0].severity, Severity::Forbidden);
}

#[test]
fn a_sensitive_subject_names_who_refuses_it_and_who_is_left() {
    let segments = [
        segment("a", &[("network", "facebook")]),
        segment("b", &[("network", "linkedin")]),
        segment("c", &[("network", "youtube")]),
        segment("d", &[("network", "pinterest")]),
        segment("e", &[("network", "tiktok")]),
    ];
    let mut campaign = quiet();
    campaign.sensitive = true;
    let found = ask(&campaign, &segments, None);
    assert_eq!(codes(&found), ["sensitive-topic", "declaration-eu-political"]);
    assert_eq!(found[0].segments, ["a", "b", "c", "e"]);
    let english = found[0].say(&Plain { language: Language::En, currency: None });
    let dated = "Facebook: Platform policy since 6 Oct 2025. YouTube: Platform policy since September 2025. \
                 LinkedIn: Platform policy since 2018. TikTok: Platform policy since October 2019.";
    assert!(english.ends_with(dated), "{english}");
    let source = found[0].source.as_deref().unwrap_or_default();
    assert!(source.contains("linkedin.com") && source.contains("ads.tiktok.com"), "{source}");
    let names = |names: &[&str]| Value::Names(names.iter().map(|&name| name.into()).collect());
    let refusing = names(&["Facebook", "LinkedIn", "TikTok", "YouTube"]);
    assert_eq!(found[0].told.values["networks"], refusing);
    assert_eq!(found[0].told.values["fallback"], names(&["Pinterest"]));
    assert_eq!(codes(&ask(&campaign, &segments[..1], None)), ["sensitive-no-fallback"]);
    // Meta refuses in the European Union, since 6 October 2025; LinkedIn everywhere, since 2018.
    let refuses = |network, country, day| {
        tables().refuses_sensitive(network, country, Period { start: day, end: day })
    };
    let (before, after) = (date(2025, 10, 5), date(2025, 10, 6));
    assert!(refuses("meta", "FR", after) && !refuses("meta", "FR", before));
    assert!(!refuses("meta", "MA", after) && refuses("linkedin", "MA", before));
    assert!(!refuses("linkedin", "FR", date(2017, 12, 31)));

    campaign.sensitive = false;
    campaign.title = "Plan climat : la région agit".into();
    assert_eq!(codes(&ask(&campaign, &segments[..1], None)), ["sensitive-unflagged"]);
}

#[test]
fn a_bill_forbids_nothing() {
    let segments = [segment("a", &[("network", "tiktok"), ("age", "13-14"), ("territory", "FR")])];
    let found = ask(&quiet(), &segments, None);
    assert!(forced_to_zero(&found).is_empty(), "{found:?}");
    let bills: Vec<&Finding> = found.iter().filter(|f| f.code == "minors-announced").collect();
    assert_eq!(bills.len(), 2);
    for bill in bills {
        assert_eq!(bill.severity, Severity::Note);
        assert!(bill.source.as_ref().is_some_and(|source| source.contains("2026")), "{bill:?}");
    }
    // It says what became of it, and when that was read.
    let plain = Plain { language: Language::Fr, currency: None };
    let told: Vec<String> = found.iter().map(|finding| finding.say(&plain)).collect();
    assert!(
        told.iter().any(|t| t.contains("censuré") && t.ends_with("Source lue en novembre 2026.")),
        "{told:?}"
    );
    // Before the bill there is nothing to note.
    let earlier = campaign(date(2025, 1, 6), date(2025, 2, 2));
    assert!(!codes(&ask(&earlier, &segments, None)).contains(&"minors-announced"));
}

#[test]
fn a_rule_that_is_no_law_never_does_more_than_note() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    let shipped = Reference::default().text("rules/minors.toml").expect("the table");
    let campaign = campaign(date(2027, 3, 1), date(2027, 3, 28));
    let segments = [segment("teens", &[("network", "instagram"), ("age", "13-17")])];
    let inquiry = Inquiry {
        campaign: &campaign,
        segments: &segments,
        rows: None,
        earlier: None,
        history: None,
        country: "FR",
    };
    for (state, until, forbids) in [
        ("in_force", "open", true),
        ("in_force", "2027-03-01", true),
        ("in_force", "2027-02", false),
        ("voted", "open", false),
        ("proposed", "open", false),
    ] {
        let law = format!(
            "[[youngest]]\ncountry = \"FR\"\nage = 18\norigin = {{ source = \"https://e.org\", read = \"2026-11\", \
             from = \"2027\", until = \"{until}\", state = \"{state}\" }}\n"
        );
        std::fs::write(folder.path().join("rules/minors.toml"), format!("{shipped}\n{law}"))
            .expect("a file");
        let tables = Tables::load(&Reference::new(Some(folder.path().into()))).expect("a table");
        let found = tables.findings(&inquiry, Language::En);
        let youngest = found.iter().any(|f| f.code == "minors-youngest");
        assert_eq!(youngest, forbids, "{state} until {until}");
    }
}

#[test]
fn every_rule_says_from_when_until_when_and_whether_it_is_law() {
    let reference = Reference::default();
    let mut rules = 0;
    for file in reference.list("rules") {
        let text = reference.text(&format!("rules/{file}")).expect("a table");
        for line in text.lines().filter(|line| line.starts_with("origin = ")) {
            rules += 1;
            for key in ["source = \"", "read = \"", "from = \"", "until = \"", "state = \""] {
                assert!(line.contains(key), "{file}: no `{key}` in {line}");
            }
        }
        let table: toml::Table = text.parse().expect("TOML");
        for (name, entries) in table {
            let dated = |entry: &toml::Value| entry.get("origin").is_some();
            let is_rules =
                entries.as_array().is_some_and(|all| all.iter().any(toml::Value::is_table));
            // Categories and bands of one list share the origin of their file.
            if is_rules && name != "category" {
                assert!(entries.as_array().unwrap().iter().all(dated), "{file}: [[{name}]]");
            }
        }
    }
    assert!(rules >= 20, "{rules} rules");
}

#[test]
fn a_break_inside_the_history_and_a_daily_budget_that_is_none_are_noted() {
    let campaign = campaign(date(2026, 4, 6), date(2026, 5, 3));
    let segments = [
        segment("Advantage+ shopping", &[("network", "meta")]),
        segment("b", &[("network", "linkedin")]),
    ];
    let noted = |start, end| {
        let inquiry = Inquiry {
            campaign: &campaign,
            segments: &segments,
            rows: None,
            earlier: None,
            history: Some(Period { start, end }),
            country: "FR",
        };
        let found = tables().findings(&inquiry, Language::En);
        assert!(found.iter().all(|finding| finding.severity == Severity::Note), "{found:?}");
        codes(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let both = noted(date(2025, 6, 1), date(2026, 3, 1));
    assert_eq!(both, ["daily-overspend", "delivery-break"]);
    assert_eq!(noted(date(2026, 1, 5), date(2026, 3, 1)), ["daily-overspend"]);
    assert_eq!(noted(date(2025, 1, 6), date(2025, 12, 1)), ["daily-overspend"]);
}

#[test]
fn phrases_of_institutions_that_are_no_politics_stay_silent() {
    let is_told = |text: &str| tables().sensitive.looks_sensitive(text);
    for silent in [
        "Candidats au bac : vos révisions gratuites à la médiathèque",
        "Candidats libres : les inscriptions sont ouvertes",
        "La climatisation des trains liO",
        "Notre politique de confidentialité change",
        "Centenaire de la Grande Guerre : l’exposition",
        "Élue plus belle plage d’Occitanie !",
        "Rencontre avec la présidente de l’association",
        "Le club des retraités fait sa rentrée",
        "Un environnement de travail dès la seconde : l’ordinateur lycéen",
        "Inscriptions ouvertes",
        "Nos lycées en fête : votre carte jeune arrive",
        "Station fermée à la demande de la police : prenez la ligne 2",
        "Réouverture sur ordre de la préfecture de police",
        "En raison des conditions climatiques, le bus 12 ne circule pas",
        "Danser dans un environnement bienveillant",
        "Une exposition soutenue par le ministère de la Culture",
        "Licence de science politique : la journée portes ouvertes",
        "Travaux avenue du Président-Kennedy",
        "Le syndicat des eaux change vos compteurs",
        "La Guerre froide en cinq films à la médiathèque",
        "Forum de l’emploi : candidats et recruteurs se rencontrent",
    ] {
        assert!(!is_told(silent), "{silent}");
    }
    for told in [
        "Candidats aux élections : les débats",
        "Plan climat : la région agit",
        "Climate change: act now",
        "La présidente de la Région vous répond",
        "Vos députés au Parlement européen",
        "Réforme des retraites : vos droits",
        "Guerre en Ukraine : l’accueil des familles",
        "Stop au sexisme ordinaire",
        "Biodiversité : dix gestes",
        "Campagne de vaccination",
        "Le changement climatique et les conditions climatiques de demain",
        "Le ministre de la Culture en visite au lycée",
        "La politique de la ville en débat",
        "Police municipale : faut-il l’armer ?",
        "Grève : le syndicat des conducteurs s’exprime",
        "Préserver un environnement sain",
        "8 mars : journée internationale des droits des femmes",
        "Contre les violences faites aux femmes",
        "L’accueil des réfugiés en Occitanie",
        "Réduire l’empreinte carbone de nos bâtiments",
    ] {
        assert!(is_told(told), "{told}");
    }
}

/// Texts of real posts, where they are at hand: how often a subject looks sensitive that is not.
#[test]
#[allow(clippy::print_stdout, reason = "a skipped test says so, a measurement tells its figure")]
fn real_posts_ring_rarely_and_political_ads_often() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let tables = tables();
    let rings = |texts: &BTreeSet<String>| {
        texts.iter().filter(|text| tables.sensitive.looks_sensitive(text)).count()
    };
    let posts = columns(&data.join("ropensci_twitter"), &["Tweet text"]);
    let charity =
        columns(&data.join("gwwc_meta_ads"), &["Text", "Ad name", "Ad Set Name", "Campaign name"]);
    let library = std::fs::read(data.join("ad_library_api_sample/ads_archive_sample.json"));
    let (Ok(library), false) = (library, posts.is_empty()) else {
        println!("skipped: no posts in {}", data.display());
        return;
    };
    let mut ads = BTreeSet::new();
    bodies(&serde_json::from_slice(&library).expect("JSON"), &mut ads);
    let (false_alarms, found) = (rings(&posts), rings(&ads));
    println!(
        "{false_alarms} of {} posts ring, {} of {} texts of a charity, {found} of {} political ads",
        posts.len(),
        rings(&charity),
        charity.len(),
        ads.len()
    );
    for text in posts.iter().filter(|text| tables.sensitive.looks_sensitive(text)) {
        println!("  {}", tables.sensitive.word(text).unwrap_or_default());
    }
    // Few enough that a person still reads the note; more political ads than before are welcome.
    assert!(false_alarms * 400 <= posts.len(), "{false_alarms} of {}", posts.len());
    assert!(found * 3 >= ads.len(), "{found} of {}", ads.len());
}

/// What the files of a folder hold in these columns.
fn columns(folder: &std::path::Path, names: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(mut reader) = csv::ReaderBuilder::new().flexible(true).from_path(entry.path())
        else {
            continue;
        };
        let header = reader.headers().ok().cloned().unwrap_or_default();
        let at: Vec<usize> = (0..header.len())
            .filter(|&i| names.contains(&header[i].trim_start_matches('\u{feff}')))
            .collect();
        for row in reader.records().flatten() {
            found.extend(at.iter().filter_map(|&i| row.get(i).map(str::to_owned)));
        }
    }
    found.remove("");
    found
}

/// The texts of ads in a library's answer.
fn bodies(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(text) if key.starts_with("ad_creative") => {
                        found.insert(text.to_owned());
                    }
                    _ => bodies(value, found),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| bodies(value, found)),
        _ => {}
    }
}

#[test]
fn a_flight_before_a_ballot_is_compared_with_earlier_years() {
    let campaign = campaign(date(2028, 1, 10), date(2028, 2, 6));
    let segments = [
        segment("ici", &[("territory", "DEP-31")]),
        segment("ailleurs", &[("territory", "MA-01")]),
        segment("partout", &[]),
    ];
    let years = |spend: f64| [2027, 2026].map(|year| EarlierYear { year, spend, posts: None });
    for (earlier, code) in [
        (Some(years(20_000.0)), "pre-election-constant"),
        (Some(years(6_000.0)), "pre-election-above"),
        (None, "pre-election"),
    ] {
        let inquiry = Inquiry {
            campaign: &campaign,
            segments: &segments,
            rows: None,
            earlier: earlier.as_ref().map(<[EarlierYear; 2]>::as_slice),
            history: None,
            country: "FR",
        };
        let found = tables().findings(&inquiry, Language::Fr);
        assert_eq!(codes(&found), [code]);
        assert_eq!(found[0].segments, ["ici", "partout"]);
        assert_eq!(found[0].severity, Severity::Warning);
        assert_eq!(found[0].told.values["from"], Value::Date(date(2027, 9, 1)));
    }
    // The day before the window: nothing.
    let before = super::tests::campaign(date(2027, 8, 1), date(2027, 8, 31));
    assert!(ask(&before, &segments, None).is_empty());
}

fn row(segment: &str, budget: f64, actions_per_week: f64) -> RowFigures {
    RowFigures { segment: segment.into(), budget, actions_per_week, reach: None, audience: None }
}

#[test]
fn rows_below_what_platforms_accept_are_warned_about() {
    let segments = [
        segment("a", &[("network", "tiktok")]),
        segment("b", &[("network", "linkedin")]),
        segment("c", &[("network", "x")]),
    ];
    let mut rows = [row("a", 839.99, 99.0), row("b", 420.0, 99.0), row("c", 0.01, 99.0)];
    rows[1].audience = Some(250.0);
    let found = ask(&quiet(), &segments, Some(&rows));
    // 42 days at 20 a day on TikTok, at 10 on LinkedIn; X publishes no minimum.
    assert_eq!(codes(&found), ["minimum-audience", "minimum-budget"]);
    assert_eq!(found[1].segments, ["a"]);
    assert_eq!(tables().platform_minimum("tiktok", Some(Currency::EUR), 42), Some(840.0));
    assert_eq!(tables().platform_minimum("x", Some(Currency::EUR), 42), None);
    assert_eq!(tables().platform_minimum("tiktok", "TND".parse().ok(), 42), None);
    let unfunded = [row("a", 0.0, 0.0)];
    assert!(ask(&quiet(), &segments, Some(&unfunded)).is_empty());
}

#[test]
fn rows_that_cannot_learn_are_merged_with_their_nearest_relatives() {
    let of = |id: &str, network: &str, territory: &str| {
        segment(id, &[("network", network), ("territory", territory)])
    };
    let segments = [
        of("a", "facebook", "DEP-31"),
        of("b", "facebook", "DEP-34"),
        of("c", "facebook", "DEP-31"),
        of("d", "facebook", "DEP-34"),
        of("e", "tiktok", "DEP-31"),
        of("f", "linkedin", "DEP-31"),
    ];
    let rows = [
        row("a", 900.0, 20.0),
        row("b", 900.0, 26.0),
        row("c", 900.0, 31.0),
        row("d", 900.0, 60.0),
        row("e", 900.0, 24.0),
        row("f", 900.0, 2.0),
    ];
    let found = ask(&quiet(), &segments, Some(&rows));
    let learning: Vec<_> = found.iter().filter(|f| f.code.starts_with("learning")).collect();
    let plain = Plain { language: Language::En, currency: None };
    let told: Vec<(&str, &[String], String)> = learning
        .iter()
        .map(|f| (f.code.as_str(), f.segments.as_slice(), f.told.values["merge"].write(&plain)))
        .collect();
    let (ac, b) = (["a".to_owned(), "c".to_owned()], ["b".to_owned()]);
    assert_eq!(
        told,
        [
            ("learning-alone", ["e".to_owned()].as_slice(), "e".to_owned()),
            ("learning-merge", ac.as_slice(), "a + c".to_owned()),
            ("learning-merge", b.as_slice(), "b + d".to_owned()),
        ]
    );
}

#[test]
fn cells_of_few_people_are_marked() {
    let tables = tables();
    assert!(tables.is_small_cell(Some(99.0), None) && tables.is_small_cell(None, Some(9.0)));
    assert!(!tables.is_small_cell(Some(100.0), Some(10.0)) && !tables.is_small_cell(None, None));
}

#[test]
fn ages_that_no_report_tells_apart_are_not_rebuilt() {
    let bands = [segment("a", &[("age", "18-24")]), segment("b", &[("age", "25-34")])];
    let mut campaign = quiet();
    for (asked, across) in [("15-25", true), ("18-34", false), ("18-24", false)] {
        campaign.selection.conditions.insert("age".into(), vec![asked.into()]);
        let found = ask(&campaign, &bands, None);
        assert_eq!(codes(&found).contains(&"age-across-bands"), across, "{asked}");
    }
}

#[test]
fn ages_that_a_network_does_not_sell_are_warned_about() {
    for (network, age, sold) in [
        ("linkedin", "35-44", false),
        ("linkedin", "18-34", true),
        ("tiktok", "35-54", true),
        ("snapchat", "18-24", true),
        ("snapchat", "35-54", false),
        ("facebook", "19-23", true),
        ("x", "18-34", true),
    ] {
        let found = ask(&quiet(), &[segment("s", &[("network", network), ("age", age)])], None);
        assert_eq!(!codes(&found).contains(&"age-not-sold"), sold, "{network} {age}");
    }
}

#[test]
fn every_finding_is_told_in_both_languages() {
    let segments = [
        segment("a", &[("network", "instagram"), ("age", "13-17"), ("interest", "islam")]),
        segment("b", &[("network", "tiktok"), ("age", "13-17"), ("topic", "vaccins")]),
        segment("c", &[("network", "linkedin"), ("age", "15-17")]),
        segment("d", &[("network", "autre")]),
    ];
    let rows: Vec<RowFigures> = ["a", "b", "c", "d"].map(|id| row(id, 1.0, 1.0)).to_vec();
    let mut campaign = campaign(date(2028, 1, 10), date(2028, 2, 6));
    for sensitive in [false, true] {
        campaign.sensitive = sensitive;
        let inquiry = Inquiry {
            campaign: &campaign,
            segments: &segments,
            rows: Some(&rows),
            earlier: None,
            history: None,
            country: "FR",
        };
        for language in Language::ALL {
            let found = tables().findings(&inquiry, language);
            assert!(found.len() >= 9, "{:?}", codes(&found));
            // Whatever language they are made in, they hold the same values.
            let told = |found: &[Finding]| found.iter().map(|f| f.told.clone()).collect::<Vec<_>>();
            assert_eq!(told(&found), told(&tables().findings(&inquiry, Language::En)));
            for finding in found {
                let message = finding.say(&Plain { language, currency: Some(Currency::EUR) });
                let unfilled = message.contains('⟨') || message.contains('{');
                assert!(!unfilled, "{}: {message}", finding.code);
            }
        }
    }
}

#[test]
fn findings_do_not_depend_on_the_order_of_segments() {
    let mut segments = vec![
        segment("a", &[("network", "instagram"), ("age", "13-17")]),
        segment("b", &[("network", "facebook"), ("age", "13-17")]),
        segment("c", &[("network", "tiktok"), ("interest", "église")]),
    ];
    let rows = [row("c", 5.0, 3.0), row("a", 5.0, 3.0), row("b", 5.0, 3.0)];
    let first = ask(&quiet(), &segments, Some(&rows));
    segments.reverse();
    assert_eq!(first, ask(&quiet(), &segments, Some(&rows)));
}

#[test]
fn an_edited_table_is_refused_with_its_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    let path = folder.path().join("rules/learning.toml");
    for text in [
        "[[threshold]]\nresults = 5",
        "[[threshold]]\ncompanies = [\"Meta\"]\nresults_per_week = -1.0\norigin = { source = \"https://e.org\", read = \"2026-11\", from = \"always\", until = \"open\", state = \"in_force\" }",
        "[[threshold]]\ncompanies = [\"Meta\"]\nresults_per_week = 1.0\norigin = { source = \"https://e.org\", read = \"2026-11\", from = \"soon\", until = \"open\", state = \"in_force\" }",
        "[[threshold]]\ncompanies = [\"Meta\"]\nresults_per_week = 1.0\norigin = { source = \"https://e.org\", read = \"2026-11\" }",
    ] {
        std::fs::write(&path, text).expect("a file");
        let error =
            Tables::load(&Reference::new(Some(folder.path().into()))).expect_err("a bad table");
        assert!(crate::language::Explain::explain(&error, Language::Fr).contains("learning.toml"));
    }
}

#[test]
fn a_rule_without_its_legal_state_is_refused_with_file_line_and_what_is_allowed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    let rule = |origin: &str| {
        let origin = origin.to_owned();
        format!(
            "# mine\n\n[[threshold]]\ncompanies = [\"Meta\"]\nresults_per_week = 1.0\n{origin}\n"
        )
    };
    let explained = |text: String, language| {
        std::fs::write(folder.path().join("rules/learning.toml"), text).expect("a file");
        let error = Tables::load(&Reference::new(Some(folder.path().into()))).expect_err("refused");
        crate::language::Explain::explain(&error, language)
    };
    let origin = "origin = { source = \"https://e.org\", read = \"2026-11\", from = \"always\", until = \"open\", state = \"bill\" }";
    assert_eq!(
        explained(rule(origin), Language::En),
        "the table `rules/learning.toml`, line 6, `state`: found `bill`, expected `in_force` (law in force), \
         `voted` (adopted, not yet in force), `proposed` (a bill), `struck_down` or `platform` (a platform’s policy)"
    );
    let none = explained(rule(""), Language::Fr);
    assert!(
        none.starts_with(
            "la table «\u{a0}rules/learning.toml\u{a0}», ligne 4, «\u{a0}origin\u{a0}»\u{a0}: il manque «\u{a0}origin = {"
        ),
        "{none}"
    );
    let unknown =
        explained(rule(&origin.replace("bill\"", "platform\", sure = true")), Language::Fr);
    assert!(unknown.contains("learning.toml") && unknown.contains("ligne 6"), "{unknown}");
}
