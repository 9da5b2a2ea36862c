//! Headers of exports in many languages and vintages, each with a made-up line, read without a map.

use std::ops::ControlFlow;

use jiff::civil::{Date, date};

use crate::action::Action;
use crate::history::row::Row;
use crate::ingest::{Allowed, FileReport, Formats, IngestError, formats};
use crate::language::{Explain, Language};
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::units::Currency;

fn read_with(
    formats: &Formats,
    name: &str,
    text: &str,
) -> Result<(FileReport, Vec<Row>), IngestError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let mut rows = Vec::new();
    let report = formats.read(&path, None, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((report, rows))
}

fn read(text: &str) -> (FileReport, Vec<Row>) {
    let formats = formats(&Reference::default()).unwrap();
    read_with(&formats, "export.csv", text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn fails(text: &str) -> IngestError {
    let formats = formats(&Reference::default()).unwrap();
    read_with(&formats, "export.csv", text).unwrap_err()
}

#[test]
fn every_language_gives_the_same_row() {
    let formats = formats(&Reference::default()).unwrap();
    let files = [
        "Reporting starts,Reporting ends,Campaign name,Ad set name,Age,Gender,Amount spent (EUR),Impressions,Reach,Link clicks,Post reactions,Post comments,Post shares,Post saves\n2026-01-05,2026-01-11,C,S,18-24,female,12.5,1000,800,7,5,3,2,1\n",
        "Début des rapports,Fin des rapports,Nom de la campagne,Nom de l’ensemble de publicités,Âge,Genre,Montant dépensé (EUR),Impressions,Couverture,Clics sur un lien,Réactions à une publication,Commentaires sur la publication,Partages de publications,Enregistrements de publications\n2026-01-05,2026-01-11,C,S,18-24,femme,12.5,1000,800,7,5,3,2,1\n",
        "Inicio del informe,Fin del informe,Nombre de la campaña,Nombre del conjunto de anuncios,Edad,Sexo,Importe gastado (EUR),Impresiones,Alcance,Clics en el enlace,Reacciones a publicaciones,Comentarios de publicaciones,Veces que se compartieron las publicaciones,Veces que se guardaron las publicaciones\n2026-01-05,2026-01-11,C,S,18-24,Mujeres,12.5,1000,800,7,5,3,2,1\n",
        "Inicio de los informes,Fin de los informes,Nombre de la campaña,Nombre del conjunto de anuncios,Edad,Sexo,Importe gastado (EUR),Impresiones,Alcance,Clics en el enlace,Reacciones a publicaciones,Comentarios de publicaciones,Veces que se compartieron las publicaciones,Veces que se guardaron las publicaciones\n2026-01-05,2026-01-11,C,S,18-24,female,12.5,1000,800,7,5,3,2,1\n",
        "Início dos relatórios,Encerramento dos relatórios,Nome da campanha,Nome do conjunto de anúncios,Idade,Gênero,Valor usado (EUR),Impressões,Alcance,Cliques no link,Reações a posts,Comentários no post,Compartilhamentos do post,Salvamentos do post\n2026-01-05,2026-01-11,C,S,18-24,female,12.5,1000,800,7,5,3,2,1\n",
        "Berichtsstart,Berichtsende,Kampagnenname,Name der Anzeigengruppe,Alter,Geschlecht,Ausgegebener Betrag (EUR),Impressionen,Reichweite,Link-Klicks,Beitragsreaktionen,Beitragskommentare,Geteilte Beiträge,Gespeicherte Beiträge\n2026-01-05,2026-01-11,C,S,18-24,weiblich,12.5,1000,800,7,5,3,2,1\n",
        "Inizio dei report,Fine dei report,Nome della campagna,Nome del gruppo di inserzioni,Età,Genere,Importo speso (EUR),Impression,Copertura,Clic sul link,Reazioni al post,Commenti al post,Condivisioni del post,Salvataggi del post\n2026-01-05,2026-01-11,C,S,18-24,female,12.5,1000,800,7,5,3,2,1\n",
        "Start rapportage,Einde rapportage,Campagnenaam,Naam advertentieset,Leeftijd,Geslacht,Besteed bedrag (EUR),Weergaven,Bereik,Klikken op links,Berichtreacties,Berichtopmerkingen,Berichten gedeeld,Keren dat bericht is opgeslagen\n2026-01-05,2026-01-11,C,S,18-24,female,12.5,1000,800,7,5,3,2,1\n",
        "レポート開始日,レポート終了日,キャンペーン名,広告セット名,年齢,性別,消化金額 (EUR),インプレッション,リーチ,リンクのクリック,投稿へのリアクション,投稿のコメント,投稿のシェア,投稿の保存\n2026-01-05,2026-01-11,C,S,18-24,female,12.5,1000,800,7,5,3,2,1\n",
    ];
    let (_, first) = read_with(&formats, "0.csv", files[0]).unwrap();
    for file in files {
        let (report, rows) = read_with(&formats, "f.csv", file).unwrap();
        assert_eq!(report.format, "meta-ads");
        assert_eq!(rows, first, "{file}");
        assert!(report.columns.iter().all(|c| matches!(c.role, crate::ingest::Role::Kept { .. })));
    }
    let row = &first[0];
    assert_eq!(row.currency, Some(Currency::EUR));
    assert_eq!(row.actions.get(Action::Saves), Some(1.0));
    assert_eq!(row.get(Attribute::Gender), Some("female"));
}

fn day(row: &Row) -> (Date, Date) {
    row.period.unwrap()
}

#[test]
fn linkedin_reports_follow_the_language_of_their_headers() {
    // All days are 12 or less and all amounts may be read twice: only the language tells.
    let (report, rows) = read(
        "Rapport met advertentieprestaties (in UTC)\n\"Begindatum van rapport: 1 september 2026 00:00\"\n\
         \"Einddatum van rapport: 12 september 2026 23:59\"\n\n\
         Begindatum (in UTC)\tAccountnaam\tValuta\tCampagnenaam\tAdvertentieset-ID\tNaam van advertentieset\tTotaal besteed\tWeergaven\tKlikken\tReacties\n\
         3-9-2026\tA\tEUR\tC\t7\tS\t1,234\t1.500\t4\t2\n\
         4-9-2026\tA\tEUR\tC\t7\tS\t2,500\t2.000\t5\t0\n",
    );
    assert_eq!(report.format, "linkedin-ads-2026");
    assert_eq!(day(&rows[0]), (date(2026, 9, 3), date(2026, 9, 3)));
    assert_eq!(rows[0].spend.unwrap().to_string(), "1.234");
    assert_eq!(rows[0].impressions, Some(1500.0));
    let (_, rows) = read(
        "Start Date (in UTC),Account Name,Currency,Campaign Group Name,Campaign Name,Total Spent,Impressions,Clicks\n\
         9/3/2026,A,EUR,G,C,\"1,234\",100,4\n9/4/2026,A,EUR,G,C,\"2,500\",100,4\n",
    );
    assert_eq!(day(&rows[0]), (date(2026, 9, 3), date(2026, 9, 3)));
    assert_eq!(rows[0].spend.unwrap().to_string(), "1234");
}

#[test]
fn linkedins_kind_of_sponsoring_is_no_format() {
    let (_, rows) = read(
        "Start Date (in UTC),Campaign Group Name,Campaign Name,Sponsored Update Type,Total Spent,Impressions,Clicks\n\
         10/29/2024,G,C,DSC,1.5,100,4\n10/30/2024,G,C,Video,1.5,100,4\n",
    );
    let formats: Vec<_> = rows.iter().map(|row| row.get(Attribute::Format)).collect();
    assert_eq!(formats, [None, Some("video")]);
}

#[test]
fn google_ads_reports_are_read_with_their_window_and_totals() {
    let (report, rows) = read(
        "Campaign report\n\"January 1, 2026 - January 31, 2026\"\n\
         Campaign status,Campaign,Currency code,Cost,Impr.,Clicks,CTR\n\
         Enabled,Brand,EUR,\"1,234.50\",\"10,000\",120,1.20%\n\
         Enabled,Video,EUR,10.25,900,5,0.56%\n\
         Total: Campaigns, --,EUR,\"1,244.75\",\"10,900\",125,1.15%\n",
    );
    assert_eq!((report.format.as_str(), rows.len()), ("google-ads", 2));
    assert_eq!(day(&rows[0]), (date(2026, 1, 1), date(2026, 1, 31)));
    assert_eq!(report.totals.spend, report.declared.unwrap().spend);
    assert!(!report.needs_a_person());
    let (_, rows) = read(
        "Rapport sur les campagnes\n1 février 2026 - 9 février 2026\n\
         Jour;Campagne;Code de devise;Coût;Impr.;Clics\n03/02/2026;Marque;EUR;1,250;900;5\n",
    );
    assert_eq!(day(&rows[0]), (date(2026, 2, 3), date(2026, 2, 3)));
    assert_eq!(rows[0].spend.unwrap().to_string(), "1.250");
}

#[test]
fn the_other_networks_vintages_are_told_apart() {
    for (format, text) in [
        (
            "tiktok-ads",
            "Campaign name,Ad group name,Ad name,By Day,Cost,Impressions,Clicks (destination),CTR (destination),Paid likes,Paid shares,Currency\nC,G,A,2026-01-05,1.5,100,3,3.00%,2,1,EUR\n",
        ),
        (
            "tiktok-ads",
            "Campaign name,Ad group name,Cost,CPM,Impressions,Clicks,Conversions,Currency\nC,G,1.5,15,100,3,0,EUR\n",
        ),
        (
            "x-ads",
            "Time period,Campaign name,Campaign ID,Funding source name,Spend,Impressions,Clicks,Likes,Reposts,Replies,Follows\n2026-01-25,C,1,F,1.5,100,3,2,1,0,0\n",
        ),
        (
            "x-ads",
            "id,Campaign,Campaign URL,Funding Instrument ID,Time,Spend,Impressions,Engagements,Billed Engagements,Retweets,Replies,Follows,Clicks,Favorites\n1,C,u,2,2016-01-05,1.5,100,3,3,1,0,0,3,2\n",
        ),
        (
            "snapchat-ads",
            "Week,Campaign Name,Campaign Id,Ad Set Name,Ad Set Id,Ad Name,Ad Id,Creative Id,Amount Spent,Paid Impressions,Clicks,Landing Page Views,Purchases\n2026-01-05 - 2026-01-11,C,1,S,2,A,3,4,1.5,100,3,1,0\n",
        ),
        (
            "snapchat-ads",
            "Campaign Name,Ad Squad Name,Spend,Paid Impressions,Paid eCPM,Swipe Ups,eCPSU\nC,S,1.5,100,15,3,0.5\n",
        ),
        (
            "pinterest-ads",
            "Date,Campaign ID,Campaign name,Ad group name,Spend in account currency,Impressions,Pin clicks,Outbound clicks,Saves\n2026-01-05,1,C,G,1.5,100,3,2,1\n",
        ),
        (
            "meta-ads",
            "Campaign Name,Ad Set Name,Day,Amount Spent,Impressions,Clicks (All),Reach,Results\nC,S,2022-01-05,1.5,100,3,90,1\n",
        ),
        (
            "meta-ads",
            "Campaign name,Week,Amount spent (USD),Impressions\nC,2026-01-05 - 2026-01-11,1.5,100\n",
        ),
        (
            "linkedin-ads",
            "Start Date (in UTC),Account Name,Currency,Campaign Group Name,Campaign ID,Campaign Name,Total Spent,Impressions,Clicks,Reactions,Comments,Shares,Follows\n1/25/2024,A,EUR,G,1,C,1.5,100,3,2,1,1,0\n",
        ),
        ("generic", "network,ad_set,date,spend,impressions,shares\nx,S,2026-01-05,1.5,100,2\n"),
    ] {
        let (report, rows) = read(text);
        assert_eq!(report.format, format, "{text}");
        assert_eq!((rows.len(), report.rows_rejected), (1, 0), "{:?}", report.findings);
        assert_eq!(rows[0].spend.unwrap().to_string(), "1.5", "{text}");
        assert_eq!(rows[0].impressions, Some(100.0));
        if text.contains("2026-01-05 - 2026-01-11") {
            assert_eq!(day(&rows[0]), (date(2026, 1, 5), date(2026, 1, 11)), "{text}");
        }
    }
}

#[test]
fn an_account_on_x_by_day_shares_what_it_reposts_and_sends_on() {
    let (report, rows) = read(
        "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,Create Post,Video views,Media views\n\
         \"Thu, Apr 16, 2026\",250,9,31,5,2,3,1,4,6,35,1,70,90\n",
    );
    assert_eq!((report.format.as_str(), report.rows_rejected), ("x-analytics-days", 0));
    assert_eq!(day(&rows[0]), (date(2026, 4, 16), date(2026, 4, 16)));
    let told = [Action::Shares, Action::Follows, Action::Saves, Action::Comments, Action::Views]
        .map(|kind| rows[0].actions.get(kind));
    assert_eq!(told, [Some(8.0), Some(3.0), Some(5.0), Some(4.0), Some(70.0)]);
    let unknown = |role: &crate::ingest::Role| matches!(role, crate::ingest::Role::Unknown(_));
    assert!(!report.columns.iter().any(|own| unknown(&own.role)), "{:?}", report.columns);
}

#[test]
fn totals_rows_say_so_in_every_language_and_campaigns_of_that_name_stay() {
    let (report, rows) = read(
        "Día,Nombre del anuncio,Importe gastado (EUR),Impresiones\n\
         2026-09-20,A,\"11,52\",\"1.204\"\n2026-09-21,B,\"12,00\",1300\n,Resultados totales,\"23,52\",2504\n",
    );
    assert_eq!((rows.len(), report.rows_ignored), (2, 1));
    assert_eq!(report.declared.unwrap().spend, report.totals.spend);
    let (report, rows) = read(
        "Campaign name,Ad set name,Day,Amount spent (EUR),Impressions\n\
         Total,Young,2026-01-05,1.5,100\nTotal,,,1.5,100\n",
    );
    assert_eq!((rows.len(), report.rows_ignored), (1, 1));
    assert_eq!(rows[0].get(Attribute::Campaign), Some("Total"));
}

#[test]
fn an_unseen_language_is_a_question_with_a_map_to_begin_with() {
    let error = fails(
        "Kampanjens navn,Beløp brukt (NOK),Impresjoner,Delinger,Reporting ends\nA,12.5,100,2,2026-01-05\n",
    );
    let IngestError::Unknown { sketch, nearest, .. } = &error else { panic!("{error}") };
    assert!(nearest.iter().any(|near| near.format == "meta-ads"));
    let of = |header: &str| sketch.iter().find(|own| own.header == header).unwrap().meaning;
    assert_eq!(of("Reporting ends"), Some("end"));
    assert_eq!(of("Impresjoner"), Some("impressions"));
    // As Swedes and Danes write it, nearly.
    assert_eq!(of("Delinger"), Some("shares"));
    // What it proposes is a map that reads.
    let text = error.explain(Language::En);
    let map = text.split_once("[columns]").unwrap().1;
    // What holds a currency is money.
    assert!(map.contains("\"Beløp brukt (NOK)\" = \"spend\""), "{map}");
    crate::ingest::Mapping::parse(std::path::Path::new("m.toml"), &format!("[columns]{map}"))
        .unwrap();
}

#[test]
fn a_map_to_begin_with_counts_nothing_twice_and_asks_what_the_file_does_not_say() {
    let error = fails(
        "data,campanha,conjunto,impressoes,cliques,gasto,cliques_link,outbound_clicks,taxa de cliques,unfollows,id\n\
         2026-03-02,Inscricoes,18-24,1020,22,5.70,0,10,2.1,4,row-2\n",
    );
    let IngestError::Unknown { sketch, .. } = &error else { panic!("{error}") };
    for meaning in ["link_clicks", "clicks", "spend", "impressions", "follows", "campaign_id"] {
        let given = sketch.iter().filter(|own| own.meaning == Some(meaning) && own.rival.is_none());
        assert!(given.count() <= 1, "{meaning}: {sketch:?}");
    }
    let of = |header: &str| sketch.iter().find(|own| own.header == header).unwrap();
    assert_eq!(of("gasto").meaning, Some("spend"));
    assert_eq!((of("taxa de cliques").meaning, of("unfollows").meaning), (None, None));
    for (lang, words) in [(Language::En, "which network"), (Language::Fr, "quel réseau")] {
        let text = error.explain(lang);
        assert!(text.contains(words) && text.contains("# currency = "), "{text}");
        let map = text.split_once("\n  # network").unwrap().1;
        let map = format!("# network{map}");
        let map = map.split("\nnothing").next().unwrap();
        crate::ingest::Mapping::parse(std::path::Path::new("m.toml"), map).unwrap();
    }
}

#[test]
fn columns_that_nobody_knows_are_named_with_what_they_look_like() {
    let (report, _) = read(
        "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Impressions,Post share,Mood,Cost per anything new (EUR)\n\
         2026-01-05,2026-01-11,C,1.5,100,2,good,3\n",
    );
    let role = |header: &str| {
        report.columns.iter().find(|column| column.header == header).unwrap().role.clone()
    };
    assert_eq!(role("Post share"), crate::ingest::Role::Unknown(Some("shares")));
    assert_eq!(role("Mood"), crate::ingest::Role::Unknown(None));
    assert_eq!(role("Cost per anything new (EUR)"), crate::ingest::Role::Known);
}

#[test]
fn the_files_own_window_tells_day_from_month() {
    let formats = formats(&Reference::default()).unwrap();
    let text = "Date,Campaign name,Amount spent (EUR),Impressions\n\
                01/02/2026,C,1.5,100\n01/04/2026,C,2.5,100\n";
    let name = "Account-Campaigns-Jan-1-2026-Jan-31-2026.csv";
    let (_, rows) = read_with(&formats, name, text).unwrap();
    assert_eq!(day(&rows[1]), (date(2026, 1, 4), date(2026, 1, 4)));
    // A name that fits both readings, or none, settles nothing.
    for name in
        ["a.csv", "Campaigns-Jan-1-2026-Dec-31-2026.csv", "Campaigns-Jan-1-2020-Jan-31-2020.csv"]
    {
        let error = read_with(&formats, name, text).unwrap_err();
        assert!(matches!(error, IngestError::Dates { line: 2, .. }), "{name}: {error}");
    }
}

#[test]
fn what_cannot_well_be_is_for_a_person_to_check() {
    let told = |text: &str| {
        let (report, _) = read(text);
        let findings = report.findings.iter();
        findings.map(|f| (f.line, f.column.clone(), f.allowed.clone())).collect::<Vec<_>>()
    };
    let header = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Amount spent (EUR),Impressions,Reach\n";
    let line = |spend: &str, other: &str, reach: &str| {
        format!("2026-01-01,2026-01-31,C,{spend},{other},100,{reach}\n")
    };
    assert_eq!(told(header), [(1, String::new(), Allowed::Rows)]);
    let same = format!("{header}{}{}", line("1.5", "1.5", "90"), line("2", "2", ""));
    assert_eq!(told(&same), []);
    let differ = format!("{header}{}{}", line("1.5", "1.5", "900"), line("2", "3", "90").repeat(2));
    assert_eq!(
        told(&differ),
        [
            (2, "Reach".to_owned(), Allowed::AtMostImpressions("100".to_owned())),
            (3, "Amount spent (EUR)".to_owned(), Allowed::SameAs("2".to_owned())),
        ]
    );
    let both = "Day,Campaign name,Amount spent (EUR),Amount spent (EUR),Impressions,Impressions\n\
                2026-01-01,C,1,2,10,20\n";
    assert_eq!(told(both).len(), 2);
}

#[test]
fn names_put_together_from_two_encodings_are_put_right() {
    let formats = formats(&Reference::default()).unwrap();
    let mut bytes =
        "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Impressions\n\
                     2026-01-01,2026-01-31,Été,1,10\n2026-01-01,2026-01-31,"
            .as_bytes()
            .to_vec();
    bytes.extend(b"Rentr\xe9e,1,10\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.csv");
    std::fs::write(&path, bytes).unwrap();
    let mut names = Vec::new();
    formats
        .read(&path, None, &mut |row| {
            names.push(row.get(Attribute::Campaign).unwrap().to_owned());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(names, ["Été", "Rentrée"]);
}

#[test]
fn what_money_bought_of_a_post_stands_beside_what_came_unpaid() {
    let header = "Tweet id,Tweet text,time,impressions,retweets,replies,likes,url clicks,promoted impressions,promoted retweets,promoted replies,promoted likes,promoted url clicks\n";
    let (report, rows) = read(&format!(
        "{header}1,a,2021-01-30 12:56 +0000,215.0,2,0,5,1,-,-,-,-,-\n\
         2,b,2021-01-31 08:00 +0000,100,3,1,4,2,9000,30,4,50,\n"
    ));
    assert_eq!((report.rows_read, report.rows_accepted(), report.rows_beside), (2, 2, 1));
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            let shares = row.actions.get(Action::Shares);
            (row.line, row.get(Attribute::Placement), row.impressions, shares)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (2, None, Some(215.0), Some(2.0)),
            (3, Some("organic"), Some(100.0), Some(3.0)),
            (3, Some("promoted"), Some(9000.0), Some(30.0)),
        ]
    );
    assert_eq!(rows[2].actions.get(Action::LinkClicks), None);
    assert_eq!((rows[2].spend, &rows[2].ids), (None, &rows[1].ids));
    assert_eq!(report.totals.impressions, Some(9315.0));
    let broken = format!("{header}2,b,2021-01-31 08:00 +0000,100,3,1,4,2,-9000,30,4,50,\n");
    let (report, rows) = read(&broken);
    assert_eq!((report.rows_rejected, report.rows_beside, rows.len()), (1, 0, 0));
}

#[test]
fn a_connectors_actions_are_joined_to_its_report() {
    let formats = formats(&Reference::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let report = put(
        "ads_data.csv",
        "ad_id,date,account_id,impressions,inline_link_clicks,spend\n\
         7,2024-01-02,1,100,3,5.5\n8,2024-01-02,1,50,,2\n",
    );
    let actions = put(
        "ads_actions_data.csv",
        "_fivetran_id,ad_id,date,index,action_type,inline,value\n\
         a,7,2024-01-02 00:00:00,0,post,,2\na,7,2024-01-02,1,comment,,4\n\
         a,7,2024-01-02,2,link_click,,9\na,7,2024-01-02,3,lead,,6\n\
         b,8,2024-01-02,0,onsite_conversion.post_save,,1.0\nc,9,2024-01-02,0,comment,,1\n",
    );
    let sources = formats.sources(&[actions.clone(), report.clone()]);
    assert_eq!(sources.all.len(), 1);
    assert_eq!((&sources.all[0].path, &sources.all[0].actions), (&report, &Some(actions.clone())));
    let mut rows = Vec::new();
    let export = formats.open_source(&sources.all[0], &sources, None).unwrap();
    assert_ne!(export.fingerprint(), formats.open(&report, None).unwrap().fingerprint());
    let report = export
        .read(&mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    let count = |row: usize, action| rows[row].actions.get(action);
    assert_eq!(count(0, Action::Shares), Some(2.0));
    assert_eq!(count(0, Action::Comments), Some(4.0));
    // The report's own number stands.
    assert_eq!(count(0, Action::LinkClicks), Some(3.0));
    assert_eq!(count(1, Action::Saves), Some(1.0));
    assert_eq!(report.totals.actions.get(Action::Comments), Some(4.0));
    // The third ad's actions have no line to stand with.
    assert!(report.findings.iter().any(|found| found.allowed == Allowed::ReportLine(1)));
    assert!(report.needs_a_person());
    let alone = formats.sources(std::slice::from_ref(&actions));
    assert!(matches!(
        formats.open_source(&alone.all[0], &alone, None),
        Err(IngestError::Unknown { .. })
    ));
}

#[test]
fn days_without_a_year_are_asked_for_and_go_on_over_new_year() {
    let formats = formats(&Reference::default()).unwrap();
    let header = "Date,Video Views,Profile Views,Likes,Comments,Shares\n";
    let up = "December 30,100,9,5,1,2\nDecember 31,90,8,4,0,1\nJanuary 1,80,7,3,0,0\n";
    let down =
        "\"January 1\",80,7,3,0,0\n\"December 31\",90,8,4,0,1\n\"December 30\",100,9,5,1,2\n";
    let error = read_with(&formats, "Overview.csv", &format!("{header}{up}")).unwrap_err();
    let IngestError::Year { line: 2, ref found, sorted: true, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(found, "December 30");
    for (language, words) in [(Language::En, "--year 2025"), (Language::Fr, "--year 2025")] {
        assert!(error.explain(language).contains(words), "{}", error.explain(language));
    }
    let with = |year: i16, text: &str| {
        let map = crate::ingest::Mapping::default().with_year(year).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Overview.csv");
        std::fs::write(&path, text).unwrap();
        let mut days = Vec::new();
        let report = formats.read(&path, Some(&map), &mut |row| {
            days.push(day(&row).0);
            ControlFlow::Continue(())
        });
        report.map(|report| (report.format, days))
    };
    let days = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1)];
    let (format, found) = with(2025, &format!("{header}{up}")).unwrap();
    assert_eq!((format.as_str(), found.as_slice()), ("tiktok-studio", &days[..]));
    let (_, mut found) = with(2026, &format!("{header}{down}")).unwrap();
    found.reverse();
    assert_eq!(found, days);
    let mixed = format!("{header}{up}December 29,1,1,1,1,1\n");
    let error = with(2025, &mixed).unwrap_err();
    assert!(matches!(error, IngestError::Year { line: 5, sorted: false, .. }), "{error}");
    // The file's own name may say it.
    let text = format!("{header}{up}");
    let (_, rows) = read_with(&formats, "Overview_2025-12-30_2026-01-01.csv", &text).unwrap();
    assert_eq!(day(&rows[2]).0, days[2]);
    assert_eq!(rows[0].actions.get(Action::Views), Some(100.0));
    assert_eq!((rows[0].spend, rows[0].get(Attribute::Network)), (None, Some("tiktok")));
}

/// A workbook of these sheets, each with lines of cells separated by `|`.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, text) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (line, cells) in text.lines().enumerate() {
            for (column, cell) in cells.split('|').enumerate() {
                let (line, column) = (line as u32, column as u16);
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(line, column, number).unwrap(),
                    Err(_) => sheet.write_string(line, column, cell).unwrap(),
                };
            }
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_linkedin_pages_two_sheets_count_once() {
    let metrics = "Aggregated engagement metrics for your organic and sponsored posts over time.\n\
        Date|Impressions (organic)|Impressions (sponsored)|Impressions (total)|Unique impressions (organic)|Clicks (organic)|Clicks (sponsored)|Clicks (total)|Reactions (organic)|Reactions (sponsored)|Reactions (total)|Comments (organic)|Comments (sponsored)|Comments (total)|Reposts (organic)|Reposts (sponsored)|Reposts (total)|Engagement rate (organic)|Engagement rate (sponsored)|Engagement rate (total)\n\
        09/03/2026|100|40|140|80|5|2|7|4|1|5|1|0|1|2|1|3|0.12|0.1|0.11\n\
        09/14/2026|50|0|50|40|5|0|5|4|0|4|1|0|1|2|0|2|0.12|0|0.11";
    let posts = "Post engagement metrics for the selected time period\n\
        Post title|Post link|Post type|Created date|Impressions|Clicks|Likes|Comments|Reposts|Follows|Engagement rate|Content Type\n\
        Rentrée|https://x/1|Organic|09/03/2026|190|12|9|2|5|0|0.1|Video";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page_content.xlsx");
    std::fs::write(&path, workbook(&[("Metrics", metrics), ("All posts", posts)])).unwrap();
    let formats = formats(&Reference::default()).unwrap();
    let read = |map: Option<&crate::ingest::Mapping>| {
        let mut rows = Vec::new();
        let report = formats.read(&path, map, &mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        });
        (report.unwrap(), rows)
    };
    let (report, rows) = read(None);
    assert_eq!((report.format.as_str(), report.rows_rejected), ("linkedin-page-days", 0));
    assert_eq!(report.sheets_not_read, ["All posts"]);
    assert!(report.columns.iter().all(|own| !matches!(own.role, crate::ingest::Role::Unknown(_))));
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.get(Attribute::Placement), row.impressions, row.actions.get(Action::Shares))
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some("organic"), Some(100.0), Some(2.0)),
            (Some("promoted"), Some(40.0), Some(1.0)),
            (None, Some(50.0), Some(2.0)),
        ]
    );
    let map = crate::ingest::Mapping::default().with_format("linkedin-page-posts");
    let (report, rows) = read(Some(&map));
    assert_eq!((report.format.as_str(), rows.len()), ("linkedin-page-posts", 1));
    assert_eq!(rows[0].actions.get(Action::Reactions), Some(9.0));
    assert_eq!(rows[0].get(Attribute::Format), Some("video"));
}

