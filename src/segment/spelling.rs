//! Names as people type them, made comparable: no case, no accents, no punctuation.

/// Lower case without accents, runs of anything but letters and digits as one space.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match plain(letter) {
            Some(letters) => folded.push_str(letters),
            None if letter.is_alphanumeric() => folded.push(letter),
            // Accents that were typed as marks of their own (macOS file names, some exports).
            None if ('\u{300}'..='\u{36f}').contains(&letter) => {}
            None if folded.ends_with(' ') || folded.is_empty() => {}
            None => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The letters under the accents of the languages of Western Europe.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        _ => return None,
    })
}

/// Whether a word list has something in a folded text; `*` at the end of a word of the list
/// stands for any ending.
#[must_use]
pub fn has_word<'a>(folded_text: &str, words: &'a [String]) -> Option<&'a str> {
    let padded = format!(" {folded_text} ");
    let found = |word: &&String| match word.strip_suffix('*') {
        Some(stem) => padded.contains(&format!(" {stem}")),
        None => padded.contains(&format!(" {word} ")),
    };
    words.iter().find(found).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_fold_to_the_same_text() {
        for text in ["Île-de-France", "ile de france", " ILE DE  FRANCE ", "I\u{302}le-de-France"]
        {
            assert_eq!(folded(text), "ile de france");
        }
        assert_eq!(folded("Côte-d’Or"), "cote d or");
        assert_eq!(folded("🎓 Œuvre"), "oeuvre");
    }

    #[test]
    fn a_stem_matches_the_beginning_of_a_word_and_a_word_only_itself() {
        let words = ["religi*".to_owned(), "roms".to_owned()];
        assert_eq!(has_word("centres religieux", &words), Some("religi*"));
        assert_eq!(has_word("les roms", &words), Some("roms"));
        assert_eq!(has_word("romsdal et irreligion", &words), None);
    }
}
