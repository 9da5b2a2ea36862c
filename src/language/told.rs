//! What the system and the readers of TOML and JSON say of a file, in the person's language.
//!
//! They speak English only. What people meet most often is said in our own words; the rest is
//! handed on as it came, marked as the reader's.

use std::io;
use std::path::Path;

use super::Language;

/// Line and column, 1-based, of a byte of a text.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1)
}

impl Language {
    /// Why a file could not be read or written.
    #[must_use]
    pub fn cause(self, error: &io::Error) -> String {
        use io::ErrorKind as Kind;
        let key = match error.kind() {
            Kind::NotFound => "told-io-not-found",
            // There, a file that a spreadsheet has open cannot be replaced.
            Kind::PermissionDenied if cfg!(windows) => "told-io-permission-or-open",
            Kind::PermissionDenied => "told-io-permission",
            Kind::AlreadyExists => "told-io-exists",
            Kind::IsADirectory => "told-io-folder",
            Kind::NotADirectory => "told-io-not-a-folder",
            Kind::StorageFull | Kind::QuotaExceeded => "told-io-full",
            Kind::ReadOnlyFilesystem => "told-io-read-only",
            Kind::InvalidData => "told-io-not-text",
            Kind::FileTooLarge => "told-io-large",
            Kind::NotSeekable => "told-io-no-file",
            Kind::InvalidFilename => "told-io-name",
            Kind::ResourceBusy | Kind::ExecutableFileBusy => "told-io-busy",
            Kind::UnexpectedEof => "told-io-short",
            Kind::OutOfMemory => "told-io-memory",
            Kind::TimedOut | Kind::StaleNetworkFileHandle => "told-io-away",
            _ => match error.raw_os_error() {
                // These have no kind of their own. EIO, and ENFILE and EMFILE, wherever there are
                // such numbers.
                Some(5) if cfg!(unix) => "told-io-device",
                Some(23 | 24) if cfg!(unix) => "told-io-open",
                Some(32 | 33) if cfg!(windows) => "told-io-busy",
                Some(number) => {
                    return self.say("told-io-other", &[("number", &number.to_string())]);
                }
                None => return error.to_string(),
            },
        };
        self.text(key)
    }

    /// Why a table of text could not be read: what the system says, or the line that is none.
    #[must_use]
    pub fn csv(self, error: &csv::Error) -> String {
        let line = error.position().map_or(1, csv::Position::line).to_string();
        match error.kind() {
            csv::ErrorKind::Io(source) => self.cause(source),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => self.say(
                "told-csv-lengths",
                &[
                    ("line", &line),
                    ("found", &len.to_string()),
                    ("expected", &expected_len.to_string()),
                ],
            ),
            csv::ErrorKind::Utf8 { .. } => self.say("told-csv-not-text", &[("line", &line)]),
            _ => error.to_string(),
        }
    }

    /// Says that a file could not be written, and why.
    #[must_use]
    pub fn unwritable(self, path: &Path, error: &io::Error) -> String {
        let (path, cause) = (path.display().to_string(), self.cause(error));
        self.say("error-unwritable", &[("path", &path), ("cause", &cause)])
    }

    /// What the TOML reader says with its frame (`TOML parse error at line …`), or with the key alone;
    /// a message of our own stays.
    #[must_use]
    pub fn toml_frame(self, message: &str) -> String {
        let message = message.trim();
        let Some(place) = message.strip_prefix("TOML parse error at line ") else {
            // Of a table that was put together there is no line, only the key.
            let (said, key) = message.rsplit_once("\nin `").unwrap_or((message, ""));
            let said = self.contents(said.trim()).unwrap_or_else(|| said.to_owned());
            let key = key.trim_end_matches('`');
            return match key {
                "" => said,
                _ => self.say("told-toml-key", &[("key", key), ("message", &said)]),
            };
        };
        let (place, rest) = place.split_once('\n').unwrap_or((place, ""));
        let (line, column) = place.split_once(", column ").unwrap_or((place, ""));
        // The frame (`3 | key = …`) comes before the message; its lines hold a bar.
        let said: Vec<&str> =
            rest.lines().skip_while(|text| text.contains('|')).map(str::trim).collect();
        let said = self.toml(&said.join(" "));
        self.say("told-toml-place", &[("line", line), ("column", column), ("message", &said)])
    }