#[test]
fn google_ads_windows_and_currencies_are_read_in_more_languages() {
    for (window, header, line) in [
        (
            "1–31 août 2026",
            "Campagne,Code de la devise,Coût,Impr.,Clics",
            "M,EUR,\"1234,50\",900,5",
        ),
        (
            "2026年8月1日 - 2026年8月31日",
            "キャンペーン,通貨コード,費用,表示回数,クリック数",
            "M,EUR,1234.50,900,5",
        ),
        (
            "1. August 2026–31. August 2026",
            "Kampagne,Währungscode,Kosten,Impr.,Klicks",
            "M,EUR,\"1234,50\",900,5",
        ),
        (
            "1 ago 2026 - 31 ago 2026",
            "Campaña,Código de moneda,Coste,Impr.,Clics",
            "M,EUR,\"1234,50\",900,5",
        ),
        (
            "1 de agosto de 2026 - 31 de agosto de 2026",
            "Campaña,Código de divisa,Coste,Impresiones,Clics",
            "M,EUR,\"1234,50\",900,5",
        ),
        (
            "1 ago 2026 - 31 ago 2026",
            "Campagna,Codice valuta,Costo,Impr.,Clic",
            "M,EUR,\"1234,50\",900,5",
        ),
        (
            "1 de ago. de 2026 - 31 de ago. de 2026",
            "Campanha,Código da moeda,Custo,Impr.,Cliques",
            "M,EUR,\"1234,50\",900,5",
        ),
        (
            "1 augustus 2026 - 31 augustus 2026",
            "Campagne,Valutacode,Kosten,Vert.,Klikken",
            "M,EUR,\"1234,50\",900,5",
        ),
    ] {
        let (report, rows) = read(&format!("Report\n\"{window}\"\n{header}\n{line}\n"));
        assert_eq!((report.format.as_str(), report.currency), ("google-ads", Some(Currency::EUR)));
        assert_eq!(day(&rows[0]), (date(2026, 8, 1), date(2026, 8, 31)), "{window}");
        assert_eq!(rows[0].spend.unwrap().to_string(), "1234.50", "{header}");
        assert_eq!(rows[0].actions.get(Action::LinkClicks), Some(5.0), "{header}");
        assert_eq!(rows[0].get(Attribute::Campaign), Some("M"), "{header}");
    }
}

