//! Days, months and windows as exports write them.

use jiff::civil::{Date, Weekday};

/// Which of the first two numbers of `03/04/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// 3 April.
    Dmy,
    /// March 4.
    Mdy,
}

/// A stretch of days, both ends included.
pub(crate) type Window = (Date, Date);

/// Reads a date cell: one day, or the days of a month (`2024-01`) or an ISO week (`2024-W05`).
/// A time of day after it is left out.
pub(crate) fn window(text: &str, order: Order) -> Option<Window> {
    let text = text.trim();
    if text.len() > 60 || !text.is_ascii() && text.chars().count() > 40 {
        return None;
    }
    if halves(text)
        .is_some_and(|(first, last)| one(first, order).is_some() && one(last, order).is_some())
    {
        return range(text, order);
    }
    one(text, order)
}

/// One date, or a month or a week by its name.
fn one(text: &str, order: Order) -> Option<Window> {
    let text = text.trim();
    if let Some(day) = iso(text) {
        return plausible(day);
    }
    if let Some(found) = month_or_week(text) {
        return Some(found);
    }
    if let Some(parts) = numeric(text) {
        let (day, month) = match order {
            Order::Dmy => (parts.0, parts.1),
            Order::Mdy => (parts.1, parts.0),
        };
        return plausible(date(parts.2, month, day)?);
    }
    if let Some(day) = worded(text) {
        return plausible(day);
    }
    serial(text.parse().ok()?).and_then(plausible)
}

/// Two days with a word or a dash between them: `2023-01-02 - 2023-01-08`,
/// `January 1, 2024 – January 31, 2024`, `du 1er au 7 mars 2024` not.
pub(crate) fn range(text: &str, order: Order) -> Option<Window> {
    let (first, last) = halves(text)?;
    let (first, last) = (one(first, order)?, one(last, order)?);
    (first.0 <= last.1).then_some((first.0, last.1))
}

/// What stands on either side of a range's dash.
fn halves(text: &str) -> Option<(&str, &str)> {
    const BETWEEN: [&str; 8] = [" - ", " – ", " — ", " to ", " au ", " bis ", "~", " a "];
    let halves = BETWEEN.iter().find_map(|between| text.split_once(between))?;
    let (first, last) = (halves.0.trim().trim_matches('"'), halves.1.trim().trim_matches('"'));
    Some((first.trim_start_matches("du ").trim_start_matches("vom "), last))
}

/// A day of Excel's calendar (45 250 is 2023-11-20), when it is in this century.
pub(crate) fn serial(value: f64) -> Option<Date> {
    if !(36_526.0..73_050.0).contains(&value) {
        return None;
    }
    let epoch = jiff::civil::date(1899, 12, 30);
    epoch.checked_add(jiff::Span::new().days(value.floor() as i64)).ok()
}

/// Days of campaigns: no social network is older, none has ended later.
fn plausible(day: Date) -> Option<Window> {
    (2000..2100).contains(&day.year()).then_some((day, day))
}

/// What a cell says about the order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// The first number is above 12.
    Dmy,
    /// The second number is above 12.
    Mdy,
    /// Both are 12 or less, and differ.
    Either,
    /// The same number twice: this one does not matter, the next may.
    Same,
    /// Another form, where the order is known.
    Nothing,
}

/// What a cell says about the order.
pub(crate) fn hint(text: &str) -> Hint {
    if let Some((first, last)) = halves(text) {
        return match hint(first) {
            told @ (Hint::Dmy | Hint::Mdy) => told,
            open => match hint(last) {
                told @ (Hint::Dmy | Hint::Mdy) => told,
                _ => open,
            },
        };
    }
    if iso(text.trim()).is_some() {
        return Hint::Nothing;
    }
    match numeric(text.trim()) {
        Some((first, second, _)) if first > 12 && second <= 12 => Hint::Dmy,
        Some((first, second, _)) if first <= 12 && second > 12 => Hint::Mdy,
        Some((first, second, _)) if first == second && first <= 12 => Hint::Same,
        Some((first, second, _)) if first <= 12 && second <= 12 => Hint::Either,
        _ => Hint::Nothing,
    }
}

/// `2021-11-15`, `2021/11/15`, `20211115`, with or without a time after it.
fn iso(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() >= 10 && matches!(bytes[4], b'-' | b'/') && bytes[7] == bytes[4] {
        let ends = bytes.get(10).is_none_or(|b| matches!(b, b'T' | b' ' | b't'));
        let (year, month, day) = (text.get(..4)?, text.get(5..7)?, text.get(8..10)?);
        return ends.then(|| date(digits(year)?, digits(month)?, digits(day)?)).flatten();
    }
    if bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit) && bytes.starts_with(b"20") {
        return date(digits(&text[..4])?, digits(&text[4..6])?, digits(&text[6..])?);
    }
    None
}

fn month_or_week(text: &str) -> Option<Window> {
    if text.len() == 7 && text.as_bytes()[4] == b'-' {
        let first = date(digits(text.get(..4)?)?, digits(text.get(5..)?)?, 1)?;
        return plausible(first).map(|_| (first, first.last_of_month()));
    }
    if text.contains("-W") {
        let week: crate::units::Week = text.parse().ok()?;
        return plausible(week.monday()).map(|_| (week.monday(), week.sunday()));
    }
    None
}