    /// The TOML reader's bare message.
    #[must_use]
    pub fn toml(self, message: &str) -> String {
        let message = message.trim().replace('\n', " ");
        if message.starts_with("duplicate key") {
            return self.text("told-toml-twice");
        }
        if message.ends_with("number overflowed") {
            return self.text("told-toml-large");
        }
        let own = self.contents(&message);
        own.unwrap_or_else(|| self.say("told-toml-syntax", &[("message", &message)]))
    }

    /// Why text is no JSON, or not the JSON it should be, and where.
    #[must_use]
    pub fn json(self, error: &serde_json::Error) -> String {
        use serde_json::error::Category;
        let said = match error.classify() {
            Category::Eof => self.text("told-json-ends"),
            Category::Syntax => self.text("told-json-syntax"),
            Category::Io | Category::Data => {
                let told = error.to_string();
                let bare = told.rsplit_once(" at line ").map_or(told.as_str(), |(bare, _)| bare);
                self.contents(bare).unwrap_or_else(|| bare.to_owned())
            }
        };
        if error.line() == 0 {
            return said;
        }
        let (line, column) = (error.line().to_string(), error.column().to_string());
        self.say("told-toml-place", &[("line", &line), ("column", &column), ("message", &said)])
    }

    /// What a reader says of contents that are well written, and not what was expected.
    fn contents(self, message: &str) -> Option<String> {
        if let Some(key) = message.strip_prefix("missing field ") {
            return Some(self.say("told-toml-missing", &[("key", key.trim_matches('`'))]));
        }
        for start in ["invalid type: ", "invalid value: "] {
            if let Some((found, wanted)) =
                message.strip_prefix(start).and_then(|rest| rest.split_once(", expected "))
            {
                let (found, wanted) = (self.found(found), self.wanted(wanted));
                return Some(self.say("told-toml-kind", &[("found", &found), ("wanted", &wanted)]));
            }
        }
        for (start, key) in
            [("unknown field ", "told-toml-unknown-key"), ("unknown variant ", "told-toml-word")]
        {
            if let Some(rest) = message.strip_prefix(start) {
                let mut quoted = rest.split('`').skip(1).step_by(2);
                let found = quoted.next().unwrap_or_default();
                let allowed = quoted.collect::<Vec<_>>().join(", ");
                return Some(self.say(key, &[("found", found), ("allowed", &allowed)]));
            }
        }
        // A choice of forms (serde's `expecting`) says its own key alone, and not what it found.
        let wanted = message.starts_with("told-wanted-").then(|| self.wanted(message))?;
        Some(self.say("told-toml-expected", &[("wanted", &wanted)]))
    }

    /// `string "x"`, `integer `5``, `sequence`, in words.
    fn found(self, found: &str) -> String {
        let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
        let value = value.trim_start_matches("point ").trim_matches(['`', '"']);
        match kind {
            "string" => self.say("told-found-text", &[("value", value)]),
            "integer" | "floating" | "boolean" => self.say("told-found-value", &[("value", value)]),
            "sequence" => self.text("told-found-list"),
            "map" | "newtype" => self.text("told-found-table"),
            _ => found.to_owned(),
        }
    }

