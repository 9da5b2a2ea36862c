//! Results → HTML, charts, XLSX, CSV. It formats; it never computes a statistic.
//!
//! A [`report_data::ReportData`] holds everything that one report tells. Tables are built once, with
//! typed cells, and written three times: as HTML, as sheets and as CSV.

pub mod bulk;
pub mod chart;
pub mod compare;
pub mod error;
pub mod example;
pub mod experiment;
pub mod finished;
pub mod formatter;
pub mod page;
pub mod priced;
pub mod report_data;
#[cfg(test)]
mod sentences;
pub mod settings;
pub mod sheets;
mod standing;
pub mod sums;

pub use self::error::ReportError;
pub use self::report_data::ReportData;

use self::chart::Chart;
use self::formatter::Formatter;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::campaign::OutputFormat;
use crate::files;
use crate::language::Language;

/// Writes the asked kinds of result into a folder, which is made when it is not there; every
/// kind when none is asked for. Gives the paths of the files, in a fixed order.
///
/// `report.html`, `brief.html`, `plan.xlsx`, `plan.csv`, `weeks.csv`, `charts/*.svg`, `charts/*.png`. Each file
/// is written under another name first, so that no half-written result is ever seen.
///
/// ```
/// use relais::campaign::OutputFormat;
/// use relais::language::Language;
/// use relais::report::{example, write};
///
/// let folder = tempfile::tempdir()?;
/// let files = write(folder.path(), &example::report_data(3), &[OutputFormat::Csv], Language::Fr)?;
/// assert!(files.iter().all(|file| file.exists()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ReportError`] when a file cannot be written.
pub fn write(
    folder: &Path,
    report_data: &ReportData,
    formats: &[OutputFormat],
    language: Language,
) -> Result<Vec<PathBuf>, ReportError> {
    let files = files(report_data, formats, language)?;
    files.into_iter().map(|(name, bytes)| put(&folder.join(name), &bytes)).collect()
}

/// What [`write`] writes: names below the folder, and bytes.
///
/// # Errors
///
/// [`ReportError`] when a chart or the workbook cannot be made.
pub fn files(
    report_data: &ReportData,
    formats: &[OutputFormat],
    language: Language,
) -> Result<Vec<(PathBuf, Vec<u8>)>, ReportError> {
    let formatter = Formatter::new(report_data, language);
    let wanted = |format| formats.is_empty() || formats.contains(&format);
    let needs_charts = [OutputFormat::Html, OutputFormat::Svg, OutputFormat::Png];
    let charts = if needs_charts.into_iter().any(wanted) {
        chart::all(report_data, &formatter)
    } else {
        Vec::new()
    };
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    if wanted(OutputFormat::Html) {
        files.push((
            "report.html".into(),
            page::html(report_data, &charts, &formatter)?.into_bytes(),
        ));
    }
    if wanted(OutputFormat::Brief) {
        files.push((
            "brief.html".into(),
            page::handout::html(report_data, &formatter)?.into_bytes(),
        ));
    }
    if wanted(OutputFormat::Xlsx) {
        files.push(("plan.xlsx".into(), sheets::workbook::xlsx(report_data, &formatter)?));
    }
    if wanted(OutputFormat::Csv) {
        let plan = sheets::tables::plan(report_data, &formatter);
        files.push(("plan.csv".into(), sheets::spreadsheet::csv(&plan, &formatter)?));
        let weeks = sheets::tables::weeks(report_data, &formatter);
        files.push(("weeks.csv".into(), sheets::spreadsheet::csv(&weeks, &formatter)?));
    }
    if wanted(OutputFormat::Svg) {
        let svg = |chart: &Chart| (chart_path(chart, "svg"), chart.standalone().into_bytes());
        files.extend(charts.iter().map(svg));
    }
    if wanted(OutputFormat::Png) {
        files.extend(bitmaps(&charts)?);
    }
    Ok(files)
}

fn chart_path(chart: &Chart, ending: &str) -> PathBuf {
    PathBuf::from("charts").join(format!("{}.{ending}", chart.name))
}

