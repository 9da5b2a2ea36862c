//! One file made for each hazard of real exports, and the real exports where they are at hand.

use std::fmt::Write as _;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use rust_decimal::Decimal;

use super::{Act, Allowed, FileReport, Formats, IngestError, Mapping, Refunds, Role, formats};
use crate::action::Action;
use crate::history::row::{Level, Row};
use crate::language::{Explain, Language};
use crate::panel::PanelNote;
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::units::Currency;

fn all() -> Formats {
    formats(&Reference::default()).unwrap()
}

fn read_path(path: &Path, map: Option<&Mapping>) -> Result<(FileReport, Vec<Row>), IngestError> {
    let mut rows = Vec::new();
    let report = all().read(path, map, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((report, rows))
}

fn read_as(
    name: &str,
    bytes: &[u8],
    map: Option<&Mapping>,
) -> Result<(FileReport, Vec<Row>), IngestError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_path(&path, map)
}

fn read(text: &str) -> (FileReport, Vec<Row>) {
    read_as("export.csv", text.as_bytes(), None).unwrap()
}

fn fails(text: &str) -> IngestError {
    read_as("export.csv", text.as_bytes(), None).unwrap_err()
}

fn map(text: &str) -> Mapping {
    Mapping::parse(Path::new("map.toml"), text).unwrap()
}

#[allow(clippy::unnecessary_wraps, reason = "rows hold amounts that may be absent")]
fn money(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

fn spend(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.spend.unwrap().to_string()).collect()
}

const META: &str = "Reporting starts,Reporting ends,Campaign name,Ad set name,Amount spent (EUR),Impressions,Reach,Link clicks,Post shares\n";

#[test]
fn every_shipped_format_loads_and_none_answers_to_another_ones_headers() {
    let formats = all();
    assert!(formats.names().count() >= 20);
    for format in &formats.known {
        for (key, places) in &format.keys {
            assert_eq!(places.len(), 1, "{}: `{key}` stands for two columns", format.name);
        }
    }
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    let text = format!("{META}2026-01-01,2026-01-31,C,S,12.233571428571,100,90,,2\n");
    let (plain, rows) = read(&text);
    let (marked, same) = read_as("a.csv", format!("\u{feff}{text}").as_bytes(), None).unwrap();
    assert_eq!(rows, same);
    assert_ne!(plain.fingerprint, marked.fingerprint);
    assert_eq!(rows[0].spend, money("12.233571428571"));
    assert_eq!(rows[0].currency, Some(Currency::EUR));
    assert_eq!(rows[0].level, Level::AdSet);
    assert_eq!(rows[0].get(Attribute::Network), Some("meta"));
    assert_eq!(rows[0].period, Some((date(2026, 1, 1), date(2026, 1, 31))));
    // Meta leaves zeros empty, so an empty count is a zero and an absent column is nothing.
    assert_eq!(rows[0].actions.get(Action::LinkClicks), Some(0.0));
    assert_eq!(rows[0].actions.get(Action::Saves), None);
}

const LINKEDIN: &str = "Campaign Performance Report (in UTC)\n\
\"Report Start: October 1, 2024, 12:00 AM\"\n\
\"Report End: October 29, 2024, 11:59 PM\"\n\
\"Date Generated: November 19, 2024, 3:22 PM\"\n\n\
Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group Name\tCampaign ID\tCampaign Name\tAd Introduction Text\tTotal Spent\tImpressions\tClicks\tReactions\tComments\tShares\tFollows\n\
10/1/2024\tSuper\tEUR\tÉté\t123\tJeunes\t\"Deux\nlignes, et \"\"guillemets\"\"\"\t\"1,234.50\"\t\"10,000\"\t50\t4\t2\t1\t0\n\
10/2/2024\tSuper\tEUR\tÉté\t123\tJeunes\tx\t1.25\t20\t0\t0\t0\t0\t3\n";

#[test]
fn utf_16_with_a_preamble_and_cells_of_several_lines() {
    for encode in [u16::to_le_bytes, u16::to_be_bytes] {
        let mut bytes: Vec<u8> = encode(0xfeff).to_vec();
        bytes.extend(LINKEDIN.encode_utf16().flat_map(encode));
        let (report, rows) = read_as("linkedin.csv", &bytes, None).unwrap();
        assert_eq!(report.format, "linkedin-ads");
        assert_eq!((report.rows_read, report.rows_ignored, report.rows_rejected), (2, 4, 0));
        assert_eq!(spend(&rows), ["1234.50", "1.25"]);
        assert_eq!((rows[0].line, rows[1].line), (7, 9));
        assert_eq!(rows[0].period, Some((date(2024, 10, 1), date(2024, 10, 1))));
        // LinkedIn's campaign is what others call an ad set.
        assert_eq!(rows[0].get(Attribute::AdSet), Some("Jeunes"));
        assert_eq!(rows[0].get(Attribute::Campaign), Some("Été"));
        assert_eq!(rows[0].ids[1].as_deref(), Some("123"));
    }
}

#[test]
fn a_utf_16_file_cut_in_the_middle_of_a_character_ends_once() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(LINKEDIN.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.push(b'x');
    let (report, rows) = read_as("cut.csv", &bytes, None).unwrap();
    assert_eq!((rows.len(), report.rows_rejected), (2, 1), "{:?}", report.findings);
}

#[test]
fn a_lone_start_is_the_whole_report_when_all_rows_share_it() {
    let one_line = LINKEDIN.lines().filter(|line| !line.starts_with("10/2")).collect::<Vec<_>>();
    let (_, rows) = read_as("l.csv", one_line.join("\n").as_bytes(), None).unwrap();
    assert_eq!(rows[0].period, Some((date(2024, 10, 1), date(2024, 10, 29))));
}

#[test]
fn mojibake_in_headers_and_names_is_put_right() {
    let (report, rows) = read(
        "DÃ©but des rapports,Fin des rapports,Nom de la campagne,Montant dÃ©pensÃ© (EUR),Impressions\n\
         2026-01-01,2026-01-31,RentrÃ©e,5.5,10\n",
    );
    assert_eq!(report.totals.spend, money("5.5"));
    assert_eq!(rows[0].get(Attribute::Campaign), Some("Rentrée"));
}

#[test]
fn windows_1252_is_decoded() {
    let (text, _, _) = encoding_rs::WINDOWS_1252.encode(
        "Début des rapports;Fin des rapports;Nom de la campagne;Montant dépensé (EUR);Impressions\n\
         01/02/2026;28/02/2026;Éclair – été;1 234,56;10\n",
    );
    let (_, rows) = read_as("a.csv", &text, None).unwrap();
    assert_eq!(rows[0].get(Attribute::Campaign), Some("Éclair – été"));
    assert_eq!(rows[0].spend, money("1234.56"));
    assert_eq!(rows[0].period, Some((date(2026, 2, 1), date(2026, 2, 28))));
}

#[test]
fn carriage_returns_alone_end_lines() {
    let text = format!(
        "{META}2026-01-01,2026-01-31,C,S,1,100,90,,2\n2026-01-01,2026-01-31,C,\"T\nU\",2,100,90,,-4\n"
    );
    let (report, rows) = read(&text.replace('\n', "\r"));
    assert_eq!((rows.len(), report.rows_rejected), (1, 1));
    assert_eq!(report.findings[0].line, 3);
    let (crlf, _) = read(&text.replace('\n', "\r\n"));
    assert_eq!(crlf.findings, report.findings);
}

#[test]
fn lines_are_counted_over_blank_lines_and_cells_of_several_lines() {
    let text = format!(
        "\n\n{META}\n2026-01-01,2026-01-31,C,\"a\n\nb\",1,1,1,,\n\n2026-01-01,2026-01-31,C,S,x,1,1,,\n"
    );
    let (report, rows) = read(&text);
    assert_eq!(rows[0].line, 5);
    assert_eq!((report.findings[0].line, report.findings[0].found.as_str()), (9, "x"));
    assert_eq!(report.findings[0].column, "Amount spent (EUR)");
    assert_eq!(report.findings[0].allowed, Allowed::Number);
}

#[test]
fn a_total_under_the_header_is_ignored_and_compared() {
    let body = "2026-01-01,2026-01-31,C,S,10.25,100,90,,2\n2026-01-01,2026-01-31,C,T,5,50,40,,2\n";
    let (report, rows) = read(&format!("{META}2026-01-01,2026-01-31,,,15.25,150,110,4,4\n{body}"));
    assert_eq!((rows.len(), report.rows_ignored, report.rows_read), (2, 1, 2));
    assert_eq!(report.declared.unwrap().spend, money("15.25"));
    assert!(!report.needs_a_person(), "{:?}", report.findings);
    let (report, _) = read(&format!("{META}2026-01-01,2026-01-31,,0,20,150,110,4,4\n{body}"));
    let finding = &report.findings[0];
    assert_eq!((finding.action, finding.found.as_str()), (Act::Check, "20"));
    assert_eq!(finding.allowed, Allowed::Sum("15.25".into()));
    assert_eq!(finding.line, 2, "where the total stands");
}

const TIKTOK: &str = "Campaign name,Audience,Cost,Currency,Impressions,CPM,Clicks (destination),Paid likes,Paid comments,Paid shares\n";