    /// The reader's name of a kind, in words; what a file's own type expects is already words.
    fn wanted(self, wanted: &str) -> String {
        let key = match wanted {
            "a sequence" => "told-wanted-list",
            "f64" | "f32" | "a number" => "told-wanted-number",
            "u64" | "u32" | "u16" | "u8" | "usize" | "i64" | "i32" | "i16" | "i8" => {
                "told-wanted-whole"
            }
            "a boolean" => "told-wanted-boolean",
            "a string" | "string" => "told-wanted-text",
            "a map" | "map" => "told-wanted-table",
            "a Date" => "told-wanted-date",
            _ if wanted.starts_with("struct ") => "told-wanted-table",
            _ => {
                let own = self.find(wanted);
                return own.unwrap_or_else(|| wanted.replace(" or ", &self.text("told-or")));
            }
        };
        self.text(key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its reading is looked at")]
    struct File {
        budget: String,
        networks: Option<Vec<String>>,
        share: Option<f64>,
        count: Option<u32>,
        on: Option<bool>,
        limits: Option<BTreeMap<String, f64>>,
    }

    fn said(text: &str, language: Language) -> String {
        let error = toml::from_str::<File>(text).expect_err("a broken file");
        language.toml(error.message())
    }

    #[test]
    fn what_readers_say_most_often_is_said_in_french() {
        for (text, told) in [
            ("", "il manque la clé « budget »"),
            ("budget = 1", "trouvé 1, attendu un texte entre guillemets"),
            (
                "budget = 'x'\nnetworks = 'x'",
                "trouvé le texte « x », attendu une liste, par exemple [\"a\", \"b\"]",
            ),
            ("budget = 'x'\nshare = 'x'", "trouvé le texte « x », attendu un nombre"),
            ("budget = 'x'\ncount = 1.5", "trouvé 1.5, attendu un nombre entier"),
            ("budget = 'x'\non = 2", "trouvé 2, attendu true ou false"),
            ("budget = []", "trouvé une liste, attendu un texte entre guillemets"),
            ("budget = 'x'\nbudget = 'y'", "cette clé est déjà donnée plus haut"),
        ] {
            assert_eq!(said(text, Language::Fr).replace('\u{a0}', " "), told, "{text}");
        }
    }

    #[test]
    fn what_the_json_reader_says_is_said_with_its_place() {
        let said = |text: &str, language: Language| {
            let error = serde_json::from_str::<File>(text).expect_err("a broken file");
            language.json(&error).replace('\u{a0}', " ")
        };
        for (text, french, english) in [
            ("{\"budget\": ", "ligne 1, colonne 11 : le fichier s’arrête", "the file ends"),
            ("{\n\"budget\" 3}", "ligne 2, colonne 10 : ce n’est pas du JSON", "this is not JSON"),
            ("{\"budget\": \"x\"}}", "ligne 1, colonne 16 : ce n’est pas", "this is not JSON"),
            ("nan", "ligne 1, colonne 2 : ce n’est pas", "this is not JSON"),
            ("{\"budget\": 3}", "ligne 1, colonne 12 : trouvé 3, attendu", "found 3, expected"),
            ("{}", "il manque la clé « budget »", "the key `budget` is missing"),
        ] {
            let (french_said, english_said) = (said(text, Language::Fr), said(text, Language::En));
            assert!(french_said.contains(french), "{text}: {french_said}");
            assert!(english_said.contains(english), "{text}: {english_said}");
            assert!(
                !french_said.contains(" at ") && !french_said.contains("expected"),
                "{french_said}"
            );
        }
    }

    #[test]
    fn a_place_is_kept_and_a_strange_message_handed_on() {
        let error = toml::from_str::<File>("budget = 'x'\nshare = [").expect_err("not closed");
        let told = Language::En.toml_frame(&error.to_string());
        assert!(told.starts_with("line 2, column "), "{told}");
        let bare = error.message().trim();
        assert!(told.contains(bare), "{told} keeps {bare}");
    }

    #[test]
    fn the_system_s_reasons_have_words() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(Language::Fr.cause(&missing), "le fichier n’existe pas");
        let device = io::Error::from_raw_os_error(if cfg!(unix) { 5 } else { 1117 });
        assert!(!Language::Fr.cause(&device).contains("os error"));
        let rare = io::Error::from_raw_os_error(95);
        assert!(!Language::En.cause(&rare).contains("os error"), "{rare}");
        let odd = io::Error::other("odd");
        assert_eq!(Language::Fr.cause(&odd), "odd");
    }
}