#[test]
fn arabic_digits_and_marks_are_numbers_and_a_map_reads_arabic_headers() {
    let text = "\u{202b}بدء التقارير\u{202c};\u{200f}اسم الحملة\u{200f};المبلغ الذي تم إنفاقه (\u{200e}AED\u{200e});مرات الظهور;مشاركات المنشور\n\
                ٠٥/٠١/٢٠٢٦;\u{202b}حملة الصيف\u{202c};١٬٢٣٤٫٥٠;١٬٠٠٠;٣\n\
                ٢٥/٠١/٢٠٢٦;حملة;۲٫۵;۲۰۰;۰\n";
    let error = fails(text);
    let IngestError::Unknown { sketch, .. } = &error else { panic!("{error}") };
    let money = sketch.iter().find(|own| own.header.contains("AED")).unwrap();
    assert_eq!(money.meaning, Some("spend"));
    let map = "network = \"facebook\"\n[columns]\n\"بدء التقارير\" = \"day\"\n\"اسم الحملة\" = \"campaign\"\n\"المبلغ الذي تم إنفاقه (AED)\" = \"spend\"\n\"مرات الظهور\" = \"impressions\"\n\"مشاركات المنشور\" = \"shares\"\n";
    let map = crate::ingest::Mapping::parse(std::path::Path::new("m.toml"), map).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ar.csv");
    std::fs::write(&path, text).unwrap();
    let mut rows = Vec::new();
    let report = formats(&Reference::default())
        .unwrap()
        .read(&path, Some(&map), &mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.findings);
    assert_eq!(report.currency, "AED".parse().ok());
    assert_eq!(rows[0].spend.unwrap().to_string(), "1234.50");
    assert_eq!((rows[0].impressions, rows[1].impressions), (Some(1000.0), Some(200.0)));
    assert_eq!(rows[0].get(Attribute::Campaign), Some("حملة الصيف"));
    assert_eq!(day(&rows[0]).0, date(2026, 1, 5));
}

