//! Words as a shell takes them, for commands that a person runs again.

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    // A quote ends the quoted part, stands by itself, and begins the next one.
    format!("'{}'", word.replace('\'', r"'\''"))
}
