//! Days, months and windows as exports write them.

use std::ops::Range;

use jiff::civil::{Date, Weekday};

use crate::units::number::{Mark, western};

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
    if let Some(western) = western(text, Mark::Dot) {
        return window(&western, order);
    }
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
    if let Some(day) = worded(text).or_else(|| counted(text)) {
        return plausible(day);
    }
    serial(text.parse().ok()?).and_then(plausible)
}

/// Two days with a word or a dash between them: `2023-01-02 - 2023-01-08`,
/// `January 1, 2024 – January 31, 2024`, `1–31 août 2026`, `30 déc. – 5 janv. 2026`.
pub(crate) fn range(text: &str, order: Order) -> Option<Window> {
    if let Some(western) = western(text, Mark::Dot) {
        return range(&western, order);
    }
    let whole = |first: &str, last: &str| Some((one(first, order)?, one(last, order)?));
    let said = halves(text).and_then(|(a, z)| whole(a, z).or_else(|| shared(a, z)));
    let (first, last) = said.or_else(|| {
        let text = text.trim_matches([' ', ',', '"']);
        let dashes = text.match_indices(['–', '—', '-', '~', '～', '〜']);
        // A window is short, and so is a line that is one.
        let mut dashes = dashes.take(if text.len() < 100 { 8 } else { 0 });
        dashes.find_map(|(at, dash)| {
            let (first, last) = (text[..at].trim(), text[at + dash.len()..].trim());
            whole(first, last).or_else(|| shared(first, last))
        })
    })?;
    (first.0 <= last.1).then_some((first.0, last.1))
}

/// The two days of a window whose month or year stands once: `1` and `31 août 2026`, `May 1` and
/// `31, 2026`.
fn shared(first: &str, last: &str) -> Option<(Window, Window)> {
    let (first, last) = (Parts::of(first)?, Parts::of(last)?);
    let (year, end) = (last.year.or(first.year)?, last.month.or(first.month)?);
    let begin = first.month.unwrap_or(end);
    let first_year = first.year.unwrap_or(if begin > end { year - 1 } else { year });
    let (from, to) = (date(first_year, begin, first.day)?, date(year, end, last.day)?);
    Some((plausible(from)?, plausible(to)?))
}

/// What a text says of a day: its number, perhaps its month by name, perhaps its year.
struct Parts {
    day: i16,
    month: Option<i16>,
    year: Option<i16>,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let mut folded = super::key::folded(text);
        for mark in ['年', '月', '日', '년', '월', '일'] {
            folded = folded.replace(mark, &format!("{mark} "));
        }
        let (mut month, mut numbers, mut year) = (None, Vec::new(), None);
        let words = folded.split([' ', ',', '.', '/', '،']).filter(|word| !word.is_empty());
        for word in words.take(6) {
            let counted = |marks: [char; 2]| word.strip_suffix(marks).and_then(digits);
            let bare = word.strip_suffix("er").unwrap_or(word);
            if let Some(number) = counted(['年', '년']) {
                year = Some(number);
            } else if let Some(number) = counted(['月', '월']) {
                month = Some(number);
            } else if let Some(number) = counted(['日', '일']).or_else(|| digits(bare)) {
                numbers.push(number);
            } else if !matches!(word, "de" | "of" | "del" | "du" | "vom") {
                month = Some(month_of(word).filter(|_| month.is_none())?);
            }
        }
        let (day, year) = match (numbers.as_slice(), year) {
            ([day], year) => (*day, year),
            ([day, year] | [year, day], None) if *day <= 31 && *year > 31 => (*day, Some(*year)),
            _ => return None,
        };
        (day <= 31).then_some(Self { day, month, year })
    }
}

/// `2026年5月1日`, `2026년 5월 1일`.
fn counted(text: &str) -> Option<Date> {
    if text.is_ascii() || !text.contains(['年', '년']) {
        return None;
    }
    let parts = Parts::of(text)?;
    date(parts.year?, parts.month?, parts.day)
}

/// Over New Year a file goes on within so many days; a longer gap is one inside a year.
const OVER_NEW_YEAR: i32 = 92;

/// The day of `December 30` or `30 décembre`, which say no year: in the year of the day before it in
/// the file, or over New Year from there; for the first, in the year that was said.
pub(crate) fn without_year(text: &str, year: i16, before: Option<Date>) -> Option<Window> {
    let (month, day) = yearless(text)?;
    let Some(before) = before else { return plausible(date(year, month, day)?) };
    let distance = |day: &Date| (*day - before).get_days().abs();
    let near = |day: &Date| distance(day) <= OVER_NEW_YEAR;
    let others = [before.year() - 1, before.year() + 1].map(|year| date(year, month, day));
    let others = || others.into_iter().flatten();
    let over = others().find(near);
    let own = date(before.year(), month, day).filter(|own| near(own) || over.is_none());
    // 29 February is a day of some years only.
    plausible(own.or(over).or_else(|| others().min_by_key(distance))?)
}

/// Month and day of a date that says no year.
pub(crate) fn yearless(text: &str) -> Option<(i16, i16)> {
    if text.len() > 40 || text.bytes().all(|byte| !byte.is_ascii_alphabetic() && byte.is_ascii()) {
        return None;
    }
    let western = western(text, Mark::Dot);
    let parts = Parts::of(western.as_deref().unwrap_or(text))?;
    let month = parts.month.filter(|_| parts.year.is_none())?;
    // 29 February is a day of some years.
    date(2024, month, parts.day).map(|_| (month, parts.day))
}

