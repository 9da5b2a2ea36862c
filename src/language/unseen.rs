//! What of other people's text is not shown as it is: marks that act on the text around them, and
//! more of it than anybody reads.

use std::borrow::Cow;

/// Whether a character is no part of what a text says and changes how it is shown: control
/// characters of both sets, the ends of lines and paragraphs, the marks that turn text around
/// (Unicode UAX 9), and those that hide in it (soft hyphen, zero-width space, tags and the like),
/// so that two names look alike. Where people read a name, none of them may pass as it is.
///
/// The joiners U+200C and U+200D are seen, in the shape of their neighbours: 👩🏽‍🎓 falls apart into a
/// woman and a cap without them, and Arabic, Persian and Indic words are written wrongly. They turn
/// nothing around and move no cursor.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Characters of a line that is shown, at most: far more than any name or sentence of use has.
const LONGEST: usize = 1_000;

/// Text without its longest lines' middles: a name's beginning and its end tell it from others.
#[must_use]
pub fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST || text.lines().all(|line| line.len() <= LONGEST) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(shortened_line).collect();
    Cow::Owned(lines.join("\n"))
}

fn shortened_line(line: &str) -> Cow<'_, str> {
    let at = |n: usize| line.char_indices().nth(n).map(|(at, _)| at);
    if at(LONGEST).is_none() {
        return Cow::Borrowed(line);
    }
    let start = at(2 * LONGEST / 3).unwrap_or(line.len());
    let rest = LONGEST - 2 * LONGEST / 3 - 2;
    let end = line.char_indices().nth_back(rest).map_or(start, |(at, _)| at);
    Cow::Owned(format!("{}…{}", &line[..start], &line[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_text_is_unseen_and_what_joins_it_is_not() {
        let marks = "\u{7}\u{1b}\u{7f}\u{80}\u{9b}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\
                     \u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{e0041}";
        assert!(marks.chars().all(is_unseen));
        for text in ["👩🏽‍🎓 ❤️", "می‌خواهم", "क्‍ष", "Été à Œuilly\u{a0}! 18–24", "東京"]
        {
            assert!(!text.chars().any(is_unseen), "{text}");
        }
    }

    #[test]
    fn a_line_of_ten_thousand_characters_keeps_its_beginning_and_its_end() {
        let long = format!("début {} fin", "é".repeat(10_000));
        let told = shortened(&long);
        assert_eq!(told.chars().count(), LONGEST);
        assert!(told.starts_with("début é") && told.ends_with("é fin") && told.contains('…'));
        assert_eq!(shortened(&format!("a\n{long}\n")), format!("a\n{told}\n"));
        let fitting = format!("{}\n{}", "é".repeat(LONGEST), "b".repeat(LONGEST));
        assert_eq!(shortened(&fitting), fitting);
    }
}
