//! How wide words are, measured in the font that the program ships, and which letters it has.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use resvg::usvg::fontdb::Database;
use ttf_parser::Face;

use crate::reference::Reference;

/// The font that charts are measured in and that bitmaps are drawn with.
pub(crate) const FAMILY: &str = "DejaVu Sans";
/// What an SVG asks for: the reader's own plain font, all of them narrower than [`FAMILY`], so
/// that words measured in it never overlap in another.
pub(crate) const STACK: &str =
    "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/// Ascent + descent of DejaVu Sans in ems (2384 / 2048 font units): `ab_glyph` scales by it.
const EMS_PER_HEIGHT: f64 = 2384.0 / 2048.0;

/// Width of words in pixels at a font size in pixels.
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    text.chars().map(|c| advance(c, bold)).sum::<f64>() * size
}

/// The words, with an ellipsis in their middle when they are wider than `room` pixels: names of
/// segments differ at both ends.
pub(crate) fn fit(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let room = room - width("…", size, bold);
    let (mut head, mut tail, mut used) = (0, 0, 0.0);
    while head + tail < letters.len() {
        // Two letters in front for each at the back: the front says the network.
        let front = head <= 2 * tail;
        let next = if front { letters[head] } else { letters[letters.len() - 1 - tail] };
        used += advance(next, bold) * size;
        if used > room {
            break;
        }
        if front { head += 1 } else { tail += 1 }
    }
    let start: String = letters[..head].iter().collect();
    let end: String = letters[letters.len() - tail..].iter().collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

/// The words broken into lines no wider than `room` pixels.
pub(crate) fn wrap(text: &str, size: f64, bold: bool, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let word = fit(word, size, bold, room);
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, bold) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

thread_local! {
    static ADVANCES: RefCell<HashMap<(char, bool), f64>> = RefCell::new(HashMap::new());
}

/// Advance width of one letter in ems: of one that the font lacks, room for the full width that
/// another font gives it and for what stands in for it in a bitmap.
fn advance(letter: char, bold: bool) -> f64 {
    if joins(letter) {
        return 0.0;
    }
    if !draws(letter) {
        let letters = spelled(letter);
        return letters.chars().map(|c| advance(c, bold)).sum::<f64>().max(1.3);
    }
    ADVANCES.with_borrow_mut(|known| {
        *known.entry((letter, bold)).or_insert_with(|| {
            register();
            let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
            let font = FontDesc::new(FontFamily::Name(FAMILY), 1000.0 * EMS_PER_HEIGHT, style);
            let measured = font.layout_box(letter.encode_utf8(&mut [0; 4]));
            measured.map_or(0.7, |(_, (width, _))| f64::from(width) / 1000.0)
        })
    })
}

/// Whether a character changes how its neighbours look and has no look of its own: joiners,
/// variation selectors, tags, skin tones.
fn joins(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}')
}

/// Whether both shipped fonts have the character.
pub(crate) fn draws(letter: char) -> bool {
    static FACES: OnceLock<Vec<Face<'static>>> = OnceLock::new();
    // A font that cannot be read has no character, nor can it be drawn with.
    let faces = FACES.get_or_init(|| {
        [regular(), bold()].into_iter().filter_map(|f| Face::parse(f, 0).ok()).collect()
    });
    letter.is_control()
        || !faces.is_empty() && faces.iter().all(|face| face.glyph_index(letter).is_some())
}

/// What a character says in letters that the font has: the sound of 京, the name of 🎓; nothing
/// where no one knows.
fn spelled(letter: char) -> String {
    deunicode::deunicode_char(letter).unwrap_or_default().replace('_', " ")
}

