//! The form changes what it was asked to change, and nothing else.

use std::path::Path;

use axum::http::StatusCode;

use super::field::{WHERE, all};
use super::text::unset;
use super::values::{Values, changed, of_text};
use crate::campaign::Campaign;
use crate::language::Language;
use crate::serve::desk::identifier;
use crate::serve::guard::Bounds;
use crate::serve::room::Room;
use crate::serve::tests::Visit;

const TEMPLATES: [&str; 4] = [
    include_str!("../../../../data/templates/campaign.en.toml"),
    include_str!("../../../../data/templates/campaign.fr.toml"),
    include_str!("../../../../data/demo/campaign.toml"),
    include_str!("../../../../data/demo/campaign-en.toml"),
];

fn room(language: Language) -> Room {
    Room { language, folder: String::new(), read_only: false }
}

fn parsed(text: &str) -> Campaign {
    Campaign::parse(text, Path::new("campaign.toml"))
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs
        .iter()
        .map(|(name, value)| {
            let held = if value.is_empty() { Vec::new() } else { vec![(*value).to_owned()] };
            ((*name).to_owned(), held)
        })
        .collect()
}

fn after(text: &str, pairs: &[(&str, &str)]) -> String {
    changed(text, &values(pairs), &room(Language::En)).unwrap()
}

/// Comments of a text: what no reader of values would miss.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once('#')).map(|(_, own)| own.trim()).collect()
}

#[test]
fn a_form_sent_back_as_it_was_leaves_every_byte() {
    for text in TEMPLATES {
        for language in Language::ALL {
            let room = room(language);
            let shown = of_text(text, &room).unwrap();
            assert!(shown.len() > 8, "{shown:?}");
            assert_eq!(changed(text, &shown, &room).unwrap(), text);
        }
    }
}

#[test]
fn every_field_taken_out_and_put_back_says_the_same_and_no_comment_is_lost() {
    for text in TEMPLATES {
        let room = room(Language::Fr);
        let shown = of_text(text, &room).unwrap();
        for (name, held) in &shown {
            let out = changed(text, &values(&[(name, "")]), &room).unwrap();
            assert!(!of_text(&out, &room).unwrap().contains_key(name), "{name}: {out}");
            for comment in comments(text) {
                assert!(out.contains(comment), "{name}: {comment} is lost\n{out}");
            }
            let back = Values::from([(name.clone(), held.clone())]);
            let back = changed(&out, &back, &room).unwrap();
            assert_eq!(of_text(&back, &room).unwrap(), shown, "{name}: {back}");
            for comment in comments(text) {
                assert!(back.contains(comment), "{name}: {comment} is lost\n{back}");
            }
            let (now, before) = (parsed(&back), parsed(text));
            assert_eq!(now.leaves().len(), before.leaves().len(), "{name}: {back}");
        }
    }
}

#[test]
fn a_value_shown_in_a_comment_comes_back_from_it() {
    let text = TEMPLATES[0];
    let set = after(text, &[("limits.funded_at_most", "9"), ("pacing", "season")]);
    assert!(set.contains("\nfunded_at_most = 9\n"), "{set}");
    assert!(set.contains("\npacing = \"season\"               # \"even\" (default)"), "{set}");
    assert_eq!(set.lines().count(), text.lines().count());
    // Taken out again, the file is as it was but for the number.
    let out = after(&set, &[("limits.funded_at_most", ""), ("pacing", "")]);
    assert_eq!(out, text.replace("# funded_at_most = 12", "# funded_at_most = 9"));
    // A comment under another table shows another key.
    let text = "title = 't'\n[risk]\n# carbon = \"1 kg\"\nprudence = 0.3\n";
    let set = after(text, &[("limits.carbon", "2 kg")]);
    assert!(set.starts_with(text) && set.ends_with("[limits]\ncarbon = \"2 kg\"\n"), "{set}");
}

#[test]
fn what_is_typed_is_written_as_the_file_has_it() {
    let text = TEMPLATES[2];
    let typed = [
        ("budget.amount", "14 000"),
        ("budget.tax", "20 %"),
        ("flight.end", "2027-04-18"),
        ("risk.prudence", "0,5"),
        ("sensitive", "true"),
        ("limits.per_segment.max_share", "0.3"),
        ("limits.weekly_min", "20"),
        ("cap-tiktok", "900"),
    ];
    let campaign = parsed(&after(text, &typed));
    assert_eq!((campaign.gross.as_f64(), campaign.prudence), (14_000.0, 0.5));
    assert_eq!(campaign.flight.end, jiff::civil::date(2027, 4, 18));
    assert!(campaign.sensitive && campaign.tax == rust_decimal::Decimal::new(2, 1));
    assert_eq!(campaign.limits.groups.len(), parsed(text).limits.groups.len() + 1);
    let capped = after(text, &[("cap-tiktok", "900")]);
    let other = after(&capped, &[("cap-tiktok", "800")]);
    assert_eq!(other, capped.replace("900 EUR", "800 EUR"));
    let none = after(&capped, &[("cap-tiktok", "")]);
    assert_eq!(parsed(&none).limits.groups.len(), parsed(text).limits.groups.len());
    assert!(none.contains("# [[limits.group]]") && none.contains("# max = \"900 EUR\""), "{none}");
    let wheres = Values::from([(format!("{WHERE}age"), vec!["18-24".into(), "25-34".into()])]);
    let campaign = parsed(&changed(text, &wheres, &room(Language::Fr)).unwrap());
    assert_eq!(campaign.selection.conditions["age"], ["18-24", "25-34"]);
}

