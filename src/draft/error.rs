//! Why a history cannot carry a plan, and what to export instead.

use thiserror::Error;

use crate::history::HistoryError;
use crate::language::{Explain, Language};
use crate::panel::Period;

/// A history cannot carry a plan.
#[derive(Debug, Error)]
pub enum DraftError {
    /// It cannot be read, or holds no money.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// No row says when its money was spent.
    #[error("no dates")]
    NoDates,
    /// Nothing but reports over months.
    #[error("one report from {} to {}", span.start, span.end)]
    OneReport {
        /// First and last day.
        span: Period,
    },
    /// No kind of active engagement is reported.
    #[error("no actions")]
    NoActions,
    /// Fewer than two audiences were bought: there is nothing to divide.
    #[error("one audience")]
    OneAudience {
        /// Its name; `None` where nothing that is told apart was bought by itself.
        named: Option<String>,
    },
}

impl Explain for DraftError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::History(HistoryError::Nothing) => language.text("error-draft-no-money"),
            Self::History(error) => error.explain(language),
            Self::NoDates => language.text("error-draft-no-dates"),
            Self::OneReport { span } => language.say(
                "error-draft-one-report",
                &[("start", &language.date(span.start)), ("end", &language.date(span.end))],
            ),
            Self::NoActions => language.text("error-draft-no-actions"),
            Self::OneAudience { named: Some(name) } => {
                let name = crate::language::shortened(name);
                language.say("error-draft-one-audience", &[("name", &name)])
            }
            Self::OneAudience { named: None } => language.text("error-draft-no-audience"),
        }
    }
}