#[test]
fn totals_at_the_bottom_and_masked_counts() {
    let (report, rows) = read(&format!(
        "{TIKTOK}A,18-24 - Male,£1.23,GBP,\"1,000\",1.23%,3,<5,--,7\n\
         A,England,GBP 2.00,GBP,<5,—,N/A,< 5,,1\nTotal of 2 results,,3.23,GBP,\"1,004\",,,,,\n"
    ));
    assert_eq!(report.format, "tiktok-ads");
    assert_eq!((report.rows_ignored, report.rows_rejected), (1, 0), "{:?}", report.findings);
    assert_eq!(spend(&rows), ["1.23", "2.00"]);
    assert_eq!(rows[0].censored, [Action::Reactions]);
    assert_eq!(rows[0].actions.get(Action::Reactions), Some(5.0));
    assert_eq!(rows[0].actions.get(Action::Comments), None);
    assert_eq!(rows[0].get(Attribute::Age), Some("18-24"));
    assert_eq!(rows[0].get(Attribute::Gender), Some("male"));
    assert_eq!(rows[0].breakdowns, [Attribute::Age, Attribute::Gender]);
    assert_eq!(rows[1].get(Attribute::Interest), Some("England"));
    // A masked count of impressions has no place in a row; the line is kept, and said.
    assert_eq!(rows[1].impressions, None);
    let noted = report.findings.iter().find(|f| f.action == Act::Noted).unwrap();
    assert_eq!((noted.line, noted.found.as_str()), (3, "<5"));
    assert_eq!(report.totals.actions.get(Action::Reactions), None, "limits are no counts");
}

#[test]
fn a_campaign_called_total_something_is_no_total() {
    let (report, rows) = read(&format!("{TIKTOK}Total Energies,18-24 - Male,1,EUR,10,1,1,1,1,1\n"));
    assert_eq!((rows.len(), report.rows_ignored), (1, 0));
}

#[test]
fn duplicated_headers_are_read_once() {
    let (report, rows) = read(
        "Campaign name,Text,Ad name,Age,Gender,Campaign name,Amount spent (USD),Impressions,Reporting starts,Reporting ends\n\
         A,t,n,18-24,unknown,A,1,2,2021-11-15,2022-01-31\n",
    );
    assert_eq!(report.columns[5].role, Role::Duplicate("campaign".into()));
    assert_eq!(rows[0].breakdowns, [Attribute::Age, Attribute::Gender, Attribute::Creative]);
    assert_eq!(rows[0].level, Level::Ad);
    assert_eq!(report.totals.spend, money("1"));
}

#[test]
fn no_break_spaces_and_curly_apostrophes_in_headers() {
    let (report, rows) = read(
        "Début des rapports,Fin des rapports,Nom de la campagne,Plateforme,Couverture,Impressions,CPM (Coût pour 1\u{a0}000 impressions) (USD),J’aime sur Facebook,Followers sur Instagram\n\
         2023-03-23,2026-04-22,A,Instagram,100,45849,0.330378,3.0,4\n",
    );
    // No spend column: CPM × impressions / 1000.
    assert_eq!(rows[0].spend, money("15.147500922"));
    assert_eq!(rows[0].currency, "USD".parse().ok());
    assert_eq!(rows[0].get(Attribute::Network), Some("instagram"));
    assert_eq!(rows[0].breakdowns, [Attribute::Network]);
    assert_eq!(rows[0].actions.get(Action::Follows), Some(7.0), "two columns of one thing");
    assert_eq!(report.rows_rejected, 0);
}

#[test]
fn french_amounts_and_days() {
    let (_, rows) = read(
        "Jour;Nom de la campagne;Montant dépensé (EUR);Impressions;Partages de publications\n\
         13/04/2026;A;1\u{202f}234,56 €;12\u{a0}345;\n02/04/2026;A;12;1.234;3\n",
    );
    assert_eq!(spend(&rows), ["1234.56", "12"]);
    assert_eq!(rows[0].impressions, Some(12345.0));
    assert_eq!(rows[1].impressions, Some(1234.0));
    assert_eq!(rows[1].period, Some((date(2026, 4, 2), date(2026, 4, 2))));
}

#[test]
fn a_number_in_the_other_convention_is_reported_not_guessed() {
    let (report, _) = read(
        "Day,Campaign name,Amount spent (EUR),Impressions\n2026-01-01,A,12.25,10\n2026-01-02,A,3.5,10\n2026-01-03,A,\"3,5\",10\n",
    );
    assert_eq!(report.rows_rejected, 1);
    assert_eq!((report.findings[0].line, report.findings[0].found.as_str()), (4, "3,5"));
}

#[test]
fn day_and_month_are_told_apart_by_the_whole_column() {
    let header = "Day,Campaign name,Amount spent (EUR),Impressions\n";
    let (_, rows) = read(&format!("{header}03/04/2026,A,1,1\n04/13/2026,A,1,1\n"));
    assert_eq!(rows[0].period.unwrap().0, date(2026, 3, 4));
    let (_, rows) = read(&format!("{header}03/04/2026,A,1,1\n13/04/2026,A,1,1\n"));
    assert_eq!(rows[0].period.unwrap().0, date(2026, 4, 3));
    let many = "01/01/2026,A,1.5,1\n".repeat(900);
    let (_, rows) = read(&format!("{header}{many}02/01/2026,A,1,1\n01/31/2026,A,1,1\n"));
    assert_eq!(rows[900].period.unwrap().0, date(2026, 2, 1), "the last line decides");
    let error = fails(&format!("{header}03/04/2026,A,1,1\n05/04/2026,A,1,1\n"));
    assert!(matches!(&error, IngestError::Dates { line: 2, found, .. } if found == "03/04/2026"));
    let said = Mapping::default().with_dates("dmy").unwrap();
    let text = format!("{header}03/04/2026,A,1,1\n");
    let (_, rows) = read_as("a.csv", text.as_bytes(), Some(&said)).unwrap();
    assert_eq!(rows[0].period.unwrap().0, date(2026, 4, 3));
}

#[test]
fn exports_of_today_are_read_by_their_words() {
    let sums = |text: &str| {
        let (report, rows) = read(text);
        let sum = |kind: Action| rows.iter().filter_map(|row| row.actions.get(kind)).sum::<f64>();
        let kinds = [Action::Shares, Action::Comments, Action::Saves, Action::LinkClicks];
        let days: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        (report.format, kinds.map(sum), days)
    };
    // Business Suite in French: the day comes first.
    let french = "Identifiant de la publication,Nom de la Page,Titre,Heure de publication,Type de publication,\
        Vues,Couverture,Réactions,Commentaires,Partages,Total des clics,Clics sur un lien\n\
        7,Région,Bourses,02/03/2026 09:00,Photos,500,400,12,4,3,9,5\n";
    let (format, counts, days) = sums(french);
    assert_eq!((format.as_str(), counts), ("meta-posts", [3.0, 4.0, 0.0, 5.0]));
    assert!(days[0].contains("2026-03-02"), "{days:?}");
    // A story has replies where a post has comments.
    let story = "Post ID,Account name,Publish time,Post type,Views,Reach,Likes,Shares,Replies,Link clicks,Navigation\n\
        1,region,03/02/2026 19:00,IG story,310,260,41,5,26,12,290\n";
    assert_eq!(sums(story).1, [5.0, 26.0, 0.0, 12.0]);
    // X since 2024: weekdays, reposts beside what the share button sent on; an unfollow is no follow.
    let posts = "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,\
        Replies,Reposts,Profile visits,Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks\n\
        9,\"Tue, Feb 18, 2025\",Portes ouvertes,https://x.com/r/status/9,700,30,52,3,2,1,4,9,5,6,11,0,0\n";
    let (format, counts, days) = sums(posts);
    assert_eq!((format.as_str(), counts), ("x-analytics-posts", [11.0, 4.0, 3.0, 11.0]));
    assert!(days[0].contains("2025-02-18"), "{days:?}");
    // Rows of the API: nothing that stands in the file is called absent.
    let api = "campaign_name,adset_name,impressions,clicks,spend,date_start,date_stop,age,inline_link_clicks,account_currency\n\
        C,A,1180,21,33.78,2026-03-02,2026-03-08,18-24,12,EUR\n";
    let (report, rows) = read(api);
    assert_eq!((report.format.as_str(), rows.len()), ("meta-api", 1));
    assert_eq!(rows[0].currency, Some(Currency::EUR));
    assert!(format!("{rows:?}").contains("2026-03-08"), "{rows:?}");
    // Google Ads in French.
    let google = "Rapport sur les campagnes\n1 janv. 2026 - 28 févr. 2026\n\
        Campagne,Code de la devise,Coût,Impr.,Clics\nA,CHF,\"12,50\",\"1 000\",20\n";
    assert_eq!(read(google).1[0].currency.map(|own| own.code().to_owned()).as_deref(), Some("CHF"));
}

#[test]
fn micro_currency_is_scaled_exactly() {
    let (report, rows) = read(
        "account_id,campaign_id,date,placement,billed_charge_local_micro,impressions,clicks,likes,replies,retweets,url_clicks\n\
         a,c,2022-05-20 07:00:00,ALL_ON_TWITTER,1371662,13,1,1,0,2,1\n",
    );
    assert_eq!(report.format, "connector-x");
    assert_eq!(rows[0].spend, money("1.371662"));
    assert_eq!(rows[0].actions.get(Action::Shares), Some(2.0));
}

#[test]
fn an_end_that_is_ongoing_is_a_schedule_not_a_window() {
    let (_, rows) = read(
        "Reporting starts,Reporting ends,Ad name,Ad delivery,Amount spent (USD),Ends,Quality ranking,Impressions\n\
         2025-01-01,2025-07-31,駐妻,active,1657.75,Ongoing,-,237994\n",
    );
    assert_eq!(rows[0].period, Some((date(2025, 1, 1), date(2025, 7, 31))));
    assert_eq!(rows[0].get(Attribute::Ad), Some("駐妻"));
}

