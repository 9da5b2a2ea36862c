//! Which requests are answered at all: from this machine, to its own name, by whoever has the token,
//! and changed only by our own page.

mod host;
mod secret;

pub use self::secret::Guard;

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::answer::{Trouble, page};
use super::room::Room;

/// Largest body of a token's form, in bytes.
const TOKEN: usize = 1 << 10;

/// What every answer says to the browser, unless it says something stricter itself.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// How long a request may take, and how large it may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From its head to its answer, its body included.
    pub whole: Duration,
    /// How long an answer waits for work that goes on without it.
    pub patience: Duration,
    /// Bytes of exports that come together.
    pub exports: usize,
}

impl Default for Bounds {
    /// Two minutes: a large export on a slow disk. Half a gigabyte: millions of lines.
    fn default() -> Self {
        let patience = Duration::from_secs(2);
        Self { whole: Duration::from_mins(2), patience, exports: 512 << 20 }
    }
}

/// The guard at its door.
#[derive(Clone)]
struct Door {
    guard: Arc<Guard>,
    room: Room,
}

#[derive(Template)]
#[template(path = "door.html", config = "src/serve/askama.toml")]
struct DoorPage<'a> {
    room: &'a Room,
    title: String,
    wrong: bool,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// Routes behind the guard, with the few that anybody may ask for.
pub(super) fn around(inner: Router, guard: Arc<Guard>, bounds: Bounds, room: Room) -> Router {
    let door = Door { guard, room };
    let open = Router::new()
        .route("/session", post(enter).layer(DefaultBodyLimit::max(TOKEN)))
        .route("/style.css", get(style))
        .route("/door.js", get(script))
        .with_state(door.clone());
    inner
        .layer(from_fn_with_state(door.clone(), with_session))
        .merge(open)
        .layer(from_fn_with_state(door.clone(), from_own_page))
        .layer(from_fn_with_state((door, bounds), in_time))
        .layer(from_fn(with_headers))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

async fn in_time(
    State((door, bounds)): State<(Door, Bounds)>,
    request: Request,
    next: Next,
) -> Response {
    let answer = tokio::time::timeout(bounds.whole, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        Trouble::told(StatusCode::REQUEST_TIMEOUT, &door.room, "serve-slow").into_response()
    })
}

/// Refuses other machines' names, and changes that another page asks for.
async fn from_own_page(State(door): State<Door>, request: Request, next: Next) -> Response {
    let refused = |status, key| Trouble::told(status, &door.room, key).into_response();
    let Some(host) = host::of(request.headers(), request.uri()) else {
        return refused(StatusCode::MISDIRECTED_REQUEST, "serve-other-host");
    };
    if !request.method().is_safe() && !host::is_same_origin(request.headers(), host) {
        return refused(StatusCode::FORBIDDEN, "serve-other-page");
    }
    next.run(request).await
}

/// Asks whoever has no session for the token.
async fn with_session(State(door): State<Door>, request: Request, next: Next) -> Response {
    if door.guard.knows(request.headers()) {
        return next.run(request).await;
    }
    door.asks(StatusCode::UNAUTHORIZED, false)
}

impl Door {
    fn asks(&self, status: StatusCode, wrong: bool) -> Response {
        let title = self.room.text("serve-door");
        let page = page(&DoorPage { room: &self.room, title, wrong }, &self.room);
        page.map_or_else(IntoResponse::into_response, |html: Html<String>| {
            (status, html).into_response()
        })
    }
}

async fn enter(State(door): State<Door>, Form(given): Form<Token>) -> Response {
    let Some(cookie) = door.guard.trade(&given.token) else {
        return door.asks(StatusCode::FORBIDDEN, true);
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, cookie);
    (headers, Redirect::to("/")).into_response()
}

async fn style() -> impl IntoResponse {
    let css =
        concat!(include_str!("../../report/page/style.css"), include_str!("../page/serve.css"));
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css)
}

async fn script() -> impl IntoResponse {
    let script = include_str!("../page/door.js");
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script)
}