/// A text in characters that the shipped font has, for bitmaps, which no other font can help:
/// letters of other scripts by their sound, pictures left out – unless nothing else is there,
/// then by their name.
pub(crate) fn drawable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| draws(c) && !joins(c)) {
        return Cow::Borrowed(text);
    }
    let written = |pictures: bool| -> String {
        let mut words = String::new();
        for letter in text.chars().filter(|c| !joins(*c)) {
            if draws(letter) {
                words.push(letter);
            } else if pictures || letter.is_alphanumeric() {
                words.push_str(&spelled(letter));
            }
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let without = written(false);
    let says = without.chars().any(char::is_alphanumeric);
    Cow::Owned(if says { without } else { written(true) })
}

/// Gives plotters the shipped fonts, once.
fn register() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        for (style, bytes) in [(FontStyle::Normal, regular()), (FontStyle::Bold, bold())] {
            // A font that cannot be read leaves the default width of `advance`.
            let _ = register_font(FAMILY, style, bytes);
        }
    });
}

/// The fonts for bitmaps, read once and shared by all threads.
pub(crate) fn database() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    FONTS
        .get_or_init(|| {
            let mut fonts = Database::new();
            fonts.load_font_source(resvg::usvg::fontdb::Source::Binary(Arc::new(regular())));
            fonts.load_font_source(resvg::usvg::fontdb::Source::Binary(Arc::new(bold())));
            fonts.set_sans_serif_family(FAMILY);
            Arc::new(fonts)
        })
        .clone()
}

fn regular() -> &'static [u8] {
    embedded("fonts/DejaVuSans.ttf")
}

fn bold() -> &'static [u8] {
    embedded("fonts/DejaVuSans-Bold.ttf")
}

fn embedded(path: &str) -> &'static [u8] {
    match Reference::default().bytes(path) {
        Ok(Cow::Borrowed(bytes)) => bytes,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font_file() {
        // Advance widths in `hmtx` of DejaVu Sans 2.37, in 2048ths of an em: `n` 1298, `i` 569,
        // ellipsis 2048.
        for (letter, units) in [("n", 1298.0), ("i", 569.0), ("…", 2048.0)] {
            assert!((width(letter, 1.0, false) - units / 2048.0).abs() < 0.002, "{letter}");
        }
        assert!(width("plan", 12.0, true) > width("plan", 12.0, false));
    }

    #[test]
    fn what_the_font_lacks_is_spelled_or_left_out() {
        let cases = [
            ("Étudiants, Occitanie", "Étudiants, Occitanie"),
            ("Étudiants 🎓", "Étudiants"),
            ("Familles 👨‍👩‍👧‍👦 · 25–34", "Familles · 25–34"),
            ("北京 18–24", "Bei Jing 18–24"),
            ("서울", "seoul"),
            ("Москва", "Москва"),
        ];
        for (text, drawn) in cases {
            assert_eq!(drawable(text), drawn, "{text}");
        }
        assert_eq!(drawable("🎓"), "mortar board");
        let everything: String = ('\u{20}'..'\u{1ffff}').filter(|c| !c.is_control()).collect();
        assert!(drawable(&everything).chars().all(draws));
        for text in ["北京大学", "🎓🎓", "서울", "हिन्दी"] {
            assert!(width(text, 12.0, false) >= width(&drawable(text), 12.0, false), "{text}");
            assert!(width(text, 12.0, false) >= 12.0 * 2.0, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_loses_its_middle() {
        let name = "Instagram · 18–24 · Provence-Alpes-Côte d’Azur · vidéo verticale";
        let short = fit(name, 12.0, false, 180.0);
        assert!(width(&short, 12.0, false) <= 180.0);
        assert!(
            short.starts_with("Instagram") && short.contains('…') && short.ends_with("ticale"),
            "{short}"
        );
        assert_eq!(fit("X", 12.0, false, 180.0), "X");
    }

    #[test]
    fn lines_are_no_wider_than_the_room() {
        let lines = wrap(
            "Le plan déplace 34 % du budget vers les audiences qui relaient",
            18.0,
            true,
            260.0,
        );
        assert!(lines.len() >= 3);
        assert!(lines.iter().all(|line| width(line, 18.0, true) <= 260.0));
    }
}