#[test]
fn the_same_name_with_two_ids_stays_two() {
    let (_, rows) = read(
        "Day,Campaign name,Campaign ID,Ad set name,Ad set ID,Amount spent (EUR),Impressions\n\
         2026-01-01,A,11,S,21,1,1\n2026-01-01,A,12,S,22,1,1\n2026-01-01,A,12,S,\"2,38E+16\",1,1\n",
    );
    assert_ne!(rows[0].ids, rows[1].ids);
    assert_eq!(rows[1].ids[1].as_deref(), Some("22"));
    assert_eq!(rows[2].ids[1], None, "an id that a spreadsheet rounded tells nothing");
}

#[test]
fn damaged_rows_are_reported_one_by_one_with_all_that_is_wrong() {
    let (report, rows) = read(&format!(
        "{META}2026-02-30,2026-01-31,C,S,-1,100,90,,2\n2026-01-31,2026-01-01,C,S,1,1.5,90,,2\n\
         2026-01-01,2026-01-31,C,S,1,100\n2026-01-01,2026-01-31,C,S,1,100,90,,2,9\n2026-01-01,2026-01-31,C,S,1,100,90,,2,\n"
    ));
    assert_eq!((report.rows_read, report.rows_rejected, rows.len()), (5, 4, 1));
    let found: Vec<(u64, &str, &str)> =
        report.findings.iter().map(|f| (f.line, f.column.as_str(), f.found.as_str())).collect();
    assert_eq!(
        found,
        [
            (2, "Reporting starts", "2026-02-30"),
            (3, "Reporting ends", "2026-01-01"),
            (3, "Impressions", "1.5"),
            (4, "", "6"),
            (5, "", "10"),
        ]
    );
    assert_eq!(report.findings[3].allowed, Allowed::Cells(9));
    assert_eq!(report.findings[1].allowed, Allowed::EndAfterStart);
}

#[test]
fn money_given_back_is_taken_off_and_told_with_its_lines() {
    let (report, rows) = read(
        "Day,Campaign name,Amount spent (EUR),Impressions,Link clicks\n\
         2026-03-02,Bourse,120.00,20000,200\n2026-03-03,Bourse,-15.50,0,0\n\
         2026-03-04,Bourse,110.00,19000,190\n",
    );
    assert_eq!((rows.len(), report.rows_rejected), (3, 0));
    assert_eq!((rows[1].spend, report.totals.spend), (money("-15.50"), money("214.50")));
    let told = Refunds { rows: 1, spend: "-15.50".parse().unwrap(), lines: vec![3] };
    assert_eq!((report.refunds, &report.findings[..]), (told, &[][..]));
}

#[test]
fn money_given_back_is_read_in_every_form_of_a_minus() {
    for form in [
        "-15.50",
        "−15.50",
        "–15.50",
        "(15.50)",
        "15.50-",
        "15.50 −",
        "-€15.50",
        "€-15.50",
        "€(15.50)",
        "-15.50 €",
        "(15.50 €)",
        "EUR -15.50",
        "-15.50 EUR",
        "\"-15,50 €\"",
    ] {
        let mark = if form.contains(',') { "\"120,00\"" } else { "120.00" };
        let (report, rows) = read(&format!(
            "Day,Campaign name,Amount spent (EUR),Impressions\n\
             2026-03-02,Bourse,{mark},20000\n2026-03-03,Bourse,{form},0\n"
        ));
        assert_eq!(
            rows.get(1).and_then(|row| row.spend),
            money("-15.50"),
            "{form} {:?}",
            report.findings
        );
        assert_eq!(report.totals.spend, money("104.50"), "{form}");
    }
}

#[test]
fn counts_are_taken_back_with_money_only_and_people_never() {
    let (report, rows) = read(
        "Day,Campaign name,Amount spent (EUR),Impressions,Reach,Link clicks\n\
         2026-03-02,A,120,20000,9000,200\n2026-03-03,A,-15.50,-1000,,-10\n\
         2026-03-04,A,10,-5,,1\n2026-03-05,A,0,0,,-1\n2026-03-06,A,-1,0,-3,0\n",
    );
    assert_eq!((rows.len(), report.rows_rejected), (2, 3));
    assert_eq!(rows[1].impressions, Some(-1000.0));
    assert_eq!(report.totals.impressions, Some(19000.0));
    let found: Vec<(u64, &str, &Allowed)> =
        report.findings.iter().map(|f| (f.line, f.found.as_str(), &f.allowed)).collect();
    assert_eq!(
        found,
        [(4, "-5", &Allowed::Counted), (5, "-1", &Allowed::Counted), (6, "-3", &Allowed::Whole)]
    );
}

#[test]
fn more_money_given_back_than_spent_is_for_a_person_to_look_at() {
    let (report, rows) = read(
        "Day,Campaign name,Amount spent (EUR),Impressions\n\
         2026-03-02,Bourse,-120.00,20000\n2026-03-03,Bourse,15.50,10\n",
    );
    assert_eq!((rows.len(), report.needs_a_person()), (2, true));
    let finding = &report.findings[0];
    assert_eq!((finding.line, finding.column.as_str()), (2, "Amount spent (EUR)"));
    assert_eq!((finding.found.as_str(), &finding.allowed), ("-104.5", &Allowed::SpentInAll));
}

#[test]
fn a_files_own_total_is_compared_with_refunds_taken_off() {
    let file = |total: &str| {
        format!(
            "Day,Campaign name,Amount spent (EUR),Impressions\n,,{total},20010\n\
             2026-03-02,Bourse,120.00,20000\n2026-03-03,Bourse,-15.50,10\n"
        )
    };
    assert_eq!(read(&file("104.50")).0.findings, []);
    assert_eq!(read(&file("120.00")).0.findings[0].allowed, Allowed::Sum("104.5".to_owned()));
}

#[test]
fn a_post_since_its_publication_and_by_day_are_two_grains() {
    let posts = |dates: &[&str]| {
        let mut text =
            "Post ID,Page name,Title,Publish time,Post type,Date,Views,Shares\n".to_owned();
        for date in dates {
            let _ = writeln!(text, "1001,Region,T,03/02/2026 09:00,Photos,{date},5000,30");
        }
        read(&text)
    };
    let (report, rows) = posts(&["Lifetime", "03/02/2026", "03/19/2026", "", "À vie"]);
    assert_eq!((report.format.as_str(), report.rows_rejected), ("meta-posts", 0));
    let found: Vec<(bool, i8)> =
        rows.iter().map(|row| (row.lifetime, row.period.unwrap().0.day())).collect();
    assert_eq!(found, [(true, 2), (false, 2), (false, 19), (true, 2), (true, 2)]);
    let (report, rows) = posts(&["some day"]);
    assert_eq!((rows.len(), report.findings[0].column.as_str()), (0, "Date"));
    assert_eq!(report.findings[0].allowed, Allowed::Day);
    // Files without a column of days count since publication.
    let (_, rows) = read("Post ID,Title,Publish time,Views,Shares\n1001,T,03/19/2026 09:00,50,3\n");
    assert!(rows[0].lifetime && rows[0].period.unwrap().0 == date(2026, 3, 19));
}

#[test]
fn a_file_cut_inside_a_quoted_cell_says_so() {
    let (report, rows) = read(&format!(
        "{META}2026-01-01,2026-01-31,C,S,1,100,90,,2\n2026-01-01,2026-01-31,C,\"S\nmore"
    ));
    assert_eq!((rows.len(), report.rows_rejected), (1, 1));
    assert_eq!(report.findings[0].allowed, Allowed::ClosedQuote);
    assert_eq!(report.findings[0].line, 3, "where the line begins that is cut");
    let (report, _) =
        read(&format!("{META}2026-01-01,2026-01-31,C,S,x,100,90,,2\n\n\n2026-01-01,\"S\n\n"));
    let lines: Vec<u64> = report.findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [2, 5]);
}

#[test]
fn whole_files_are_refused_with_the_reason() {
    assert!(matches!(fails("hello\nworld\n"), IngestError::Unknown { .. }));
    assert!(matches!(fails(""), IngestError::NotATable { .. }));
    assert!(matches!(fails("a\0b,c\n"), IngestError::NotATable { .. }));
    let error = fails(
        "Reporting starts,Reporting ends,Campaign name,Impressions,Reach\n2026-01-01,2026-01-31,C,1,1\n",
    );
    assert!(matches!(&error, IngestError::NoSpend { headers, .. } if headers.len() == 5));
    let error = fails(&format!("{META}2026-01-01;2026-01-31;C;S;1;100;90;;2\n"));
    assert!(matches!(error, IngestError::Delimiter { header: ',', lines: ';', .. }));
    let error = fails(
        "Day,Campaign name,Amount spent,Currency,Impressions\n2026-01-01,A,1,EUR,1\n2026-01-02,A,1,USD,1\n",
    );
    assert!(matches!(error, IngestError::Currencies { line: 3, .. }));
    let error = fails(
        "Day,Campaign name,Amount spent (EUR),\"CPM (cost per 1,000 impressions) (USD)\",Impressions\n2026-01-01,A,1,1,1\n",
    );
    assert!(matches!(error, IngestError::Currencies { line: 1, .. }));
    let error = read_path(Path::new("/no/such.csv"), None).unwrap_err();
    assert!(matches!(error, IngestError::Missing(_)));
}