fn bitmaps(charts: &[Chart]) -> Result<Vec<(PathBuf, Vec<u8>)>, ReportError> {
    let drawn: Vec<Result<Vec<u8>, String>> = charts.par_iter().map(Chart::png).collect();
    charts
        .iter()
        .zip(drawn)
        .map(|(chart, png)| match png {
            Ok(bytes) => Ok((chart_path(chart, "png"), bytes)),
            Err(trouble) => Err(ReportError::Chart { chart: chart.name, trouble }),
        })
        .collect()
}

/// Writes a file whole or not at all, its folder made where there is none.
fn put(path: &Path, bytes: &[u8]) -> Result<PathBuf, ReportError> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| files::put(path, bytes))
        .map_err(|source| ReportError::Unwritable { path: path.to_owned(), source })?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::report::chart::Chart;

    /// Everything a reader of the examples can see, by name.
    fn everything(report_data: &ReportData, language: Language) -> Vec<(String, String)> {
        let formatter = Formatter::new(report_data, language);
        let charts = chart::all(report_data, &formatter);
        let csv = |table| {
            String::from_utf8(sheets::spreadsheet::csv(&table, &formatter).unwrap()).unwrap()
        };
        let mut all: Vec<(String, String)> =
            charts.iter().map(|chart| (chart.name.to_owned(), chart.standalone())).collect();
        all.push(("page".to_owned(), page::html(report_data, &charts, &formatter).unwrap()));
        all.push(("plan".to_owned(), csv(sheets::tables::plan(report_data, &formatter))));
        all.push(("weeks".to_owned(), csv(sheets::tables::weeks(report_data, &formatter))));
        all
    }

    /// Renewed with `INSTA_UPDATE=always cargo test --release --lib golden_files`, after a look at
    /// what changed (`git diff src/report/snapshots`).
    #[test]
    fn golden_files_show_what_readers_get() {
        let report_data = example::report_data(3);
        for language in Language::ALL {
            for (name, text) in everything(&report_data, language) {
                // Some charts, the page and the tables: the others share their parts.
                let kept = [
                    "split",
                    "budget-change",
                    "budget-curve",
                    "calibration",
                    "page",
                    "plan",
                    "weeks",
                ];
                if kept.contains(&name.as_str()) {
                    insta::assert_snapshot!(format!("{name}-{language}"), text);
                }
            }
            let formatter = Formatter::new(&report_data, language);
            let review =
                finished::page(&example::review(&report_data.plan), &report_data.plan, &formatter);
            let review = page::brief::html(&review, &formatter).unwrap();
            insta::assert_snapshot!(format!("review-{language}"), review);
            let mut other = report_data.clone();
            other.plan.rows[0].budget += 120.0;
            let pairs = [("a".to_owned(), &report_data), ("b".to_owned(), &other)];
            let comparison = compare::page(&compare::named(&pairs), &formatter);
            let comparison = page::brief::html(&comparison, &formatter).unwrap();
            insta::assert_snapshot!(format!("compare-{language}"), comparison);
        }
    }

    #[test]
    fn no_message_is_missing_and_every_chart_is_there_in_both_languages() {
        for n in [1, 3, 60] {
            for language in Language::ALL {
                let all = everything(&example::report_data(n), language);
                assert_eq!(all.len(), 15 + 3, "{n} {language}");
                for (name, text) in all {
                    let at =
                        text.find('⟨').map(|at| text[at..].chars().take(60).collect::<String>());
                    assert_eq!(at, None, "{name} {language}");
                }
            }
        }
    }

    #[test]
    fn what_the_dossier_lacks_is_left_out() {
        let alone = ReportData::of_plan(example::report_data(12).plan);
        let names: Vec<String> =
            everything(&alone, Language::Fr).into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"response-curves".to_owned()));
        for missing in ["outcome-distribution", "weekly-fan", "calibration"] {
            assert!(!names.contains(&missing.to_owned()), "{missing}");
        }
        let mut empty = alone;
        empty.plan.rows.clear();
        empty.plan.budget_curve.clear();
        empty.plan.campaign = None;
        empty.plan.currency = None;
        assert!(
            page::html(&empty, &[], &Formatter::new(&empty, Language::En))
                .unwrap()
                .contains("</html>")
        );
    }

    #[test]
    fn hostile_names_stay_text() {
        for (name, text) in everything(&example::hostile(), Language::Fr) {
            if name == "plan" || name == "weeks" {
                continue;
            }
            assert!(!text.contains("<script"), "{name}");
            assert!(!text.contains("</table>&") && !text.contains('\u{0}'), "{name}");
        }
    }

    #[test]
    fn reasons_and_findings_speak_the_language_of_the_page() {
        use crate::allocate::told::{Message, Value};
        let mut report_data = example::report_data(12);
        for row in &mut report_data.plan.rows {
            row.reason = "une phrase dans la langue du calcul".to_owned();
            row.reason_told =
                Some(Message::new("allocate-reason-pin", [("amount", Value::Money(1250.0))]));
        }
        let values = [
            ("ballot", Value::Message("rules-ballot-regional".to_owned())),
            ("from", Value::Date(jiff::civil::date(2026, 10, 1))),
            ("to", Value::Date(jiff::civil::date(2027, 4, 30))),
        ];
        report_data.plan.findings[0].told = Message::new("finding-pre-election-indirect", values);
        for (language, amount, from) in [
            (Language::Fr, "1\u{202f}250\u{a0}€", "01/10/2026"),
            (Language::En, "€1,250", "1 Oct 2026"),
        ] {
            let formatter = Formatter::new(&report_data, language);
            let page = page::html(&report_data, &chart::all(&report_data, &formatter), &formatter)
                .unwrap();
            assert!(!page.contains("langue du calcul"), "{language}");
            assert!(page.contains(amount) && page.contains(from), "{language}");
            assert!(page.contains(&formatter.text("rules-ballot-regional")), "{language}");
        }
    }

    #[test]
    fn that_networks_claim_the_same_person_is_said_once_and_only_of_several() {
        let mut report_data = example::report_data(12);
        for language in Language::ALL {
            let formatter = Formatter::new(&report_data, language);
            let page = page::html(&report_data, &chart::all(&report_data, &formatter), &formatter)
                .unwrap();
            let told = formatter.text("report-promise-claims");
            assert!(told.contains("incr") && page.matches(told.as_str()).count() == 1);
        }
        for row in &mut report_data.plan.rows {
            row.attributes.insert("network".to_owned(), "instagram".to_owned());
        }
        for language in Language::ALL {
            let formatter = Formatter::new(&report_data, language);
            let page = page::html(&report_data, &chart::all(&report_data, &formatter), &formatter)
                .unwrap();
            assert!(!page.contains(formatter.text("report-promise-claims").as_str()));
        }
    }

    #[test]
    fn the_first_screen_tells_the_promise_and_what_the_model_has_against_itself() {
        use crate::allocate::plan::Mostly;
        use crate::allocate::told::Value;
        use crate::rules::finding::{Finding, Reader, Severity};
        let mut report_data = example::report_data(12);
        // A simulation of its own says something else: the plan's promise is what is told.
        for policy in &mut report_data.outcomes.as_mut().unwrap().policies {
            policy.actions.p10 = 1.0;
            policy.actions.p90 = 2.0;
        }
        let overrides = std::collections::BTreeMap::new();
        let reader = Reader { language: Language::Fr, currency: None, overrides: &overrides };
        let values = [("covered", Value::Percent(0.69)), ("cells", Value::Whole(1240.0))];
        let code = "model-overconfident";
        let found = Finding::new(Severity::Warning, code, Vec::new(), values, &reader);
        report_data.plan.findings = vec![found];
        let first = |report_data: &ReportData| {
            let formatter = Formatter::new(report_data, Language::En);
            let page =
                page::html(report_data, &chart::all(report_data, &formatter), &formatter).unwrap();
            page[..page.find("<nav").unwrap()].to_owned()
        };
        let formatter = Formatter::new(&report_data, Language::En);
        let actions = report_data.plan.actions;
        let ends = [actions.p10, actions.p90].map(|end| formatter.quantity(end));
        let page = first(&report_data);
        assert!(page.contains(&format!("between {} and {}", ends[0], ends[1])), "{page}");
        assert!(page.contains("1,240") && page.contains("69"), "in English numbers: {page}");
        report_data.plan.actions.mostly = Some(Mostly { value: 0.0, probability: 0.9 });
        assert!(first(&report_data).contains("With a probability of 90%: 0."));
    }

    #[test]
    fn pages_have_their_language_headings_in_order_and_tables_with_scope() {
        for report_data in [example::report_data(1), example::report_data(60), example::hostile()] {
            for language in Language::ALL {
                let formatter = Formatter::new(&report_data, language);
                let page =
                    page::html(&report_data, &chart::all(&report_data, &formatter), &formatter)
                        .unwrap();
                assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\""));
                assert!(page.contains(&format!("<html lang=\"{language}\">")));
                let levels: Vec<u8> = page
                    .match_indices("<h")
                    .filter_map(|(at, _)| page.as_bytes().get(at + 2).copied())
                    .filter(u8::is_ascii_digit)
                    .map(|digit| digit - b'0')
                    .collect();
                assert!(!levels[1..].contains(&1), "one main heading");
                assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
                let (mut columns, mut rows) = (0, 0);
                for (at, _) in page.match_indices("<th") {
                    let tag = &page[at..at + page[at..].find('>').unwrap()];
                    if tag.starts_with("<thead") {
                        continue;
                    }
                    columns += usize::from(tag.contains("scope=\"col\""));
                    rows += usize::from(tag.contains("scope=\"row\""));
                    assert!(tag.contains("scope="), "{tag}");
                }
                assert!(columns > 20 && rows > 20);
                assert_eq!(page.matches("<table").count(), page.matches("</table>").count());
                assert_eq!(page.matches("<svg").count(), page.matches("<desc").count());
                assert!(!page.contains("<script") && !page.contains("<link"), "self-contained");
            }
        }
    }

    #[test]
    fn three_hundred_segments_stay_within_bounds() {
        let report_data = example::report_data(300);
        let formatter = Formatter::new(&report_data, Language::Fr);
        let charts = chart::all(&report_data, &formatter);
        let page = page::html(&report_data, &charts, &formatter).unwrap();
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
        for chart in &charts {
            assert!(chart.standalone().len() < 300_000, "{}", chart.name);
        }
    }

    /// The page without what is folded.
    fn unfolded(page: &str) -> String {
        let mut open = String::new();
        let mut rest = page;
        while let Some(start) = rest.find("<details") {
            open.push_str(&rest[..start]);
            rest = &rest[start..];
            rest = &rest[rest.find("</details>").expect("folds do not nest") + 10..];
        }
        open + rest
    }

    #[test]
    fn three_hundred_segments_take_few_screens_and_lose_no_row() {
        let report_data = example::report_data(300);
        for language in Language::ALL {
            let formatter = Formatter::new(&report_data, language);
            let charts = chart::all(&report_data, &formatter);
            let page = page::html(&report_data, &charts, &formatter).unwrap();
            let open = unfolded(&page[..page.rfind("</figure>").unwrap()]);
            // Measured in a browser at 800 pixels: what a row and what stands around a chart take
            // at most, and the first screen with its findings.
            let drawn: f64 = charts.iter().filter(|c| c.name != "split").map(Chart::height).sum();
            let figures = open.matches("<figure").count() as f64;
            let rows = open.matches("<tr>").count() as f64;
            let pixels = 1500.0 + drawn + 230.0 * figures + 55.0 * rows;
            assert!(pixels < 15_000.0, "{pixels} pixels, {drawn} drawn, {rows} rows");
            let plan = sheets::tables::plan_in_brief(&report_data, &formatter);
            assert!(plan.rows.len() > 30);
            let part = &page[page.find("id=\"plan\"").unwrap()..];
            for row in &plan.rows {
                let name = row[0].write(&formatter);
                assert!(
                    part.contains(&format!("<th scope=\"row\" class=\"words\">{name}</th>"))
                        || part.contains(&format!("<th scope=\"row\">{name}</th>")),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn findings_follow_the_first_screen_which_names_them() {
        let mut report_data = example::report_data(12);
        let formatter = Formatter::new(&report_data, Language::Fr);
        let page = |report_data: &ReportData| page::html(report_data, &[], &formatter).unwrap();
        let open = report_data.plan.open_findings().count();
        assert!(open > 0);
        let told = page(&report_data);
        let place = |what: &str| told.find(what).unwrap_or_else(|| panic!("{what}"));
        assert!(place("<a href=\"#findings\">") < place("</section>"));
        assert!(place("<section id=\"findings\"") < place("<nav"));
        assert!(place("<nav") < place("<section id=\"plan\""));
        report_data.plan.findings.clear();
        let silent = page(&report_data);
        let first = &silent[..silent.find("</section>").unwrap()];
        assert!(!first.contains("#findings"), "no finding, no link: {first}");
    }

    #[test]
    fn words_in_charts_are_legible_on_paper() {
        /// A4 less the margins of the page's style, in points.
        const PAPER: f64 = (210.0 - 26.0) / 25.4 * 72.0;
        for n in [1, 12, 60, 300] {
            let report_data = example::report_data(n);
            let formatter = Formatter::new(&report_data, Language::Fr);
            let mut charts = chart::all(&report_data, &formatter);
            charts.extend(chart::of_review(&example::review(&report_data.plan), &formatter));
            for chart in charts {
                let svg = chart.inline();
                assert!(chart.height() <= 1000.0, "{} is {} high", chart.name, chart.height());
                let scale = PAPER / chart::draw::canvas::WIDTH;
                for (at, _) in svg.match_indices("font-size=\"") {
                    let number = svg[at + 11..].split('"').next().unwrap();
                    let points = number.parse::<f64>().unwrap() / 10.0 * scale;
                    assert!(points >= 7.0, "{}: {points} pt", chart.name);
                }
            }
        }
    }

    #[test]
    fn threads_do_not_change_a_byte() {
        let report_data = example::report_data(12);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let formatter = Formatter::new(&report_data, Language::Fr);
                chart::all(&report_data, &formatter)
                    .iter()
                    .map(Chart::standalone)
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(with(1), with(8));
    }

    #[test]
    fn bitmaps_are_drawn_with_the_shipped_font() {
        let report_data = example::report_data(1);
        let charts = chart::all(&report_data, &Formatter::new(&report_data, Language::En));
        let chart = charts.iter().find(|chart| chart.name == "split").unwrap();
        let png = chart.png().unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        let mut blank = chart.clone();
        blank.title.clear();
        assert_ne!(png, blank.png().unwrap(), "the title leaves no mark: is the font there?");
    }

    /// Writes the examples to look at: `cargo test --release -- --ignored examples_to_look_at`
    /// with `RELAIS_LOOK` set to a folder.
    #[test]
    #[ignore = "writes files for a person to look at"]
    fn examples_to_look_at() {
        let Some(folder) = std::env::var_os("RELAIS_LOOK").map(PathBuf::from) else { return };
        let mut dossiers: Vec<(String, ReportData)> =
            [1, 3, 12, 60, 300].map(|n| (n.to_string(), example::report_data(n))).into();
        dossiers.push(("hostile".to_owned(), example::hostile()));
        dossiers.push(("alone".to_owned(), ReportData::of_plan(example::report_data(12).plan)));
        for (name, report_data) in dossiers {
            for language in Language::ALL {
                let clock = std::time::Instant::now();
                let to = folder.join(format!("{name}-{language}"));
                write(&to, &report_data, &[], language).unwrap();
                let formatter = Formatter::new(&report_data, language);
                let mut other = report_data.clone();
                other.plan.rows[0].budget += 120.0;
                other.plan.actions.mean *= 1.1;
                let pairs = [("avant".to_owned(), &report_data), ("après".to_owned(), &other)];
                let comparison = compare::page(&compare::named(&pairs), &formatter);
                put(
                    &to.join("compare.html"),
                    page::brief::html(&comparison, &formatter).unwrap().as_bytes(),
                )
                .unwrap();
                let review = finished::page(
                    &example::review(&report_data.plan),
                    &report_data.plan,
                    &formatter,
                );
                put(
                    &to.join("review.html"),
                    page::brief::html(&review, &formatter).unwrap().as_bytes(),
                )
                .unwrap();
                eprintln!("{name} {language}: {:?}", clock.elapsed());
            }
        }
    }
}