/// The three numbers of `3/4/2026`, `03.04.26`, `03-04-2026 12:30`: first, second, year.
fn numeric(text: &str) -> Option<(i16, i16, i16)> {
    let text = text.split_once([' ', ',']).map_or(text, |(day, _)| day);
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') {
        return None;
    }
    let mut parts = text.split(separator);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let sized = (1..=2).contains(&first.len()) && (1..=2).contains(&second.len());
    if parts.next().is_some() || !sized {
        return None;
    }
    let year = match year.len() {
        2 => 2000 + digits(year)?,
        4 => digits(year)?,
        _ => return None,
    };
    Some((digits(first)?, digits(second)?, year))
}

/// `Nov 15, 2021`, `15 novembre 2021`, `November 15, 2021, 12:00 AM`, `1er mars 2024`.
///
/// A weekday before it (`Tue, Feb 18, 2025`) must be that day's.
fn worded(text: &str) -> Option<Date> {
    let folded = super::key::folded(text);
    let first = folded.split([' ', ',']).next().unwrap_or_default();
    let Some(weekday) = weekday(first) else { return without_weekday(&folded) };
    let rest = folded[first.len()..].trim_start_matches([' ', ',']);
    without_weekday(rest).filter(|day| day.weekday() == weekday)
}

/// The day that an English name or its abbreviation stands for, as X writes it.
fn weekday(word: &str) -> Option<Weekday> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let is = |(name, _): &&(&str, Weekday)| word == *name || word == &name[..3];
    NAMES.iter().find(is).map(|(_, day)| *day)
}

fn without_weekday(folded: &str) -> Option<Date> {
    let mut month = None;
    let mut numbers = Vec::new();
    for word in folded.split([' ', ',', '-', '.', '/']).filter(|word| !word.is_empty()).take(3 + 2)
    {
        let bare = word.strip_suffix("er").filter(|w| w.bytes().all(|b| b.is_ascii_digit()));
        match digits(bare.unwrap_or(word)) {
            Some(number) => numbers.push(number),
            None if word == "de" || word == "of" => {}
            None if month.is_none() => month = Some(month_of(word)?),
            None => return None,
        }
        if numbers.len() == 2 && month.is_some() {
            break;
        }
    }
    match numbers.as_slice() {
        [day, year] if *year > 31 => date(*year, month?, *day),
        [year, day] if *year > 31 => date(*year, month?, *day),
        _ => None,
    }
}

/// The month that a name or its abbreviation stands for, in the languages of the formats.
fn month_of(word: &str) -> Option<i16> {
    const MONTHS: [&[&str]; 12] = [
        &[
            "jan", "january", "janv", "janvier", "januar", "enero", "ene", "gennaio", "gen",
            "janeiro",
        ],
        &[
            "feb",
            "february",
            "fevr",
            "fev",
            "fevrier",
            "februar",
            "febrero",
            "febbraio",
            "fevereiro",
            "februari",
        ],
        &["mar", "march", "mars", "marz", "marzo", "marco", "mrz", "maart", "mrt"],
        &["apr", "april", "avr", "avril", "abril", "abr", "aprile"],
        &["may", "mai", "mayo", "maggio", "mag", "maio", "mei"],
        &["jun", "june", "juin", "juni", "junio", "giugno", "giu", "junho"],
        &["jul", "july", "juil", "juillet", "juli", "julio", "luglio", "lug", "julho"],
        &["aug", "august", "aout", "agosto", "ago", "augustus"],
        &["sep", "sept", "september", "septembre", "septiembre", "settembre", "set", "setembro"],
        &[
            "oct", "october", "octobre", "oktober", "okt", "octubre", "ottobre", "ott", "outubro",
            "out",
        ],
        &["nov", "november", "novembre", "noviembre", "novembro"],
        &[
            "dec",
            "december",
            "decembre",
            "dezember",
            "dez",
            "diciembre",
            "dic",
            "dicembre",
            "dezembro",
        ],
    ];
    let at = MONTHS.iter().position(|names| names.contains(&word))?;
    i16::try_from(at + 1).ok()
}

fn digits(text: &str) -> Option<i16> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The window in a file's name: `…_20260101_20260131…`, `…-Nov-15-2021-Jan-31-2022.csv`,
/// `…-juil-1-2026-au-juil-11-2026.xlsx`, `2026-01-01_2026-01-31`.
pub(crate) fn in_name(name: &str) -> Option<Window> {
    let stem = super::key::folded(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let words: Vec<&str> =
        stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let mut days = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (found, used) = day_at(&words[at..]);
        days.extend(found);
        at += used;
    }
    match days.as_slice() {
        [start, end] if start <= end => Some((*start, *end)),
        _ => None,
    }
}