#[test]
fn signs_that_contradict_the_currency_of_their_line_are_bad_cells() {
    let head = "Day,Campaign name,Amount spent,Currency,Impressions,Link clicks\n";
    for bad in ["$5", "5 USD", "US$5", "£5", "5 kr", "5%", "5 % €", "CHF 5"] {
        let (report, rows) = read(&format!(
            "{head}2026-01-01,A,\"€4,00\",EUR,1,1\n2026-01-02,B,{bad},EUR,1,1\n2026-01-03,C,\"6,10\",EUR,1,1\n"
        ));
        assert_eq!((rows.len(), report.rows_rejected), (2, 1), "{bad}");
        let found = &report.findings[0];
        assert_eq!((found.line, found.found.as_str()), (3, bad));
        let told = found.allowed.tell(Language::En);
        assert!(bad.contains('%') || told.contains("EUR"), "{bad}: {told}");
    }
    // A sign that several currencies share stands beside any of them, and names none.
    for (sign, code) in [("$", "USD"), ("$", "CAD"), ("$", "MXN"), ("¥", "JPY"), ("kr", "SEK")] {
        let (report, rows) = read(&format!("{head}2026-01-01,A,{sign}5,{code},1,1\n"));
        assert_eq!((rows.len(), report.rows_rejected), (1, 0), "{sign}");
        assert_eq!(rows[0].currency, code.parse().ok());
    }
    let head = "Day,Campaign name,Amount spent,Impressions,Link clicks\n";
    let (report, rows) = read(&format!("{head}2026-01-01,A,$5,1,1\n2026-01-02,A,€5,1,1\n"));
    assert_eq!((rows.len(), report.rows_rejected, report.currency), (1, 1, None));
    let (report, _) = read(&format!("{head}2026-01-01,A,5 EUR,1,€5\n2026-01-02,A,5 EUR,1,5%\n"));
    assert_eq!((report.rows_rejected, report.currency), (2, Some(Currency::EUR)));
    assert_eq!(report.findings[0].allowed, Allowed::Whole);
}

#[test]
fn nearest_formats_are_shown_with_what_matched_and_what_lacks() {
    let IngestError::Unknown { nearest, header, .. } = fails("Spend,Tulips,Campaign\n1,2,x\n")
    else {
        panic!("expected no format");
    };
    assert_eq!(header, ["Spend", "Tulips", "Campaign"]);
    assert!(!nearest.is_empty() && nearest.iter().all(|e| !e.lacking.is_empty()), "{nearest:?}");
}

#[test]
fn two_fitting_formats_are_a_question_and_a_name_answers_it() {
    let text = "Date,Campaign name,Amount spent,Impressions,Spend in account currency,Clicks\n2026-01-01,A,1,1,1,1\n";
    let IngestError::Ambiguous { fitting, .. } = fails(text) else { panic!("expected a question") };
    let names: Vec<&str> = fitting.iter().map(|e| e.format.as_str()).collect();
    assert_eq!(names, ["meta-ads", "pinterest-ads"]);
    let answer = Mapping::default().with_format("pinterest-ads");
    let (report, _) = read_as("a.csv", text.as_bytes(), Some(&answer)).unwrap();
    assert_eq!(report.format, "pinterest-ads");
    let wrong = Mapping::default().with_format("tulips");
    let error = read_as("a.csv", text.as_bytes(), Some(&wrong)).unwrap_err();
    assert!(matches!(error, IngestError::NoSuchFormat { .. }));
}

#[test]
fn columns_that_identify_persons_are_refused() {
    let (report, rows) =
        read("day,campaign,spend,shares,E-mail,User ID\n2026-01-01,A,1,2,a@b.fr,77\n");
    assert_eq!(report.columns[4].role, Role::Personal("email".into()));
    assert_eq!(report.columns[4].example, "");
    assert_eq!(report.findings.len(), 2);
    assert!(!format!("{rows:?}{report:?}").contains("a@b.fr"));
    let map = map("network = 'x'\norganic = true\n[columns]\n'E-mail' = 'ad'\n'n' = 'shares'\n");
    let error = read_as("a.csv", b"E-mail,n\na@b.fr,1\n", Some(&map)).unwrap_err();
    assert!(matches!(error, IngestError::Personal { .. }));
    // A map that leaves one aside shows nothing of it either.
    let own = "network = 'x'\norganic = true\n[columns]\n'E-mail' = 'ignore'\n'n' = 'shares'\n";
    let map = Mapping::parse(Path::new("m.toml"), own).unwrap();
    let (report, _) = read_as("a.csv", b"E-mail,n\na@b.fr,1\n", Some(&map)).unwrap();
    assert_eq!((report.columns.len(), report.map.is_empty()), (2, false));
    assert!(!format!("{report:?}").contains("a@b.fr"));
}

#[test]
fn formulas_stay_text() {
    let (_, rows) =
        read("day,campaign,spend,shares\n2026-01-01,\"=HYPERLINK(\"\"http://x\"\")\",1,2\n");
    assert_eq!(rows[0].get(Attribute::Campaign), Some("=HYPERLINK(\"http://x\")"));
}

#[test]
fn a_generic_file_needs_only_spend_and_one_action() {
    let (report, rows) = read("spend,saves\n1.5,\n2,3\n");
    assert_eq!(report.format, "generic");
    assert_eq!(rows[0].actions.get(Action::Saves), None, "empty is not reported");
    assert_eq!(rows[0].level, Level::Account);
    assert_eq!(rows[0].period, None);
    assert_eq!(report.totals.spend, money("3.5"));
    let (report, rows) = read(
        "network,ad_set,start,end,age,territory,currency,spend,impressions,shares\n\
         Twitter,S,2026-01-05,2026-01-11,18 à 24 ans,Occitanie,EUR,1,100,2\n",
    );
    assert_eq!(rows[0].get(Attribute::Network), Some("x"));
    assert_eq!(rows[0].get(Attribute::Territory), Some("REG-76"));
    assert!(rows[0].breakdowns.is_empty(), "a planner's own segments");
    assert_eq!(report.currency, Some(Currency::EUR));
}

#[test]
fn linkedin_demographics_are_read_block_by_block_without_counting_twice() {
    let (report, rows) = read(
        "Demographics Report\nReport Start: October 1, 2024\nReport End: October 29, 2024\n\n\
         Job Function Segment,Impressions,Clicks,CTR\nSales,\"1,000\",10,1.00%\nIT,200,-,-\n\n\
         Job Seniority Segment,Impressions,Clicks,CTR\nSenior,\"1,200\",11,0.9%\n\n\
         Location Segment,Impressions,Clicks,CTR\nOccitanie,700,5,0.7%\n",
    );
    assert_eq!(report.format, "linkedin-demographics");
    let interests: Vec<_> = rows.iter().filter_map(|r| r.get(Attribute::Interest)).collect();
    assert_eq!(interests, ["Sales", "IT"]);
    assert_eq!(rows[1].censored, [Action::Clicks]);
    assert_eq!(rows[2].get(Attribute::Territory), Some("REG-76"));
    assert_eq!(rows[2].breakdowns, [Attribute::Territory]);
    assert_eq!(rows[0].period, Some((date(2024, 10, 1), date(2024, 10, 29))));
    // 3 preamble lines, 2 further headers, 1 row of the second block of traits.
    assert_eq!((report.rows_read, report.rows_ignored), (3, 6));
    assert_eq!(report.findings[0].allowed, Allowed::OneBlock("interest".into()));
}

#[test]
fn names_fill_what_columns_leave_open() {
    let names = map("[names]\nad_set = '{topic} | {territory} | {age} | {format}'\n");
    let text = format!(
        "{META}2026-01-01,2026-01-31,C,Rentrée | Occitanie | 18-24 | video,1,100,90,,2\n\
         2026-01-01,2026-01-31,C,Divers,1,100,90,,2\n"
    );
    let (report, rows) = read_as("a.csv", text.as_bytes(), Some(&names)).unwrap();
    assert_eq!(report.format, "meta-ads");
    assert_eq!(rows[0].get(Attribute::Territory), Some("REG-76"));
    assert_eq!(rows[0].get(Attribute::Age), Some("18-24"));
    assert!(rows[0].breakdowns.is_empty(), "what a name says was bought");
    assert_eq!(report.names_without_attributes, Some((1, "Divers".into())));
}

#[test]
fn a_map_reads_what_no_format_knows() {
    let kag = map(include_str!("../../data/maps/kag-conversion.toml"));
    let text = "ad_id,xyz_campaign_id,fb_campaign_id,age,gender,interest,Impressions,Clicks,Spent,Total_Conversion,Approved_Conversion\r\
                708746,916,103916,30-34,M,15,7350,1,1.429999948,2,1\r";
    let (_, rows) = read_as("kag.csv", text.as_bytes(), Some(&kag)).unwrap();
    assert_eq!(rows[0].get(Attribute::Gender), Some("male"));
    assert_eq!(rows[0].ids[2].as_deref(), Some("708746"));
    let error = read_as("other.csv", b"ad_id,age,gender\n1,2,3\n", Some(&kag)).unwrap_err();
    assert!(matches!(&error, IngestError::LacksMapped { lacking, .. } if lacking.len() == 8));
    // The same map leaves files of known formats to their formats.
    let text = format!("{META}2026-01-01,2026-01-31,C,S,1,100,90,,2\n");
    assert_eq!(read_as("m.csv", text.as_bytes(), Some(&kag)).unwrap().0.format, "meta-ads");
}

