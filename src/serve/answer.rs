//! Pages and refusals as HTTP answers.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::room::Room;
use crate::language::{Explain, capital};

/// What a page answers: itself, or why there is none.
pub(crate) type Answer<T> = Result<T, Trouble>;

/// Why there is no answer, in the person's words, as a page.
#[derive(Debug)]
pub(crate) struct Trouble {
    status: StatusCode,
    room: Room,
    text: String,
}

#[derive(Template)]
#[template(path = "trouble.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    text: &'a str,
}

impl Trouble {
    /// A refusal in words already put together.
    pub(crate) fn new(status: StatusCode, room: &Room, text: &str) -> Self {
        Self { status, room: room.clone(), text: capital(text) }
    }

    /// A refusal by its message.
    pub(crate) fn told(status: StatusCode, room: &Room, key: &str) -> Self {
        Self::new(status, room, &room.text(key))
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Its words.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// That nothing has this identifier.
    pub(crate) fn nowhere(room: &Room) -> Self {
        Self::told(StatusCode::NOT_FOUND, room, "serve-nowhere")
    }

    /// That what was given cannot be used.
    pub(crate) fn bad(room: &Room, text: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, room, text)
    }

    /// That what was given cannot be used, as the library says it.
    pub(crate) fn of(room: &Room, error: &impl Explain) -> Self {
        Self::bad(room, &error.explain(room.language))
    }

    /// A fault of our own.
    pub(crate) fn fault(room: &Room, what: &str) -> Self {
        let text = room.language.say("error-fault", &[("what", what)]);
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, room, &text)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let title = self.room.text("serve-trouble");
        let page = Page { room: &self.room, title, text: &self.text };
        match page.render() {
            Ok(html) => (self.status, Html(html)).into_response(),
            Err(_) => (self.status, self.text).into_response(),
        }
    }
}

/// A page's HTML.
pub(crate) fn page(template: &impl Template, room: &Room) -> Answer<Html<String>> {
    template.render().map(Html).map_err(|error| Trouble::fault(room, &error.to_string()))
}

/// A finished document of relais's own, shown as it stands: its styles are inside it, and whatever
/// somebody may have written into its file runs no script and reaches nothing.
pub(crate) fn document(html: Vec<u8>) -> Response {
    const ALONE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'; img-src data:; sandbox; style-src 'unsafe-inline'";
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, ALONE),
    ];
    (head, html).into_response()
}

/// Work that waits for the disk or computes, off the threads that listen.
pub(crate) async fn work<T: Send + 'static>(
    room: &Room,
    work: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Trouble::fault(room, &error.to_string())))
}
