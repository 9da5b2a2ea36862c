//! What a terminal is shown: text of others can neither move its cursor nor turn its lines around.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::io::{IsTerminal, Write};

use crate::language::is_unseen;

/// Whether a character acts on a terminal instead of being shown; the end of a line is wanted.
fn acts(c: char) -> bool {
    is_unseen(c) && c != '\n'
}

/// Text with everything that would act on a terminal written out (`\u{1b}`).
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            // Writing to a text cannot fail.
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// JSON in which the same characters are written as JSON escapes; they stand inside texts only.
pub(crate) fn shown_json(json: &str) -> Cow<'_, str> {
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    let mut units = [0; 2];
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a text cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Writes data to standard output: as they are into a file or a pipe, shown on a terminal.
///
/// # Errors
///
/// When standard output is closed.
pub(crate) fn data(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if !out.is_terminal() {
        return write(&mut out);
    }
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    out.write_all(shown(&String::from_utf8_lossy(&bytes)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_reaches_it() {
        assert_eq!(shown("Été à Œuilly\n18–24 👍🏽"), "Été à Œuilly\n18–24 👍🏽");
        assert_eq!(shown("a\u{1b}[2Jb\r\u{7}"), "a\\u{1b}[2Jb\\u{d}\\u{7}");
        assert_eq!(shown("\u{202e}gnp.\u{9b}31m"), "\\u{202e}gnp.\\u{9b}31m");
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        let safe = shown(&all);
        assert!(!safe.contains(acts));
        assert!(
            safe.contains("\\u{200e}") && safe.contains("\\u{feff}") && safe.contains('\u{200d}')
        );
    }

    #[test]
    fn json_stays_the_same_value() {
        let told = "x\u{9b}\u{202e}\u{e0041}\u{7f}\u{1b}y";
        let text = serde_json::to_string(&[told]).unwrap();
        let safe = shown_json(&text);
        assert!(!safe.contains(acts));
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [told]);
    }
}