#[test]
fn malformed_maps_name_what_is_wrong() {
    for (text, word) in [
        ("[columns]\n'a' = 'spent'", "did you mean `spend`"),
        ("[colums]\n", "colums"),
        ("[names]\nad_set = '{colour}'", "colour"),
        ("[units]\nspend = '0.1'", "without any column"),
        ("[columns]\n'a' = 'shares'\n[units]\nspend = '0.1'", "no column"),
    ] {
        let error = Mapping::parse(Path::new("m.toml"), text).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn every_shipped_map_is_well_formed() {
    let reference = Reference::default();
    let names = reference.list("maps");
    assert!(names.len() >= 7);
    for name in names {
        let text = reference.text(&format!("maps/{name}")).unwrap();
        Mapping::parse(Path::new(&name), &text).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

/// A workbook with one sheet of the given rows.
fn workbook(rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let (line, column) = (line as u32, column as u16);
            match cell {
                Cell::Text(text) => sheet.write_string(line, column, *text).unwrap(),
                Cell::Number(value) => sheet.write_number(line, column, *value).unwrap(),
                Cell::Day(day) => {
                    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
                    sheet.write_number_with_format(line, column, *day, &format).unwrap()
                }
                Cell::Formula(text) => sheet
                    .write_formula(
                        line,
                        column,
                        rust_xlsxwriter::Formula::new(*text).set_result("7"),
                    )
                    .unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

enum Cell {
    Text(&'static str),
    Number(f64),
    Day(f64),
    Formula(&'static str),
}

#[test]
fn workbooks_with_dates_as_text_as_numbers_and_as_dates() {
    let header = [
        "Début des rapports",
        "Fin des rapports",
        "Nom de la campagne",
        "Montant dépensé (EUR)",
        "Impressions",
    ];
    let bytes = workbook(&[
        header.map(Cell::Text).into(),
        vec![
            Cell::Text("2026-01-01"),
            Cell::Text("2026-01-31"),
            Cell::Text("A"),
            Cell::Number(12.34),
            Cell::Formula("=3+4"),
        ],
        vec![
            Cell::Day(46023.0),
            Cell::Number(46053.0),
            Cell::Text("=B"),
            Cell::Text("1,5"),
            Cell::Number(0.0),
        ],
    ]);
    let (report, rows) = read_as("export.xlsx", &bytes, None).unwrap();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.findings);
    assert_eq!(spend(&rows), ["12.34", "1.5"]);
    assert_eq!(rows[0].impressions, Some(7.0), "a formula's stored result");
    assert_eq!(rows[0].period, rows[1].period);
    assert_eq!(rows[1].get(Attribute::Campaign), Some("=B"));
    assert_eq!((rows[0].line, rows[1].line), (2, 3));
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("xl/sharedStrings.xml", options).unwrap();
    let chunk = vec![b'<'; 1 << 20];
    for _ in 0..140 {
        zip.write_all(&chunk).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20, "a bomb is small outside");
    let error = read_as("bomb.xlsx", &bytes, None).unwrap_err();
    assert!(matches!(error, IngestError::TooLarge { .. }), "{error}");
    let error = read_as("not.xlsx", b"PK\x03\x04 nothing more", None).unwrap_err();
    assert!(matches!(error, IngestError::Workbook { .. }), "{error}");
}

#[test]
fn a_workbook_that_lies_about_its_texts_is_refused_before_room_is_made_for_them() {
    for (told, is_refused) in [("4294967295", true), ("18446744073709551615", true), ("1", false)] {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("xl/SharedStrings.xml", options).unwrap();
        let head = format!("<?xml version=\"1.0\"?><!-- {} -->", "x".repeat(100_000));
        let text = format!("{head}<s:sst count='2' uniqueCount='{told}'><s:si/></s:sst>");
        zip.write_all(text.as_bytes()).unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        let error = read_as("texts.xlsx", &bytes, None).unwrap_err();
        let is_too_large = matches!(error, IngestError::TooLarge { .. });
        assert_eq!(is_too_large, is_refused, "{told}: {error}");
    }
}

#[test]
fn a_failed_formula_is_no_amount_and_no_number_is_beyond_what_sums_can_hold() {
    for found in ["#DIV/0!", "#N/A", "NaN", "79228162514264337593543950335", "1000000000000001"] {
        let text = format!("{META}2026-01-01,2026-01-31,C,{found}\n");
        let (report, _) = read_as("export.csv", text.as_bytes(), None).unwrap();
        assert_eq!(report.rows_rejected, 1, "{found}: {report:?}");
    }
}

#[test]
fn a_count_that_could_not_be_calculated_is_not_reported_and_told_with_its_line() {
    let text = format!(
        "{META}2026-01-01,2026-01-31,C,S,1.5,100,90,#DIV/0!,\n\
         2026-02-01,2026-02-28,C,S,2.5,NaN,80,#REF!,3\n2026-03-01,2026-03-31,C,S,3,50,40,=B2/C2,\n"
    );
    let (report, rows) = read(&text);
    assert_eq!((rows.len(), report.rows_rejected), (3, 0), "{:?}", report.findings);
    assert_eq!(rows[1].impressions, None);
    // Neither a zero, as an empty cell of this column is.
    assert_eq!(rows[0].actions.get(Action::LinkClicks), None);
    assert_eq!(rows[0].actions.get(Action::Shares), Some(0.0));
    let told: Vec<_> = (report.findings.iter())
        .map(|own| (own.line, own.column.as_str(), own.found.as_str(), own.allowed.clone()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "Impressions", "NaN", Allowed::Calculated(1)),
            (2, "Link clicks", "#DIV/0!", Allowed::Calculated(3)),
        ]
    );
    assert!(report.needs_a_person());
    for language in [Language::En, Language::Fr] {
        assert!(told[1].3.tell(language).contains('3'), "{}", told[1].3.tell(language));
    }
    // A price that spend follows from is money.
    let text = "Début des rapports,Fin des rapports,Nom de la campagne,Impressions,Couverture,CPM (Coût pour 1 000 impressions) (EUR)\n2026-01-01,2026-01-31,C,100,90,#DIV/0!\n";
    let (report, _) = read(text);
    assert_eq!(report.rows_rejected, 1, "{report:?}");
}

#[test]
fn a_formula_without_its_result_is_no_amount_and_no_silent_count() {
    let sheet = |row: &str| {
        let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
        let header: String = META.trim_end().split(',').map(cell).collect();
        let names: String = ["2026-01-01", "2026-01-31", "C", "S"].map(cell).concat();
        let bytes = workbook(&[vec![Cell::Text("x")]]);
        let mut parts = parts(&bytes);
        let own = parts.iter_mut().find(|(name, _)| name.ends_with("sheet1.xml")).unwrap();
        own.1 = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>\
             <row r=\"1\">{header}</row><row r=\"2\">{names}{row}</row></sheetData></worksheet>"
        )
        .into_bytes();
        packed(&parts)
    };
    let ods = |cells: &str| {
        let names = ["2026-01-01", "2026-01-31", "C", "S"].map(ods_text).concat();
        let row = format!("<table:table-row>{names}{cells}</table:table-row>");
        open_document(&[("a", ods_header() + &row)])
    };
    let formula = "<table:table-cell table:formula=\"of:=SUM([.A1:.B1])\"/>";
    let failed = "<table:table-cell office:value-type=\"float\" office:value=\"0\"><text:p>#DIV/0!</text:p></table:table-cell>";
    for (name, money, count) in [
        (
            "a.xlsx",
            sheet("<c><f>1+1</f></c><c><v>100</v></c>"),
            sheet(
                "<c><v>2.5</v></c><c r=\"F2\"><f t=\"shared\" si=\"0\" ref=\"F2:F3\">1+1</f><v></v></c><c r=\"G2\"/>",
            ),
        ),
        (
            "a.ods",
            ods(&format!("{formula}{}", ods_number("100"))),
            ods(&format!("{}{formula}", ods_number("2.5"))),
        ),
        (
            "a.ods",
            ods(&format!("{failed}{}", ods_number("100"))),
            ods(&format!("{}{failed}", ods_number("2.5"))),
        ),
    ] {
        let (report, _) = read_as(name, &money, None).unwrap();
        assert_eq!(report.rows_rejected, 1, "{name}: {:?}", report.findings);
        assert_eq!(report.findings[0].column, "Amount spent (EUR)", "{name}");
        let (report, rows) = read_as(name, &count, None).unwrap();
        assert_eq!(spend(&rows), ["2.5"], "{name}: {:?}", report.findings);
        assert_eq!(rows[0].impressions, None, "{name}");
        assert_eq!(report.findings[0].allowed, Allowed::Calculated(1), "{name}");
        assert_eq!((report.findings[0].line, rows[0].reach), (2, None), "{name}");
    }
}

#[test]
fn the_currency_that_a_workbooks_cells_are_shown_in_is_the_files() {
    let header = "Reporting starts,Reporting ends,Campaign name,Amount spent,Impressions";
    let contrary = "Reporting starts,Reporting ends,Campaign name,Amount spent (GBP),Impressions";
    let ods = |header: &str| {
        let header = ods_row(&header.split(',').map(ods_text).collect::<Vec<_>>());
        let names = ["2026-01-01", "2026-01-31", "C"].map(ods_text).concat();
        let spend = "<table:table-cell office:value-type=\"currency\" office:currency=\"CHF\" office:value=\"12.5\"><text:p>CHF 12.50</text:p></table:table-cell>";
        let row = format!("<table:table-row>{names}{spend}{}</table:table-row>", ods_number("100"));
        open_document(&[("a", header + &row)])
    };
    let xlsx = |header: &str, format: &str| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, header) in header.split(',').enumerate() {
            sheet.write_string(0, column as u16, header).unwrap();
        }
        for (column, text) in ["2026-01-01", "2026-01-31", "C"].into_iter().enumerate() {
            sheet.write_string(1, column as u16, text).unwrap();
        }
        let format = rust_xlsxwriter::Format::new().set_num_format(format);
        sheet.write_number_with_format(1, 3, 12.5, &format).unwrap();
        sheet.write_number(1, 4, 100).unwrap();
        book.save_to_buffer().unwrap()
    };
    let formats = ["#,##0.00\\ [$CHF-100C]", "[$CHF]\\ #,##0.00;[Red]-[$CHF]\\ #,##0.00"];
    let settled = formats.map(|own| ("a.xlsx", xlsx(header, own)));
    let refused = formats.map(|own| ("a.xlsx", xlsx(contrary, own)));
    for (name, bytes) in [("a.ods", ods(header))].into_iter().chain(settled) {
        let (report, rows) = read_as(name, &bytes, None).unwrap();
        assert_eq!(report.currency, "CHF".parse().ok(), "{name}: {:?}", report.findings);
        assert_eq!(spend(&rows), ["12.5"], "{name}");
    }
    for (name, bytes) in [("a.ods", ods(contrary))].into_iter().chain(refused) {
        let (report, _) = read_as(name, &bytes, None).unwrap();
        let finding = &report.findings[0];
        assert_eq!((report.rows_rejected, finding.found.as_str()), (1, "12.5 CHF"), "{name}");
        assert_eq!(finding.allowed, Allowed::MoneyIn("GBP".to_owned()), "{name}");
    }
    let told = |format: &str| {
        let (report, _) = read_as("a.xlsx", &xlsx(header, format), None).unwrap();
        (report.currency.map(|own| own.to_string()), report.rows_rejected)
    };
    let euro = || (Some("EUR".to_owned()), 0);
    assert_eq!((told("#,##0.00\\ \\€"), told("#,##0.00\" €\"")), (euro(), euro()));
    // What is no currency names none; a share is no amount.
    for format in ["0.00\" PTS\"", "[Red]0.00", "0.00", "\"$\"#,##0.00"] {
        assert_eq!(told(format), (None, 0), "{format}");
    }
    assert_eq!(told("0.00%"), (None, 1));
}

#[test]
fn absurd_lines_and_headers_are_refused() {
    let long = format!("{META}2026-01-01,2026-01-31,C,\"{}\n", "x".repeat(20 << 20));
    assert!(matches!(fails(&long), IngestError::TooLarge { .. }));
    let wide = "a,".repeat(1_000_000);
    assert!(matches!(fails(&wide), IngestError::TooLarge { .. }));
}

/// Pieces that readers stumble over.
const PIECES: [&[u8]; 16] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\r\n",
    b"\r",
    b"\n",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"-",
    b"99999999999999999999999999999999",
    b"1E+308",
    b"<5",
    "é\u{202f}€".as_bytes(),
];

/// Bytes with a few things done to them: cut, flipped, doubled, pieces put in.
fn damaged(bytes: &[u8], edits: &[(u8, usize, usize)]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for (kind, at, more) in edits {
        if out.is_empty() {
            break;
        }
        let at = at % out.len();
        let end = (at + 1 + more % 64).min(out.len());
        match kind % 5 {
            0 => out[at] ^= 1 << (more % 8),
            1 => drop(out.drain(at..end)),
            2 => {
                let again = out[at..end].to_vec();
                out.splice(at..at, again);
            }
            3 => drop(out.splice(at..at, PIECES[more % PIECES.len()].iter().copied())),
            _ => out.truncate(at + 1),
        }
    }
    out
}

/// The parts of a small workbook, ready to be damaged and packed again.
fn parts(book: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Reads damaged bytes: rows or an error, but every line accounted for.
fn survives(formats: &Formats, path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    let mut handed = 0;
    let read = formats.read(path, None, &mut |row| {
        handed += 1;
        // A line takes counts back with money alone, and people never.
        let gives_back = row.spend.is_some_and(|spend| spend < Decimal::ZERO);
        let mut counts = row.actions.0.iter().chain([&row.impressions]).flatten();
        assert!(gives_back || counts.all(|count| *count >= 0.0));
        assert!(row.reach.is_none_or(|reach| reach >= 0.0));
        assert!(row.period.is_none_or(|(start, end)| start <= end));
        ControlFlow::Continue(())
    });
    if let Ok(report) = read {
        assert_eq!(report.rows_accepted(), handed);
        let rejected: std::collections::BTreeSet<u64> = report
            .findings
            .iter()
            .filter(|finding| finding.action == Act::Rejected)
            .map(|finding| finding.line)
            .collect();
        assert_eq!(rejected.len() as u64, report.rows_rejected, "{:?}", report.findings);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_text_is_read_or_refused_with_every_line_accounted_for(
        which in 0_usize..4,
        edits in proptest::collection::vec((0_u8..5, 0_usize..4000, 0_usize..1000), 1..8)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let whole = match which {
            0 => format!("{META}2026-01-01,2026-01-31,C,\"S\nT\",10.25,100,90,,2\n2026-01-01,2026-01-31,C,T,5,50,40,,2\n").into_bytes(),
            1 => LINKEDIN.as_bytes().to_vec(),
            2 => [&[0xff, 0xfe][..], &LINKEDIN.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat(),
            _ => format!("{TIKTOK}A,18-24 - Male,£1.23,GBP,\"1,000\",1.23%,3,<5,--,7\nTotal of 2 results,,3.23,GBP,,,,,,\n").into_bytes(),
        };
        survives(&all(), &folder.path().join("a.csv"), &damaged(&whole, &edits));
    }

    #[test]
    fn damaged_workbooks_are_read_or_refused(
        part in 0_usize..100,
        edits in proptest::collection::vec((0_u8..5, 0_usize..4000, 0_usize..1000), 1..6),
        outside in proptest::bool::ANY
    ) {
        let folder = tempfile::tempdir().unwrap();
        let header = ["Day", "Campaign name", "Amount spent (EUR)", "Impressions"];
        let book = workbook(&[
            header.map(Cell::Text).into(),
            vec![Cell::Day(46023.0), Cell::Text("A"), Cell::Number(12.34), Cell::Formula("=3+4")],
        ]);
        let bytes = if outside {
            damaged(&book, &edits)
        } else {
            let mut parts = parts(&book);
            let at = part % parts.len();
            parts[at].1 = damaged(&parts[at].1, &edits);
            packed(&parts)
        };
        survives(&all(), &folder.path().join("a.xlsx"), &bytes);
    }
}

// ---- the real exports, where they are at hand ----

#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn real(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if !file.exists() {
        println!("skipped: no {}", file.display());
        return None;
    }
    Some(file)
}

fn shipped(name: &str) -> Mapping {
    let text = Reference::default().text(&format!("maps/{name}.toml")).unwrap();
    Mapping::parse(Path::new(name), &text).unwrap()
}

fn rounded(value: Option<Decimal>) -> String {
    value.map(|v| v.round_dp(2).to_string()).unwrap_or_default()
}

#[test]
fn kag_totals_are_those_of_its_description() {
    let Some(path) = real("kag_conversion/KAG_conversion_data.csv") else { return };
    let (report, rows) = read_path(&path, Some(&shipped("kag-conversion"))).unwrap();
    assert_eq!((rows.len(), report.rows_rejected), (1143, 0));
    assert_eq!(report.totals.impressions, Some(213_434_828.0));
    assert_eq!(report.totals.actions.get(Action::Clicks), Some(38_165.0));
    assert_eq!(rounded(report.totals.spend), "58705.23");
}

#[test]
fn shifted_rows_are_reported_every_one() {
    let Some(path) = real("kag_conversion_dated/data.csv") else { return };
    let (report, rows) = read_path(&path, Some(&shipped("kag-conversion-dated"))).unwrap();
    assert_eq!((report.rows_read, report.rows_rejected, rows.len()), (1143, 382, 761));
    let lines: std::collections::BTreeSet<u64> =
        report.findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines.len(), 382);
    assert_eq!(*lines.first().unwrap(), 763);
    assert_eq!(report.window, Some((date(2017, 8, 17), date(2017, 8, 30))));
}

#[test]
fn the_charitys_exports_are_read_at_every_grain() {
    let account = "gwwc_meta_ads/Giving-What-We-Can-Ads-New-Campaigns-Nov-15-2021-Jan-31-2022.csv";
    let Some(path) = real(account) else { return };
    let (report, rows) = read_path(&path, None).unwrap();
    assert_eq!((rows.len(), report.rows_ignored), (3, 1));
    assert_eq!(rounded(report.totals.spend), "10000.00");
    // The account's row covers campaigns that the file does not list: seen, and said.
    assert_eq!(rounded(report.declared.unwrap().spend), "15978.28");
    assert!(report.findings.iter().any(|finding| finding.action == Act::Check));
    for (name, ignored) in [
        ("text breakdown.csv", 1),
        ("video breakdown.csv", 1),
        ("gg-campaign-by-ad-set-text-age-gender.csv", 0),
        ("gg-image-video-breakdowns.csv", 0),
        ("gg_campaign_by_ad_by_text.csv", 0),
    ] {
        let Some(path) = real(&format!("gwwc_meta_ads/{name}")) else { return };
        let (report, rows) = read_path(&path, None).unwrap();
        assert_eq!((report.rows_rejected, report.rows_ignored), (0, ignored), "{name}");
        assert!(rows.iter().all(|row| row.breakdowns.contains(&Attribute::Creative)), "{name}");
    }
}

#[test]
fn the_french_exports_derive_what_was_spent() {
    for name in ["mg_batam.xlsx", "mg_batam_plateform.csv"] {
        let Some(path) = real(&format!("meta_fr_batam/{name}")) else { return };
        let (report, _) = read_path(&path, None).unwrap();
        assert_eq!(report.rows_rejected, 0, "{name}: {:?}", report.findings);
        // Σ CPM × impressions / 1000; Σ CPC × clicks of the same file gives 13 666.93.
        assert_eq!(rounded(report.totals.spend), "13667.14", "{name}");
        assert_eq!(report.currency, "USD".parse().ok());
    }
}

#[test]
fn the_other_real_exports_are_read_without_a_rejected_row() {
    for (path, format, rows, spend) in [
        ("fbadstats_meta/example_PerfClk_AgeGender.csv", "meta-ads", 0, ""),
        ("fbadstats_meta/Example_AdsView_Region.csv", "meta-ads", 0, ""),
        ("vanle_facebook_ads_daily/Facebook Ads.csv", "meta-ads", 316, ""),
        ("meta_export_samples_ja/Translate_Job_Ad_Data.csv", "meta-ads", 2, "6600.67"),
        ("meta_export_samples_ja/Chuzuma_Job_Ad_Data.csv", "meta-ads", 2, "2063.99"),
        ("linkedin_export_sample/campaign_creative_performance_report.csv", "linkedin-ads", 0, ""),
        ("tiktok_adgroup_daily/ads_1.csv", "tiktok-ads", 141, "49068186"),
        ("tiktok_adgroup_daily/ads_2.csv", "tiktok-ads", 119, "25620525"),
        ("tiktok_adgroup_daily/ads_4.csv", "tiktok-ads", 82, "8640334"),
        ("tiktok_adgroup_daily/ads_10.csv", "tiktok-ads", 52, "2885860"),
        ("tiktok_adgroup_daily/ad final.csv", "tiktok-ads", 100, "51487817"),
    ] {
        let Some(path) = real(path) else { return };
        let (report, found) = read_path(&path, None).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(report.format, format);
        assert_eq!(report.rows_rejected, 0, "{}: {:?}", path.display(), report.findings);
        assert!(!found.is_empty());
        if rows > 0 {
            assert_eq!(found.len(), rows);
        }
        if !spend.is_empty() {
            assert_eq!(rounded(report.totals.spend), spend);
        }
    }
}

#[test]
fn the_attribution_window_stays_with_its_rows_and_a_second_one_is_told() {
    let header = "Reporting starts,Reporting ends,Campaign name,Ad set name,Attribution setting,Amount spent (EUR),Impressions,Link clicks\n";
    let long = "2026-01-05,2026-01-11,c,a,7-day click or 1-day view,100.00,20000,200\n";
    let short = "2026-01-12,2026-01-18,c,a,1-day click,100.00,20000,90\n";
    let (report, rows) = read(&format!("{header}{long}{short}{short}"));
    let windows: Vec<_> = rows.iter().map(|row| row.get(Attribute::Attribution)).collect();
    let (one, other) = (Some("7-day click, 1-day view"), Some("1-day click"));
    assert_eq!(windows, [one, other, other]);
    let told: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| matches!(finding.allowed, Allowed::OneWindow(_)))
        .map(|finding| (finding.line, finding.found.as_str(), finding.column.as_str()))
        .collect();
    assert_eq!(told, [(3, "1-day click", "Attribution setting")]);
    assert!(report.needs_a_person());
    // A total without names stays a total, though it says under which window.
    let total = "2026-01-05,2026-01-11,,,7-day click or 1-day view,100.00,20000,200\n";
    let (with_total, rows) = read(&format!("{header}{total}{long}"));
    assert_eq!((with_total.rows_ignored, rows.len()), (1, 1));
    let (alone, _) = read(&format!("{header}{long}"));
    assert!(!alone.needs_a_person() && alone.findings.is_empty(), "{:?}", alone.findings);
}

#[test]
fn a_column_that_hides_small_counts_is_told_when_it_is_read() {
    let mut text = META.to_owned();
    for i in 0..200_u32 {
        // Counts from 0 to 9; those below 5 are hidden in one column and shown in the other.
        let count = i * 7 % 10;
        let hidden = if count < 5 { String::new() } else { count.to_string() };
        let (month, day) = (1 + i / 28, 1 + i % 28);
        writeln!(
            text,
            "2026-{month:02}-{day:02},2026-{month:02}-{day:02},C,S,5.0,900,800,{hidden},{count}"
        )
        .unwrap();
    }
    let (report, _) = read(&text);
    let [PanelNote::HiddenCounts { kind: Action::LinkClicks, below: 5, rows: 100, .. }] =
        &report.hidden[..]
    else {
        panic!("{:?}", report.hidden)
    };
    // Nothing has to be decided: the model takes them as what they are.
    assert!(!report.needs_a_person());
}

#[test]
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn no_real_export_at_hand_is_said_to_hide_counts_that_it_shows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let Ok(files) = super::files(std::slice::from_ref(&folder)) else {
        println!("skipped: no folder `{}`", folder.display());
        return;
    };
    let formats = all();
    for path in files {
        let mut least = [f64::INFINITY; Action::COUNT];
        let read = formats.read(&path, None, &mut |row| {
            for kind in Action::ALL {
                if let Some(count) = row.actions.get(kind).filter(|count| *count > 0.0) {
                    least[kind.index()] = least[kind.index()].min(count);
                }
            }
            ControlFlow::Continue(())
        });
        for note in read.map(|report| report.hidden).unwrap_or_default() {
            println!("{}: {note:?}", path.display());
            let PanelNote::HiddenCounts { kind, below, .. } = note else { continue };
            assert!(least[kind.index()] >= f64::from(below), "{}", path.display());
        }
    }
}

