//! Header keys: one spelling for all the ways that exports write one column's name.

use crate::units::Currency;
use crate::units::number::turns;

/// A header made comparable, with the currency that it carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Lower case, no accents, plain spaces and apostrophes, no currency.
    pub(crate) text: String,
    /// The currency of `Amount spent (EUR)`.
    pub(crate) currency: Option<Currency>,
}

/// The key of a header: byte-order mark, full-width and no-break characters, case, accents and
/// the curly apostrophe are levelled, and a trailing `(EUR)` is pulled out.
pub(crate) fn key(header: &str) -> Key {
    let repaired = repaired(header);
    let header = repaired.as_deref().unwrap_or(header);
    let header: String = header.chars().filter(|c| !turns(*c)).map(narrow).collect();
    let header = header.trim_matches(is_noise);
    let (name, currency) = match without_currency(header) {
        Some((name, currency)) => (name, Some(currency)),
        None => (header, None),
    };
    Key { text: folded(name), currency }
}

/// Text in lower case without accents, with plain spaces, apostrophes and hyphens.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().map(narrow).flat_map(char::to_lowercase) {
        match letter {
            ' ' if out.is_empty() || out.ends_with(' ') => {}
            // Marks above and below letters, Arabic ones and the stroke that lengthens words too.
            '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' | 'ـ' => {}
            _ if letter.is_ascii() => out.push(letter),
            _ if is_noise(letter) => {}
            _ => match plain(letter) {
                Some(letters) => out.push_str(letters),
                None => out.push(letter),
            },
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Text that was UTF-8, read as Windows-1252 and saved again (`dÃ©pensÃ©`), put right; `None`
/// when it is not such text.
pub(crate) fn repaired(text: &str) -> Option<String> {
    if !text.contains(['Ã', 'Â', 'â']) {
        return None;
    }
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
    if lossy {
        return None;
    }
    std::str::from_utf8(&bytes).ok().filter(|good| *good != text).map(str::to_owned)
}

/// `Amount spent (EUR)` → `Amount spent`, EUR.
fn without_currency(header: &str) -> Option<(&str, Currency)> {
    let rest = header.strip_suffix(')')?;
    let (name, code) = rest.rsplit_once('(')?;
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    // `(ALL)` is `Clicks (ALL)` in capitals, and Lek elsewhere: Meta wins.
    (is_code && code != "ALL").then_some(())?;
    Some((name.trim_end_matches(is_space), code.parse().ok()?))
}

fn is_space(letter: char) -> bool {
    letter.is_whitespace()
}

/// Characters that are there but not seen.
fn is_noise(letter: char) -> bool {
    matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}')
        || turns(letter)
        || letter.is_whitespace()
}

/// Full-width forms and typographic variants to their plain ASCII form (the part of Unicode
/// NFKC that headers need).
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xfee0).expect("full-width forms mirror ASCII")
        }
        '’' | '‘' | 'ʼ' | '´' | '`' | '′' => '\'',
        '–' | '—' | '‐' | '‑' | '−' => '-',
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        _ if letter.is_whitespace() => ' ',
        _ => letter,
    }
}

/// The letters under the accents of European languages, and those that Arabic writes in several ways.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'ª' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' | 'º' | '°' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ţ' | 'ț' | 'ť' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'ё' => "е",
        'й' => "и",
        'ї' => "і",
        'أ' | 'إ' | 'آ' => "ا",
        'ة' => "ه",
        'ى' => "ي",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(header: &str) -> String {
        key(header).text
    }

    #[test]
    fn the_same_column_has_one_key_however_it_is_written() {
        for header in [
            "Amount spent (EUR)",
            "\u{feff}Amount Spent (EUR)",
            " amount\u{a0}spent (EUR) ",
            "AMOUNT SPENT（EUR）",
        ] {
            assert_eq!(text(header), "amount spent", "{header}");
        }
        assert_eq!(key("Amount spent (EUR)").currency, "EUR".parse().ok());
        assert_eq!(text("J’aime sur Facebook"), text("J'aime sur Facebook"));
        assert_eq!(
            text("CPM (Coût pour 1\u{a0}000 impressions) (USD)"),
            "cpm (cout pour 1 000 impressions)"
        );
        assert_eq!(text("Website URL (Ad level\u{ff09}"), "website url (ad level)");
        assert_eq!(text("Âge"), "age");
        let right_to_left = key("\u{202b}المبلغ الذي تم إنفاقه (\u{200e}AED\u{200e})\u{202c}");
        // Letters that are often written one for another are one.
        assert_eq!(right_to_left.text, "المبلغ الذي تم انفاقه");
        assert_eq!(right_to_left.currency, "AED".parse().ok());
        assert_eq!(text("A\u{302}ge"), "age");
        assert_eq!(text("Nº de la publicité"), "no de la publicite");
    }

    #[test]
    fn clicks_all_is_not_a_currency() {
        assert_eq!(key("Clicks (ALL)"), Key { text: "clicks (all)".into(), currency: None });
        assert_eq!(key("CTR (all)").currency, None);
    }

    #[test]
    fn mojibake_is_put_right() {
        assert_eq!(text("Montant dÃ©pensÃ© (EUR)"), "montant depense");
        assert_eq!(repaired("dépensé"), None);
        assert_eq!(repaired("Ârbre"), None);
    }
}
