//! For tests: what is said while something runs, as keys with their arguments.

use std::cell::RefCell;

use fluent_bundle::{FluentArgs, FluentValue};

use super::Language;

/// A message as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    /// Its language.
    pub(crate) language: Language,
    /// Its key.
    pub(crate) key: String,
    /// Its count, where the wording depends on one.
    pub(crate) n: Option<f64>,
    /// Its arguments as they were written.
    pub(crate) arguments: Vec<(String, String)>,
    /// The words.
    pub(crate) text: String,
}

thread_local! {
    static HEARD: RefCell<Option<Vec<Said>>> = const { RefCell::new(None) };
}

/// Runs on one thread, drawing included, and gives what was said meanwhile.
pub(crate) fn listen<T: Send>(run: impl FnOnce() -> T + Send) -> (T, Vec<Said>) {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    alone.install(|| {
        HEARD.set(Some(Vec::new()));
        let result = run();
        (result, HEARD.take().unwrap_or_default())
    })
}

/// Notes a message, where somebody listens.
pub(super) fn note(language: Language, key: &str, arguments: &FluentArgs<'_>, text: &str) {
    HEARD.with_borrow_mut(|heard| {
        let Some(heard) = heard else { return };
        let mut said = Said {
            language,
            key: key.to_owned(),
            n: None,
            arguments: Vec::new(),
            text: text.to_owned(),
        };
        for (name, value) in arguments.iter() {
            match value {
                FluentValue::Number(n) if name == "n" => said.n = Some(n.value),
                FluentValue::String(text) => {
                    said.arguments.push((name.to_owned(), text.to_string()));
                }
                _ => {}
            }
        }
        heard.push(said);
    });
}