/// Reads exports of Meta as one import; encodings and what told them, with the first campaigns.
fn read_together(
    texts: &[(&'static encoding_rs::Encoding, &str)],
) -> Vec<(String, super::EncodingBy, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (at, (encoding, name)) in texts.iter().enumerate() {
        let text = format!("{META}2026-01-01,2026-01-31,{name},S,12.5,100,90,,2\n");
        let path = folder.path().join(format!("{at}.csv"));
        std::fs::write(&path, encoding.encode(&text).0).unwrap();
        paths.push(path);
    }
    let formats = formats(&Reference::default()).unwrap();
    let sources = formats.sources(&paths);
    let read = sources.all.iter().map(|source| {
        let export = formats.open_source(source, &sources, None).unwrap();
        let mut campaign = String::new();
        let report = export
            .read(&mut |row| {
                campaign = row.get(Attribute::Campaign).unwrap_or_default().to_owned();
                ControlFlow::Continue(())
            })
            .unwrap();
        (report.encoding.to_owned(), report.encoding_by, campaign)
    });
    read.collect()
}

#[test]
fn a_file_of_few_letters_is_in_the_encoding_of_the_others_of_its_import() {
    use super::EncodingBy::{Bytes, Others};
    use encoding_rs::{EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252, WINDOWS_1256};
    let (arabic, russian) =
        ("حملة الصيف للشباب في الجامعة", "Летний набор студентов в университет");
    for (encoding, many, few) in [
        (WINDOWS_1256, arabic, "درس"),
        (WINDOWS_1251, russian, "Зима"),
        (SHIFT_JIS, "夏の募集キャンペーン、学生向け", "説明会"),
        (GB18030, "夏季招生宣传活动，面向高中学生", "招生"),
        (EUC_KR, "여름 캠페인 대학생 모집 안내", "할인"),
    ] {
        let alone = read_together(&[(encoding, few)]).remove(0);
        let together = read_together(&[(encoding, few), (encoding, many)]);
        assert_ne!(alone.0, encoding.name(), "{few} would tell its encoding by itself");
        let name = |text: &str, by| (encoding.name().to_owned(), by, text.to_owned());
        assert_eq!(together, [name(few, Others), name(many, Bytes)], "alone: {alone:?}");
        // Latin letters stay Latin, and two that differ tell nothing.
        let french = read_together(&[(WINDOWS_1252, "Fête d’été"), (encoding, many)]).remove(0);
        assert_eq!((french.0.as_str(), french.1), ("windows-1252", Bytes));
        let other =
            if encoding == WINDOWS_1256 { (WINDOWS_1251, russian) } else { (WINDOWS_1256, arabic) };
        assert_eq!(read_together(&[(encoding, few), (encoding, many), other])[0], alone);
    }
}

#[test]
fn a_text_that_names_no_encoding_is_read_in_its_own_and_the_report_says_which() {
    use super::EncodingBy::{Bytes, File, Headers, Map};
    use encoding_rs::{EUC_KR, GB18030, MACINTOSH, SHIFT_JIS, WINDOWS_1252, WINDOWS_1256};
    let english = |name: &str| format!("{META}2026-01-01,2026-01-31,{name},S,12.5,100,90,,2\n");
    let japanese = "レポート開始日,レポート終了日,キャンペーン名,消化金額 (JPY),インプレッション\n\
                    2026-01-01,2026-01-31,夏の募集,1200,100\n";
    let french = "Début des rapports,Fin des rapports,Nom de la campagne,Montant dépensé (EUR),Impressions\n\
                  2026-01-01,2026-01-31,Été,12.5,100\n";
    let arabic = english("حملة الصيف للشباب في الجامعة");
    for (encoding, text, name, by) in [
        (SHIFT_JIS, japanese.to_owned(), "夏の募集", &[Bytes, Headers][..]),
        (
            SHIFT_JIS,
            english("夏の募集キャンペーン、学生向け"),
            "夏の募集キャンペーン、学生向け",
            &[Bytes],
        ),
        (
            GB18030,
            english("夏季招生宣传活动，面向高中学生"),
            "夏季招生宣传活动，面向高中学生",
            &[Bytes],
        ),
        (EUC_KR, english("여름 캠페인 대학생 모집 안내"), "여름 캠페인 대학생 모집 안내", &[Bytes]),
        (WINDOWS_1256, arabic, "حملة الصيف للشباب في الجامعة", &[Bytes]),
        (WINDOWS_1252, french.to_owned(), "Été", &[Bytes, Headers]),
        (MACINTOSH, french.to_owned(), "Été", &[Headers]),
    ] {
        let bytes = encoding.encode(&text).0;
        let (report, rows) = read_as("a.csv", &bytes, None).unwrap();
        let found = rows[0].get(Attribute::Campaign);
        assert_eq!((found, report.encoding), (Some(name), encoding.name()), "{text}");
        assert!(by.contains(&report.encoding_by), "{:?}: {text}", report.encoding_by);
    }
    let (report, _) = read(&english("Été"));
    assert_eq!((report.encoding, report.encoding_by), ("UTF-8", File));
    // A person's word stands above what bytes tell.
    let text = english("حملة");
    let bytes = WINDOWS_1256.encode(&text).0;
    let (report, rows) = read_as("a.csv", &bytes, Some(&map("encoding = \"cp1256\""))).unwrap();
    assert_eq!((report.encoding_by, rows[0].get(Attribute::Campaign)), (Map, Some("حملة")));
    let error = Mapping::parse(Path::new("m.toml"), "encoding = \"latin9000\"").unwrap_err();
    assert!(error.to_string().contains("latin9000"), "{error}");
}

/// An OpenDocument workbook with these sheets, each with its rows as they stand in the file.
fn open_document(sheets: &[(&str, String)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, rows) in sheets {
        write!(
            body,
            "<table:table table:name=\"{name}\"><table:table-column/>{rows}</table:table>"
        )
        .unwrap();
    }
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:body>\
         <office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    );
    let mimetype = b"application/vnd.oasis.opendocument.spreadsheet".to_vec();
    packed(&[("mimetype".to_owned(), mimetype), ("content.xml".to_owned(), content.into_bytes())])
}

fn ods_text(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    format!(
        "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
    )
}

fn ods_number(value: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>?</text:p></table:table-cell>"
    )
}

