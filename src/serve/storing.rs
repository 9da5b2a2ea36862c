//! Exports that are being stored: a request waits a little, and the work goes on without it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::Html;

use super::answer::{Answer, Trouble};
use super::room::Room;

/// Ends that are kept until somebody asks for them; beyond, the oldest go.
const MOST: usize = 16;

/// What became of exports: their page, or a status and why they are not stored.
type End = Result<String, (StatusCode, String)>;

/// One stage's files: under way, or how it ended.
#[derive(Debug, Clone)]
struct Own {
    stage: String,
    end: Option<End>,
}

/// All exports of one start that are being stored, or were and nobody has looked since.
#[derive(Debug, Clone, Default)]
pub(crate) struct Storing(Arc<Mutex<Vec<Own>>>);

/// How far one stage is.
#[derive(Debug)]
pub(crate) enum Stored {
    /// It is being stored.
    UnderWay,
    /// It ended so; nobody is told again.
    Ended(Answer<Html<String>>),
}

impl Storing {
    fn all(&self) -> MutexGuard<'_, Vec<Own>> {
        // A fault of one leaves the list as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a stage's files are being stored.
    pub(crate) fn begin(&self, stage: &str) {
        let mut all = self.all();
        let ended = all.iter().filter(|own| own.end.is_some()).count();
        if ended >= MOST
            && let Some(oldest) = all.iter().position(|own| own.end.is_some())
        {
            all.remove(oldest);
        }
        all.push(Own { stage: stage.to_owned(), end: None });
    }

    /// Notes how it ended.
    pub(crate) fn end(&self, stage: &str, answer: Answer<Html<String>>) {
        let end = match answer {
            Ok(Html(page)) => Ok(page),
            Err(trouble) => Err((trouble.status(), trouble.text().to_owned())),
        };
        let mut all = self.all();
        let under_way = |own: &&mut Own| own.stage == stage && own.end.is_none();
        if let Some(own) = all.iter_mut().find(under_way) {
            own.end = Some(end);
        }
    }

    /// How far a stage is, its end told once; `None` where nothing is known of it.
    pub(crate) fn of(&self, stage: &str, room: &Room) -> Option<Stored> {
        let mut all = self.all();
        let at = all.iter().position(|own| own.stage == stage)?;
        if all[at].end.is_none() {
            return Some(Stored::UnderWay);
        }
        let answer = match all.remove(at).end? {
            Ok(page) => Ok(Html(page)),
            Err((status, text)) => Err(Trouble::new(status, room, &text)),
        };
        Some(Stored::Ended(answer))
    }

    /// The stages that are being stored, or whose end nobody has seen.
    pub(crate) fn stages(&self) -> Vec<String> {
        self.all().iter().map(|own| own.stage.clone()).collect()
    }

    /// Whether any goes on.
    pub(crate) fn goes_on(&self) -> bool {
        self.all().iter().any(|own| own.end.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn an_end_is_told_once_and_the_oldest_of_too_many_go() {
        let room = Room { language: Language::En, folder: String::new(), read_only: false };
        let storing = Storing::default();
        storing.begin("a");
        assert!(storing.goes_on());
        assert!(matches!(storing.of("a", &room), Some(Stored::UnderWay)));
        storing.end("a", Ok(Html("stored".to_owned())));
        assert!(!storing.goes_on() && storing.stages() == ["a"]);
        assert!(
            matches!(storing.of("a", &room), Some(Stored::Ended(Ok(Html(page)))) if page == "stored")
        );
        assert!(storing.of("a", &room).is_none());
        storing.begin("under way");
        for n in 0..2 * MOST {
            storing.begin(&n.to_string());
            storing.end(&n.to_string(), Err(Trouble::bad(&room, "no")));
        }
        assert_eq!(storing.stages().len(), MOST + 1);
        assert!(storing.goes_on(), "what goes on is never forgotten");
        assert!(storing.of("0", &room).is_none());
    }
}