#[test]
fn business_suite_posts_are_read_in_seven_languages_organic_and_boosted_apart() {
    let formats = formats(&Reference::default()).unwrap();
    for (language, header) in [
        (
            "fr",
            "Identifiant de la publication,Nom de la page,Titre,Heure de publication,Permalien,Type de publication,Vues de publications organiques,Couverture de publications organiques,Réactions,Commentaires,Partages,Total des clics,Vues de publications boostées",
        ),
        (
            "es",
            "Identificador de la publicación,Nombre de la página,Título,Hora de publicación,Enlace permanente,Tipo de publicación,Visualizaciones de publicaciones orgánicas,Alcance,Reacciones,Comentarios,Veces que se compartió,Total de clics,Visualizaciones de publicaciones promocionadas",
        ),
        (
            "de",
            "Beitrags-ID,Seitenname,Titel,Veröffentlichungszeit,Permalink,Beitragsart,Aufrufe organischer Beiträge,Reichweite,Reaktionen,Kommentare,Geteilte Inhalte,Klicks insgesamt,Aufrufe beworbener Beiträge",
        ),
        (
            "it",
            "ID del post,Nome della Pagina,Titolo,Orario di pubblicazione,Link permanente,Tipo di post,Visualizzazioni dei post organici,Copertura,Reazioni,Commenti,Condivisioni,Clic totali,Visualizzazioni dei post in evidenza",
        ),
        (
            "pt",
            "Identificação do post,Nome da Página,Título,Horário de publicação,Link permanente,Tipo de post,Visualizações de posts orgânicos,Alcance,Reações,Comentários,Compartilhamentos,Total de cliques,Visualizações de posts impulsionados",
        ),
        (
            "nl",
            "Bericht-ID,Paginanaam,Titel,Publicatietijdstip,Permalink,Berichttype,Weergaven via Organische berichten,Bereik,Reacties,Opmerkingen,Deelacties,Totaal aantal klikken,Weergaven via Gepromote berichten",
        ),
    ] {
        let line = "77,Page,Été,03/19/2026 10:30,https://x,Photo,100,80,5,2,3,9,400";
        let line = if language == "fr" { line.replace("03/19", "19/03") } else { line.to_owned() };
        let (report, rows) =
            read_with(&formats, "posts.csv", &format!("{header}\n{line}\n")).unwrap();
        assert_eq!((report.format.as_str(), rows.len()), ("meta-posts", 2), "{language}");
        assert_eq!(day(&rows[0]).0, date(2026, 3, 19), "{language}");
        // Where no day of the file tells, only the languages whose order is known are read.
        let line = line.replace("03/19", "03/09").replace("19/03", "09/03");
        let read = read_with(&formats, "posts.csv", &format!("{header}\n{line}\n"));
        match read {
            Ok((_, rows)) => assert_eq!(day(&rows[0]).0, date(2026, 3, 9), "{language}"),
            Err(error) => {
                assert!(matches!(error, IngestError::Dates { line: 2, .. }), "{language}: {error}");
                assert!(["de", "it", "nl"].contains(&language), "{language}");
            }
        }
        let told = [Action::Reactions, Action::Comments, Action::Shares, Action::Clicks]
            .map(|kind| rows[0].actions.get(kind));
        assert_eq!(told, [Some(5.0), Some(2.0), Some(3.0), Some(9.0)], "{language}");
        assert_eq!((rows[0].impressions, rows[1].impressions), (Some(100.0), Some(400.0)));
        assert_eq!(rows[1].get(Attribute::Placement), Some("promoted"), "{language}");
        let unknown =
            report.columns.iter().filter(|own| matches!(own.role, crate::ingest::Role::Unknown(_)));
        assert_eq!(unknown.count(), 0, "{language}: {:?}", report.columns);
    }
}