fn ods_row(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

fn ods_header() -> String {
    let header = META.trim_end().split(',').map(ods_text).collect::<Vec<_>>();
    ods_row(&header)
}

#[test]
fn open_document_workbooks_are_read_with_what_repeats_in_them() {
    let day = |day: &str| {
        format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{day}\"><text:p>01/01/26</text:p></table:table-cell>"
        )
    };
    let remark = "<office:annotation><text:p>ask Léa</text:p></office:annotation>";
    let rows = [
        "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>".to_owned(),
        ods_header(),
        format!(
            "<table:table-row table:number-rows-repeated=\"2\">{}{}<table:table-cell office:value-type=\"string\">{remark}<text:p>A<text:s text:c=\"2\"/>&amp; <text:span>B</text:span></text:p><text:p>C</text:p></table:table-cell>{}{}<table:table-cell office:value-type=\"float\" office:value=\"90\" table:number-columns-repeated=\"2\"/><table:table-cell/>{}<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>",
            day("2026-01-01"), day("2026-01-31T00:00:00"), ods_text("S"), ods_number("12.34"), ods_number("2"),
        ),
        "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>".to_owned(),
    ];
    let notes = ("Notes", ods_row(&[ods_text("made by hand")]));
    let bytes = open_document(&[notes, ("Worksheet", rows.concat())]);
    let (report, rows) = read_as("export.ods", &bytes, None).unwrap();
    assert_eq!((report.rows_read, report.rows_rejected), (2, 0), "{:?}", report.findings);
    assert_eq!(spend(&rows), ["12.34", "12.34"]);
    assert_eq!((rows[0].line, rows[1].line), (4, 5));
    assert_eq!(rows[0].get(Attribute::Campaign), Some("A  & B\nC"));
    assert_eq!(rows[0].period, Some((date(2026, 1, 1), date(2026, 1, 31))));
    assert_eq!((rows[0].impressions, rows[0].reach), (Some(90.0), Some(90.0)));
    assert_eq!(rows[0].actions.get(Action::LinkClicks), Some(0.0));
    assert_eq!(rows[0].actions.get(Action::Shares), Some(2.0));
    assert_eq!(report.sheets_not_read, ["Notes"]);
    // A share is no amount.
    let percent = "<table:table-cell office:value-type=\"percentage\" office:value=\"0.05\"><text:p>5 %</text:p></table:table-cell>";
    let row = ods_row(&[
        day("2026-01-01"),
        day("2026-01-31"),
        ods_text("C"),
        ods_text("S"),
        percent.to_owned(),
        ods_number("100"),
    ]);
    let bytes = open_document(&[("a", ods_header() + &row)]);
    let (report, _) = read_as("export.ods", &bytes, None).unwrap();
    assert_eq!(report.findings[0].allowed, Allowed::NoShare);
}