#[test]
fn every_way_to_write_a_table_takes_a_value_and_gives_it_back() {
    let head = "title = \"T\"\nbudget = \"1000 EUR\" # all\n\
        flight = { start = 2027-03-01, end = 2027-04-11 }\n";
    let ways = [
        "",
        "limits = { carbon = \"3 kg\" }\n",
        "limits = { per_segment = { min = \"9 EUR\" } }\n",
        "limits.per_segment.min = \"9 EUR\"\n",
        "[limits]\ngroup = [{ name = \"a\", where = { network = \"x\" }, max = \"5 EUR\" }]\n",
        "[limits.per_segment]\nmin = \"9 EUR\" # little\n",
    ];
    for way in ways {
        let text = format!("{head}{way}");
        for field in all().filter(|field| !field.is_required && field.key != "segments.levers") {
            let value = match field.key {
                key if key.ends_with("min_if_funded") || key.contains("weekly") => "20 EUR",
                key if key.ends_with("cost_per_action") => "2 EUR",
                "limits.carbon" => "7 kg",
                "limits.funded_at_most" => "4",
                "engagement" => "count",
                "sensitive" => "true",
                "spend" => "up_to",
                "pacing" => "season",
                "rounding" => "unit",
                "goal" => "so \"that\"",
                _ => "0.25",
            };
            let set = after(&text, &[(field.key, value)]);
            parsed(&set);
            let room = room(Language::En);
            assert_eq!(of_text(&set, &room).unwrap()[field.key], [value], "{}: {set}", field.key);
            let out = unset(&set, field.key).unwrap();
            parsed(&out);
            assert!(!of_text(&out, &room).unwrap().contains_key(field.key), "{}: {out}", field.key);
        }
        let capped = after(&text, &[("cap-x", "7 EUR"), ("cap-tiktok", "8 EUR")]);
        assert!(capped.contains("7 EUR") && !capped.contains("\"5 EUR\""), "{capped}");
        let campaign = parsed(&after(&capped, &[("cap-x", ""), ("cap-tiktok", "")]));
        assert!(campaign.limits.groups.is_empty());
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let plain = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b if b.is_ascii_alphanumeric() || b == b'.' || b == b'-' => (b as char).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect::<String>()
    };
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", plain(name), plain(value))).collect();
    pairs.join("&")
}

fn seen(page: &str) -> &str {
    &page.split_once("name=\"seen\" value=\"").unwrap().1[..64]
}

#[tokio::test]
async fn faults_stand_at_their_fields_and_nothing_is_kept_until_there_are_none() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let file = visit.folder.path().join("spring.toml");
        let text = TEMPLATES[0].replace('\n', "\r\n");
        std::fs::write(&file, &text).unwrap();
        let address = format!("/campaigns/{}/form", identifier(Path::new("spring.toml")));
        let page = visit.get(&address).await.body;
        assert!(!page.contains('⟨') && page.contains("value=\"12000 EUR\""), "{page}");
        let wrong = [
            ("seen", seen(&page)),
            ("risk.prudence", "1.3"),
            ("flight.end", "2027-01-01"),
            ("limits.carbon", "far"),
            ("budget.amount", ""),
            ("where-network", "<b>"),
        ];
        let heard = visit.post(&address, &encoded(&wrong)).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["f-risk-prudence", "f-flight-end", "f-limits-carbon", "f-budget-amount"] {
            assert!(heard.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", heard.body);
            assert!(heard.body.contains(&format!("id=\"e-{field}\"")), "{field}");
        }
        assert!(!heard.body.contains("<b>") && !heard.body.contains('⟨'));
        assert!(heard.body.contains("value=\"1.3\""), "what was typed stays");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        let right = [("seen", seen(&page)), ("title", "Spring & more"), ("cap-x", "500")];
        let heard = visit.post(&address, &encoded(&right)).await;
        assert_eq!(heard.status, StatusCode::SEE_OTHER, "{}", heard.body);
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(
            kept.contains("title  = \"Spring & more\"\r\n") && kept.contains("500 EUR"),
            "{kept}"
        );
        assert!(!kept.replace("\r\n", "").contains('\n'));
        let late = [("seen", seen(&page)), ("title", "Late")];
        let heard = visit.post(&address, &encoded(&late)).await;
        assert_eq!(heard.status, StatusCode::CONFLICT, "it changed since the page was made");
        assert!(heard.body.contains("Spring &#38; more") && heard.body.contains("value=\"Late\""));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), kept);
    }
    let looking = Visit::with(Language::En, true, Bounds::default()).await;
    std::fs::write(looking.folder.path().join("spring.toml"), TEMPLATES[0]).unwrap();
    let address = format!("/campaigns/{}/form", identifier(Path::new("spring.toml")));
    assert!(!looking.get(&address).await.body.contains("<button>"));
    let heard = looking.post(&address, "title=Late&seen=").await;
    assert_eq!(heard.status, StatusCode::FORBIDDEN);
}