/// A day that begins at the first word, and how many words to go on.
fn day_at(words: &[&str]) -> (Option<Date>, usize) {
    if let [first, ..] = words
        && first.len() == 8
        && let Some(day) = iso(first)
    {
        return (Some(day), 1);
    }
    if let [a, b, c, ..] = words {
        let american = month_of(a).and_then(|month| date(digits(c)?, month, digits(b)?));
        let iso = (a.len() == 4 && b.len() == 2 && c.len() == 2)
            .then(|| date(digits(a)?, digits(b)?, digits(c)?))
            .flatten();
        if let Some(day) = american.or(iso) {
            return (Some(day), 3);
        }
    }
    (None, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn day(text: &str, order: Order) -> Option<Date> {
        window(text, order).map(|(start, _)| start)
    }

    #[test]
    fn a_weekday_before_a_date_must_be_its_own() {
        let read = |text: &str| window(text, Order::Mdy).map(|(day, _)| day.to_string());
        assert_eq!(read("Mon Feb 17 2025").as_deref(), Some("2025-02-17"));
        assert_eq!(read("Tue, Feb 18, 2025").as_deref(), Some("2025-02-18"));
        assert_eq!(read("Tuesday, 18 February 2025").as_deref(), Some("2025-02-18"));
        // 18 February 2025 was no Monday: somebody's date is wrong.
        assert_eq!(read("Mon, Feb 18, 2025"), None);
        assert_eq!(read("Mar 3, 2025").as_deref(), Some("2025-03-03"));
    }

    #[test]
    fn days_are_read_in_every_form_of_the_exports() {
        let expected = Some(date(2021, 11, 15));
        for text in [
            "2021-11-15",
            "2021-11-15T16:43:02+1100",
            "2021-11-15 07:00:00",
            "20211115",
            "15/11/2021",
            "15.11.21",
            "15-11-2021 12:30",
            "Nov 15, 2021",
            "November 15, 2021, 12:00 AM",
            "15 novembre 2021",
            "44515",
            "15 november 2021 00:00",
        ] {
            assert_eq!(day(text, Order::Dmy), expected, "{text}");
        }
        assert_eq!(day("1er août 2024", Order::Dmy), Some(date(2024, 8, 1)));
        assert_eq!(day("10/1/2024", Order::Mdy), Some(date(2024, 10, 1)));
        assert_eq!(window("2024-02", Order::Dmy), Some((date(2024, 2, 1), date(2024, 2, 29))));
        let week = Some((date(2023, 1, 2), date(2023, 1, 8)));
        for text in ["2023-01-02 - 2023-01-08", "2/1/2023 – 8/1/2023", "Jan 2, 2023 - Jan 8, 2023"]
        {
            assert_eq!(window(text, Order::Dmy), week, "{text}");
        }
        assert_eq!(window("2023-01-08 - 2023-01-02", Order::Dmy), None);
        assert_eq!(window("2024-W05", Order::Dmy), Some((date(2024, 1, 29), date(2024, 2, 4))));
    }

    #[test]
    fn impossible_days_are_refused() {
        for text in
            ["2024-02-30", "31/04/2024", "0000-00-00", "Ongoing", "1812-01-01", "45-49", "7"]
        {
            assert_eq!(day(text, Order::Dmy), None, "{text}");
        }
        assert_eq!(day("15/11/2021", Order::Mdy), None);
    }

    #[test]
    fn a_cell_tells_the_order_only_when_it_can() {
        assert_eq!(hint("17/08/2017"), Hint::Dmy);
        assert_eq!(hint("10/29/2024"), Hint::Mdy);
        assert_eq!(hint("03/04/2026"), Hint::Either);
        assert_eq!(hint("04/04/2026"), Hint::Same);
        assert_eq!(hint("2026-04-03"), Hint::Nothing);
        assert_eq!(hint("03/04/2026 - 17/04/2026"), Hint::Dmy);
    }

    #[test]
    fn file_names_hold_windows() {
        let windows = [
            ("Campaign_20260101_20260131_GMT+0.xlsx", (date(2026, 1, 1), date(2026, 1, 31))),
            ("GW-Campaigns-Nov-15-2021-Jan-31-2022.csv", (date(2021, 11, 15), date(2022, 1, 31))),
            (
                "Rapport-sans-titre-juil-1-2026-au-juil-11-2026.xlsx",
                (date(2026, 7, 1), date(2026, 7, 11)),
            ),
            ("x_2026-01-01_2026-01-31.csv", (date(2026, 1, 1), date(2026, 1, 31))),
        ];
        for (name, expected) in windows {
            assert_eq!(in_name(name), Some(expected), "{name}");
        }
        assert_eq!(in_name("export.csv"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}") {
            let _ = (window(&text, Order::Dmy), window(&text, Order::Mdy), hint(&text), in_name(&text));
        }

        #[test]
        fn every_written_day_is_read_back(days in 0_i64..36_000) {
            let day = date(2000, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let (y, m, d) = (day.year(), day.month(), day.day());
            prop_assert_eq!(window(&format!("{d}/{m}/{y}"), Order::Dmy), Some((day, day)));
            prop_assert_eq!(window(&format!("{m}/{d}/{y}"), Order::Mdy), Some((day, day)));
            prop_assert_eq!(window(&day.to_string(), Order::Mdy), Some((day, day)));
        }
    }
}