#[test]
fn business_suite_posts_are_read_as_swedish_pages_and_accounts_export_them() {
    let header = "Publicerings-id,Konto-id,Kontonamn,Beskrivning,Varaktighet (sek),Publiceringstid,Permalänk,Inläggstyp,Datum,Visningar,Räckvidd,Gilla-markeringar,Kommentarer,Delningar,Sparade objekt,Följer";
    let line = "77,1,Kommun,Sommar,0,06/19/2026 10:30,https://x,Reel,Livstid,100,80,5,2,3,4,1";
    let (report, rows) = read(&format!("{header}\n{}\n", line.replace("Livstid", "")));
    assert_eq!((report.format.as_str(), report.rows_rejected), ("meta-posts", 0));
    assert_eq!(day(&rows[0]).0, date(2026, 6, 19));
    let told =
        [Action::Reactions, Action::Saves, Action::Follows].map(|kind| rows[0].actions.get(kind));
    assert_eq!(told, [Some(5.0), Some(4.0), Some(1.0)]);
    let unknown = |role: &crate::ingest::Role| matches!(role, crate::ingest::Role::Unknown(_));
    assert!(!report.columns.iter().any(|own| unknown(&own.role)), "{:?}", report.columns);
}

#[test]
fn metas_reporting_of_2026_is_read() {
    let (report, rows) = read(
        "Campaign name,Ad set name,Ads,Delivery status,Delivery level,Reporting starts,Reporting ends,Age,Platform,Placement,Amount spent (EUR),Impressions,Reach,Lead Cost /CV (EUR),Post shares\n\
         C,S,A,Active,Ad,2026-01-05,2026-01-11,Unknown,Facebook,Feed,1.5,100,90,3,1\n\
         C,S,A,Active,Ad,2026-01-05,2026-01-11,Unknown,Instagram,Feed,2.5,50,40,3,\n",
    );
    assert_eq!((report.format.as_str(), report.rows_rejected), ("meta-ads", 0));
    assert_eq!(rows[0].get(Attribute::Ad), Some("A"));
    assert_eq!(rows[0].get(Attribute::Age), Some("unknown"));
    assert_ne!(rows[0].get(Attribute::Network), rows[1].get(Attribute::Network));
    for header in ["Lead Cost /CV (EUR)", "Delivery status", "Delivery level"] {
        let column = report.columns.iter().find(|column| column.header == header).unwrap();
        assert_eq!(column.role, crate::ingest::Role::Known, "{header}");
    }
}

