//! The secrets of one start: the token that opens the page, and the session that it is traded for.

use std::fmt;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::files::hex;

/// Bytes of a secret: 256 bits.
const BYTES: usize = 32;
/// Bytes in the name of a cookie, which only has to differ from start to start.
const NAME: usize = 4;

/// 256 bits that nobody can guess. Not part of any result.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes)))
    }

    /// Whether a text is the secret, in a time that does not tell how much of it is.
    fn is(&self, text: &str) -> bool {
        let differences = self.0.bytes().zip(text.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        text.len() == self.0.len() && differences == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Who may read the page: whoever knows the token, for as long as the program runs.
#[derive(Debug, Clone)]
pub struct Guard {
    token: Secret,
    session: Secret,
    /// Cookies are shared by all ports of 127.0.0.1, so that two starts need two names.
    cookie: String,
}

impl Guard {
    /// New secrets.
    ///
    /// # Errors
    ///
    /// When the system has no random bytes to give.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut name = [0; NAME];
        getrandom::fill(&mut name)?;
        let cookie = format!("relais-{}", hex(&name));
        Ok(Self { token: Secret::new()?, session: Secret::new()?, cookie })
    }

    /// The token that opens the page, in hexadecimal digits.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token.0
    }

    /// The cookie that a token is traded for; `None` for a wrong one.
    pub(super) fn trade(&self, token: &str) -> Option<HeaderValue> {
        let cookie =
            format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie, self.session.0);
        self.token.is(token.trim()).then(|| cookie.parse().ok()).flatten()
    }

    /// Whether a request comes with the session's cookie.
    pub(super) fn knows(&self, headers: &HeaderMap) -> bool {
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|text| text.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .any(|(name, value)| name.trim() == self.cookie && self.session.is(value.trim()))
    }
}