#[test]
fn open_document_workbooks_that_repeat_without_end_are_refused() {
    let cell = |n: u64| {
        format!(
            "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"{n}\"><text:p>x</text:p></table:table-cell>"
        )
    };
    let rows = |n: u64, cells: &str| {
        format!("<table:table-row table:number-rows-repeated=\"{n}\">{cells}</table:table-row>")
    };
    let header = ods_header();
    let long = "y".repeat(1 << 20);
    for (what, text) in [
        ("columns", header.clone() + &rows(1, &cell(1_000_000))),
        ("rows", header.clone() + &rows(1_000_000_000, &cell(9))),
        ("both", header.clone() + &rows(1_048_576, &cell(16_384))),
        ("many", header.clone() + &rows(1, &cell(16_384)).repeat(3_000)),
        ("number", rows(1, &cell(u64::MAX))),
        ("text", header.clone() + &rows(1, &cell(16_000).replace(">x<", &format!(">{long}<")))),
        (
            "spaces",
            rows(
                1,
                &cell(1).replace(
                    ">x<",
                    &format!(">{}<", "<text:s text:c=\"999999999\"/>".repeat(9_000)),
                ),
            ),
        ),
        ("deep", "<a>".repeat(100_000)),
        ("sheets", "</table:table><table:table>".repeat(5_000)),
    ] {
        let bytes = open_document(&[("a", text)]);
        let error = read_as("export.ods", &bytes, None).unwrap_err();
        let is_refused =
            matches!(error, IngestError::TooLarge { .. } | IngestError::Workbook { .. });
        assert!(is_refused, "{what}: {error}");
    }
    let encrypted = packed(&[
        ("mimetype".to_owned(), Vec::new()),
        ("content.xml".to_owned(), vec![7; 100]),
        ("META-INF/manifest.xml".to_owned(), b"<manifest:encryption-data/>".to_vec()),
    ]);
    let error = read_as("export.ods", &encrypted, None).unwrap_err();
    assert!(error.explain(Language::En).contains("password"), "{}", error.explain(Language::En));
}

#[test]
fn a_map_of_some_columns_adds_to_the_format_that_the_file_has() {
    let header = "Début des rapports,Fin des rapports,Nom de la campagne,Montant dépensé (EUR),Impressions,Partages de publication,Humeur\n";
    let text = format!(
        "{header}2026-01-01,2026-01-31,C,12.5,100,,bonne\n2026-01-01,2026-01-31,D,2.5,100,3,\n"
    );
    let (plain, _) = read(&text);
    assert_eq!(plain.totals.actions.get(Action::Shares), None);
    let own = map(
        "[columns]\n\"Partages de publication\" = \"shares\"\n\"Humeur\" = \"ignore\"\n\"Nulle part\" = \"saves\"\n",
    );
    let (report, rows) = read_as("a.csv", text.as_bytes(), Some(&own)).unwrap();
    assert_eq!(report.format, "meta-ads");
    // Meta leaves zeros empty, whatever the column is called.
    assert_eq!(rows[0].actions.get(Action::Shares), Some(0.0));
    assert_eq!(rows[1].actions.get(Action::Shares), Some(3.0));
    assert_eq!(spend(&rows), ["12.5", "2.5"]);
    let role = |report: &FileReport, header: &str| {
        report.columns.iter().find(|column| column.header == header).unwrap().role.clone()
    };
    assert_eq!(role(&report, "Humeur"), Role::Known);
    // A meaning that the map gives to a column is no other column's any more.
    let both = "Début des rapports,Fin des rapports,Nom de la campagne,Montant dépensé (EUR),Impressions,Partages de publications,Repartages\n2026-01-01,2026-01-31,C,12.5,100,9,3\n";
    let own = map("[columns]\n\"Repartages\" = \"shares\"\n");
    let (report, rows) = read_as("a.csv", both.as_bytes(), Some(&own)).unwrap();
    assert_eq!(rows[0].actions.get(Action::Shares), Some(3.0));
    assert_eq!(role(&report, "Partages de publications"), Role::Duplicate("shares".to_owned()));
    // A format asked for by name is one to add to.
    let own = map("format = \"meta-ads\"\n[columns]\n\"Repartages\" = \"saves\"\n");
    let (_, rows) = read_as("a.csv", both.as_bytes(), Some(&own)).unwrap();
    assert_eq!(rows[0].actions.get(Action::Saves), Some(3.0));
    assert_eq!(rows[0].actions.get(Action::Shares), Some(9.0));
}