#[test]
fn every_line_of_a_map_says_what_it_did_and_a_shipped_map_that_fits_is_named() {
    use crate::ingest::{MapDid, Mapping};
    let text = "network = \"x\"\ncurrency = \"EUR\"\noptional = [\"Later\"]\n[columns]\n\"Dépense\" = \"spend\"\n\"Vu\" = \"impressions\"\n\"Encore vu\" = \"impressions\"\n\"Quand\" = \"day\"\n\"Humeur\" = \"ignore\"\n\"Later\" = \"shares\"\n[dates]\norder = \"dmy\"\n";
    let map = Mapping::parse(std::path::Path::new("m.toml"), text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.csv");
    std::fs::write(
        &path,
        "Quand,Dépense,Vu,Encore vu,Humeur\n05/01/2026,1.5,100,100,bonne\n06/01/2026,2,50,50,\n",
    )
    .unwrap();
    let formats = formats(&Reference::default()).unwrap();
    let report = formats.read(&path, Some(&map), &mut |_| ControlFlow::Continue(())).unwrap();
    let told = |key: &str| {
        let line = report.map.iter().find(|line| line.key == key).unwrap();
        (line.did.clone(), line.cells, line.example.clone())
    };
    assert_eq!(told("Dépense"), (MapDid::Read, Some(2), "1.5".to_owned()));
    assert_eq!(told("Humeur"), (MapDid::Ignored, Some(1), "bonne".to_owned()));
    assert_eq!(told("Later"), (MapDid::Optional, None, String::new()));
    assert_eq!(told("network").0, MapDid::EveryLine);
    assert_eq!(told("currency").0, MapDid::Held);
    assert_eq!(told("dates.order").0, MapDid::Held);
    let seconds = report.map.iter().filter(|line| matches!(line.did, MapDid::Second(_)));
    assert_eq!(seconds.count(), 1, "{:?}", report.map);
    // Another file of the same import is read by its own format, and the map says so.
    std::fs::write(
        &path,
        "Campaign name,Day,Amount spent (EUR),Impressions,Vu\nC,2026-01-05,1,10,9\n",
    )
    .unwrap();
    let report = formats.read(&path, Some(&map), &mut |_| ControlFlow::Continue(())).unwrap();
    let seen = report.map.iter().find(|line| line.key == "Vu").unwrap();
    assert_eq!(seen.did, MapDid::Apart("meta-ads".to_owned()));
    assert_eq!(
        report.map.iter().find(|line| line.key == "currency").unwrap().did,
        MapDid::FileSays
    );

    std::fs::write(
        &path,
        "Content,Video title,Video publish time,Views,Likes\nabc,Été,2026-01-05,9,1\n",
    )
    .unwrap();
    let error = formats.read(&path, None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    let IngestError::Unknown { maps, .. } = &error else { panic!("{error}") };
    assert_eq!(maps, &["youtube-studio"]);
    for language in [Language::En, Language::Fr] {
        assert!(error.explain(language).contains("--map youtube-studio"));
    }
    let map =
        Mapping::named(std::path::Path::new("youtube-studio"), &Reference::default()).unwrap();
    let report = formats.read(&path, Some(&map), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(report.format, "youtube-studio");
    assert!(
        Mapping::named(std::path::Path::new("../formats/meta-ads"), &Reference::default()).is_err()
    );
}

/// A header, its meaning in a map to begin with, and the header that has that meaning already.
type SketchLine = (String, Option<&'static str>, Option<String>);

/// A map to begin with, line by line.
fn sketched(text: &str) -> (IngestError, Vec<SketchLine>) {
    let error = fails(text);
    let IngestError::Unknown { sketch, .. } = &error else { panic!("{error}") };
    let sketch = sketch.iter().map(|own| (own.header.clone(), own.meaning, own.rival.clone()));
    let sketch = sketch.collect();
    (error, sketch)
}

#[test]
fn a_map_to_begin_with_knows_the_common_words_in_cyrillic_and_arabic() {
    let meanings = [
        "day",
        "campaign",
        "ad_set",
        "spend",
        "impressions",
        "reach",
        "clicks",
        "reactions",
        "comments",
        "shares",
        "saves",
    ];
    for (header, line) in [
        (
            "Дата;Кампания;Группа объявлений;Расход, ₽;Показы;Охват;Клики;Лайки;Комментарии;Репосты;Сохранения;Отписки;CTR, %;Цена за клик",
            "05.01.2026;Весна;18-24;1 200,50;9 000;7 000;120;40;5;3;2;1;1,3;10",
        ),
        (
            "Дата;Назва кампанії;Група оголошень;Витрачена сума (UAH);Покази;Охоплення;Кліки;Вподобання;Коментарі;Поширення;Збереження;Відписки;CTR;Вартість кліка",
            "05.01.2026;Весна;18-24;1200,5;9000;7000;120;40;5;3;2;1;1,3;10",
        ),
        (
            "التاريخ;اسم الحملة;مجموعة الإعلانات;المبلغ المنفق (AED);مرات الظهور;الوصول;النقرات;الإعجابات;التعليقات;المشاركات;عمليات الحفظ;إلغاء المتابعة;معدل النقر;تكلفة النقرة",
            "٠٥/٠١/٢٠٢٦;حملة;١٨-٢٤;١٢٠٠٫٥;٩٠٠٠;٧٠٠٠;١٢٠;٤٠;٥;٣;٢;١;١٫٣;١٠",
        ),
    ] {
        let (error, sketch) = sketched(&format!("{header}\n{line}\n"));
        for (own, meaning) in sketch.iter().zip(meanings) {
            assert_eq!((own.1, &own.2), (Some(meaning), &None), "{}: {sketch:?}", own.0);
        }
        assert_eq!((sketch[11].1, sketch[12].1), (None, None), "{sketch:?}");
        // A price waits for a person, beside what was spent.
        assert!(sketch[13].1.is_none() || sketch[13].2.is_some(), "{sketch:?}");
        let text = error.explain(Language::En);
        assert!(!text.contains(&format!("\"{}\" = \"ignore\"", sketch[0].0)), "{text}");
    }
    // Saved by an old spreadsheet, its letters are told by the headers.
    let text = "Дата;Кампания;Расход;Показы\n05.01.2026;A;1,5;100\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ru.csv");
    std::fs::write(&path, encoding_rs::WINDOWS_1251.encode(text).0).unwrap();
    let formats = formats(&Reference::default()).unwrap();
    let error = formats.read(&path, None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.explain(Language::En).contains("\"Показы\" = \"impressions\""), "{error}");
}

#[test]
fn columns_of_days_are_days_and_what_nobody_knows_is_a_question() {
    let (error, sketch) = sketched(
        "Geografi,Tittad tid,Ταχύτητα,When it ran\nSE,0:04:34,12,\"Jan 5, 2026\"\nNO,0:05:42,14,\n",
    );
    assert_eq!(sketch.iter().filter(|own| own.1.is_some()).count(), 1, "{sketch:?}");
    for language in [Language::En, Language::Fr] {
        let text = error.explain(language);
        for question in
            ["# \"Geografi\" = \"ignore\"", "\"When it ran\" = \"day\"", "# \"Ταχύτητα\" ="]
        {
            assert!(text.contains(question), "{text}");
        }
        assert!(!text.contains("\n  \"Geografi\""), "{text}");
    }
    // A second column of days waits for a person, and is never left aside.
    let (error, sketch) = sketched(
        "id,post_id,caption,published_at,reach,Total likes,Total shares,Estimated revenue (USD),updated_at\n\
         1,77,Été,2026-01-05 21:09:11+00,90,5,2,1.5,2026-02-05 21:09:11+00\n",
    );
    let of = |header: &str| sketch.iter().find(|own| own.0 == header).unwrap();
    assert_eq!((of("published_at").1, &of("published_at").2), (Some("day"), &None));
    assert_eq!(of("updated_at").2.as_deref(), Some("published_at"));
    assert_eq!((of("Total likes").1, of("Total shares").1), (Some("reactions"), Some("shares")));
    assert_eq!((of("id").1, of("Estimated revenue (USD)").1), (None, None));
    let text = error.explain(Language::En);
    assert!(text.contains("\n  # \"updated_at\" = \"day\""), "{text}");
    assert!(text.contains("\n  # \"Estimated revenue (USD)\" ="), "{text}");
}

#[test]
fn what_people_took_back_of_a_day_is_read_where_the_network_counts_so() {
    let formats = formats(&Reference::default()).unwrap();
    let text = "Date,Video Views,Profile Views,Likes,Comments,Shares\nAugust 11,9000,60,20,2,1\nAugust 12,10280,63,30,-1,3\n";
    let name = "Overview_2025-08-11_2025-08-12.csv";
    let (report, rows) = read_with(&formats, name, text).unwrap();
    assert_eq!((rows.len(), report.rows_rejected), (2, 0), "{:?}", report.findings);
    assert_eq!(report.totals.actions.get(Action::Comments), Some(1.0));
    // Elsewhere a count below 0 is a mistake.
    let (report, _) = read("network,day,spend,impressions,comments\nx,2026-01-05,1.5,100,-1\n");
    assert_eq!(report.rows_rejected, 1);
}

#[test]
fn tables_that_people_make_are_read_by_the_names_that_they_give() {
    let (report, rows) = read(
        "date_week,campaign_name,adset,platform,spend,impressions,link_clicks,video_views\n\
         2025-01-06,Cocina,Broad,Meta,40.5,1000,21,90\n",
    );
    assert_eq!((report.format.as_str(), report.rows_rejected), ("generic", 0));
    assert_eq!(day(&rows[0]).0, date(2025, 1, 6));
    let told =
        [Attribute::Network, Attribute::Campaign, Attribute::AdSet].map(|own| rows[0].get(own));
    assert_eq!(told, [Some("meta"), Some("Cocina"), Some("Broad")]);
    assert_eq!(rows[0].actions.get(Action::Views), Some(90.0));
    let (report, rows) = read(
        "\"Report Name: Custom API Report\"\n\"Rows: 1\"\n\n\"AccountName\",\"AdGroupId\",\"AdGroupName\",\"Clicks\",\"TimePeriod\",\"Impressions\",\"Spend\"\n\
         \"A\",\"77\",\"Filters\",\"2\",\"2022-10-18\",\"4\",\"6.61\"\n\n\"©2022 Microsoft Corporation. All rights reserved. \"\n",
    );
    assert_eq!((rows.len(), report.rows_rejected), (1, 0), "{:?}", report.findings);
    assert_eq!(day(&rows[0]).0, date(2022, 10, 18));
    assert_eq!(rows[0].get(Attribute::AdSet), Some("Filters"));
}

#[test]
fn a_map_says_what_its_units_values_and_totals_did() {
    use crate::ingest::{MapDid, Mapping};
    let text = "network = \"x\"\nlevel = \"ad\"\nmissing = [\"nix\", \"nada\"]\nbreakdowns = [\"gender\"]\n[columns]\n\"Micro\" = \"cpm\"\n\"Seen\" = \"impressions\"\n\"Who\" = \"gender\"\n\"Paid\" = \"spend\"\n\"When\" = \"day\"\n[units]\ncpm = \"0.000001\"\n[values.gender]\nmm = \"male\"\nff = \"female\"\n[totals]\nwords = [\"sum\"]\n[derive.spend]\nmultiply = [\"cpm\", \"impressions\"]\ndivide_by = 1000\n";
    let map = Mapping::parse(std::path::Path::new("m.toml"), text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.csv");
    let lines = "When,Paid,Micro,Seen,Who\n2026-01-05,,2000000,500,mm\n2026-01-06,7,2000000,nix,mm\nSum,8,,,\n";
    std::fs::write(&path, lines).unwrap();
    let formats = formats(&Reference::default()).unwrap();
    let report = formats.read(&path, Some(&map), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(report.totals.spend.unwrap().normalize().to_string(), "8");
    let told = |key: &str, value: &str| {
        let line = report.map.iter().find(|line| line.key == key && line.value == value);
        let line = line.unwrap_or_else(|| panic!("{key} {value}: {:?}", report.map));
        (line.did.clone(), line.cells)
    };
    assert_eq!(told("units.cpm", "0.000001"), (MapDid::Held, Some(2)));
    assert_eq!(told("values.gender", "mm = male"), (MapDid::Held, Some(2)));
    assert_eq!(told("values.gender", "ff = female"), (MapDid::Idle, Some(0)));
    assert_eq!(told("missing", "nix"), (MapDid::Held, Some(1)));
    assert_eq!(told("missing", "nada"), (MapDid::Idle, Some(0)));
    assert_eq!(told("totals.words", "sum"), (MapDid::Held, Some(1)));
    assert_eq!(told("derive.spend", "cpm × impressions / 1000"), (MapDid::Held, Some(1)));
    assert_eq!(told("breakdowns", "gender"), (MapDid::Held, None));
    assert_eq!(told("level", "ad"), (MapDid::Held, None));
    for language in [Language::En, Language::Fr] {
        assert!(!MapDid::Idle.tell(language).contains('⟨'));
    }
    // A file of a known format uses none of them, and the report says so.
    std::fs::write(&path, "Campaign name,Day,Amount spent (EUR),Impressions\nC,2026-01-05,1,10\n")
        .unwrap();
    let report = formats.read(&path, Some(&map), &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.is_map_unused);
    let apart = MapDid::Apart("meta-ads".to_owned());
    for key in ["units.cpm", "values.gender", "totals.words", "derive.spend", "level"] {
        let line = report.map.iter().find(|line| line.key == key).unwrap();
        assert_eq!(line.did, apart, "{key}");
    }
}

#[test]
fn a_map_that_is_not_there_is_told_with_those_that_are() {
    use crate::ingest::Mapping;
    let named =
        |name: &str| Mapping::named(std::path::Path::new(name), &Reference::default()).unwrap_err();
    for (name, nearest) in [
        ("youtube-studo", Some("youtube-studio")),
        ("kag.toml", None),
        ("Google-ads.toml", Some("google-ads")),
    ] {
        let error = named(name);
        for language in [Language::En, Language::Fr] {
            let text = error.explain(language);
            assert!(text.contains(name) && text.contains("uci-facebook-posts"), "{text}");
            let asked = nearest.map(|nearest| format!("--map {nearest}"));
            assert_eq!(asked.as_ref().is_some_and(|asked| text.contains(asked)), nearest.is_some());
            assert_eq!(text.contains("--map"), nearest.is_some(), "{text}");
        }
    }
}

#[test]
fn a_map_to_begin_with_is_sound_in_other_languages_too() {
    for (header, line) in [
        (
            "Datum;Kampagne;Ausgaben in €;Sichtkontakte;Klicks;Klicks auf Link;Klickrate;Geteilt;Abbestellungen;Kosten pro Klick",
            "01.02.2026;A;5,70;100;5;4;2,1 %;3;1;0,2",
        ),
        (
            "Fecha;Campaña;Inversión (EUR);Impresiones;Clics;Clics únicos;Tasa de clics;Compartidos;Bajas",
            "01/02/2026;A;5,70;100;5;4;2,1;3;1",
        ),
        (
            "Data;Campagna;Spesa €;Impression;Clic;Clic unici;Tasso di clic;Condivisioni;Disiscrizioni",
            "01/02/2026;A;5,70;100;5;4;2,1;3;1",
        ),
        (
            "Date d'envoi;Opération;Budget consommé (EUR);Affichages;Clics;Clics uniques;Taux de clic;Partages;Désabonnements;Désinscriptions",
            "01/02/2026;A;5,70;100;5;4;2,1;3;1;2",
        ),
        (
            "Dato;Kampanje;Forbruk kr;Visninger;Klikk;Unike klikk;Klikkrate;Delinger;Avmeldinger",
            "01.02.2026;A;5,70;100;5;4;2,1;3;1",
        ),
        (
            "date,campaign,media_cost_eur,imps,clicks,unique_clicks,ctr_pct,shares,unsubscribes,share_rate",
            "2026-02-01,A,5.70,100,5,4,2.1,3,1,0.3",
        ),
    ] {
        let error = fails(&format!("{header}\n{line}\n"));
        let IngestError::Unknown { sketch, .. } = &error else { panic!("{error}") };
        let mut counts = std::collections::BTreeMap::new();
        for own in sketch.iter().filter(|own| own.rival.is_none()) {
            if let Some(meaning) = own.meaning {
                *counts.entry(meaning).or_insert(0) += 1;
            }
        }
        assert!(counts.values().all(|n| *n == 1), "{header}: {sketch:?}");
        assert_eq!(counts.get("spend"), Some(&1), "{header}: {sketch:?}");
        let no_count = |header: &str| {
            let text = header.to_lowercase();
            [
                "rate",
                "tasa",
                "tasso",
                "taux",
                "pro klick",
                "abbest",
                "bajas",
                "disis",
                "désab",
                "désins",
                "avmeld",
                "unsub",
                "ctr",
            ]
            .iter()
            .any(|word| text.contains(word))
        };
        for own in sketch.iter().filter(|own| no_count(&own.header)) {
            let is_money = own.meaning == Some("spend") && own.rival.is_some();
            assert!(own.meaning.is_none() || is_money, "{header}: {own:?}");
        }
        // A column of money is never left aside without a question.
        let text = error.explain(Language::En);
        let map = text.split_once("[columns]").unwrap().1;
        assert!(map.contains("= \"spend\""), "{map}");
        for own in sketch.iter().filter(|own| own.is_kept) {
            assert!(!map.contains(&format!("\"{}\" = \"ignore\"", own.header)), "{map}");
        }
    }
    let two =
        "date,amount spent,media cost,cpc (EUR),clicks,shares,campaign\n2026-01-01,1,1,0.1,5,1,C\n";
    let text = fails(two).explain(Language::En);
    for header in ["amount spent", "media cost", "cpc (EUR)"] {
        assert!(!text.contains(&format!("\"{header}\" = \"ignore\"")), "{text}");
        assert!(text.contains(&format!("\"{header}\" = \"spend\"")), "{text}");
    }
}

#[test]
fn one_number_of_a_page_by_day_is_refused_with_what_to_export_instead() {
    let text = "sep=,\n\"Reach\"\n\"Date\",\"Primary\"\n\"2025-08-01T00:00:00\",\"20\"\n";
    let bytes: Vec<u8> = "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Reach.csv");
    std::fs::write(&path, bytes).unwrap();
    let formats = formats(&Reference::default()).unwrap();
    let error = formats.read(&path, None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    for (language, words) in
        [(Language::En, "export the posts"), (Language::Fr, "exportez plutôt les publications")]
    {
        assert!(error.explain(language).contains(words), "{}", error.explain(language));
    }
}