/// What stands on either side of a range's dash.
fn halves(text: &str) -> Option<(&str, &str)> {
    const BETWEEN: [&str; 9] = [" - ", " – ", " — ", " to ", " au ", " bis ", "~", " a ", " t/m "];
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

/// Years of campaigns: no social network is older, none has ended later.
pub(crate) const YEARS: Range<i16> = 2000..2100;

fn plausible(day: Date) -> Option<Window> {
    YEARS.contains(&day.year()).then_some((day, day))
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
            "jan",
            "january",
            "janv",
            "janvier",
            "januar",
            "enero",
            "ene",
            "gennaio",
            "gen",
            "janeiro",
            "يناير",
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
            "فبراير",
            "شباط",
        ],
        &["mar", "march", "mars", "marz", "marzo", "marco", "mrz", "maart", "mrt", "مارس", "آذار"],
        &["apr", "april", "avr", "avril", "abril", "abr", "aprile", "أبريل", "ابريل", "نيسان"],
        &["may", "mai", "mayo", "maggio", "mag", "maio", "mei", "مايو", "أيار"],
        &["jun", "june", "juin", "juni", "junio", "giugno", "giu", "junho", "يونيو", "حزيران"],
        &[
            "jul",
            "july",
            "juil",
            "juillet",
            "juli",
            "julio",
            "luglio",
            "lug",
            "julho",
            "يوليو",
            "تموز",
        ],
        &["aug", "august", "aout", "agosto", "ago", "augustus", "أغسطس", "اغسطس"],
        &[
            "sep",
            "sept",
            "september",
            "septembre",
            "septiembre",
            "settembre",
            "set",
            "setembro",
            "سبتمبر",
            "أيلول",
        ],
        &[
            "oct",
            "october",
            "octobre",
            "oktober",
            "okt",
            "octubre",
            "ottobre",
            "ott",
            "outubro",
            "out",
            "أكتوبر",
            "اكتوبر",
        ],
        &["nov", "november", "novembre", "noviembre", "novembro", "نوفمبر"],
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
            "ديسمبر",
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
            "2021年11月15日",
            "١٥/١١/٢٠٢١",
            "۲۰۲۱-۱۱-۱۵",
            "15 نوفمبر 2021",
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
    fn windows_are_read_in_every_form_of_the_preambles() {
        let may = Some((date(2026, 5, 1), date(2026, 5, 31)));
        for text in [
            "2026年5月1日 - 2026年5月31日",
            "2026年5月1日～31日",
            "2026年5月1日~2026年5月31日",
            "2026년 5월 1일 - 2026년 5월 31일",
            "1–31 mai 2026",
            "1er-31 mai 2026",
            "1 mai 2026 – 31 mai 2026",
            "May 1 - 31, 2026",
            "May 1–31, 2026",
            "May 1, 2026-May 31, 2026, , ",
            "1. Mai 2026–31. Mai 2026",
            "1.–31. Mai 2026",
            "1 de mayo de 2026 - 31 de mayo de 2026",
            "1-31 may 2026",
            "1 mag 2026 - 31 mag 2026",
            "1–31 maggio 2026",
            "1 de mai. de 2026 - 31 de mai. de 2026",
            "1 mei 2026 - 31 mei 2026",
            "1 t/m 31 mei 2026",
            "٢٠٢٦/٠٥/٠١ - ٢٠٢٦/٠٥/٣١",
            "٠١ مايو ٢٠٢٦ - ٣١ مايو ٢٠٢٦",
        ] {
            assert_eq!(range(text, Order::Dmy), may, "{text}");
        }
        let new_year = Some((date(2025, 12, 30), date(2026, 1, 5)));
        for text in
            ["30 déc. – 5 janv. 2026", "Dec 30 – Jan 5, 2026", "30. Dez. 2025 - 5. Jan. 2026"]
        {
            assert_eq!(range(text, Order::Dmy), new_year, "{text}");
        }
        for text in
            ["Campaign report 1-31 2026", "32–33 mai 2026", "31–1 mai 2026", "Mai – Juni 2026"]
        {
            assert_eq!(range(text, Order::Dmy), None, "{text}");
        }
    }

    #[test]
    fn a_date_without_a_year_is_the_nearest_to_the_day_before_it() {
        assert_eq!(window("December 30", Order::Mdy), None);
        let first = without_year("December 30", 2025, None);
        assert_eq!(first, Some((date(2025, 12, 30), date(2025, 12, 30))));
        let after = |text: &str, before| without_year(text, 2025, Some(before)).map(|own| own.0);
        assert_eq!(after("January 2", date(2025, 12, 30)), Some(date(2026, 1, 2)));
        assert_eq!(after("30 décembre", date(2026, 1, 2)), Some(date(2025, 12, 30)));
        assert_eq!(after("29. Februar", date(2024, 2, 28)), Some(date(2024, 2, 29)));
        assert_eq!(after("3 de marzo", date(2026, 3, 2)), Some(date(2026, 3, 3)));
        assert_eq!(after("12月31日", date(2026, 1, 2)), Some(date(2025, 12, 31)));
        // A long gap goes on in the year, whichever of two days is nearer.
        assert_eq!(after("July 3", date(2025, 1, 1)), Some(date(2025, 7, 3)));
        assert_eq!(after("August 1", date(2025, 1, 1)), Some(date(2025, 8, 1)));
        assert_eq!(after("January 1", date(2025, 8, 1)), Some(date(2025, 1, 1)));
        for text in ["30/12", "12", "Thirty", "December 30, 2025", "December 32", "December"] {
            assert_eq!(yearless(text), None, "{text}");
        }
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
