//! Characters that act on the text around them instead of being seen.

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
}
