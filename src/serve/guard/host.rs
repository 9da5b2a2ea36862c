//! Which machine a request means, and from which page it comes.

use axum::http::{HeaderMap, Uri, header};

/// The names of this machine's own loopback. A name that an attacker's server could resolve to
/// 127.0.0.1 is none of them, which is what ends DNS rebinding.
const OURS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The one host that a request names, where it is ours: as written, with its port.
pub(super) fn of<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let mut named = headers.get_all(header::HOST).iter();
    let host = named.next()?.to_str().ok()?;
    let alone = named.next().is_none();
    // An absolute address in the request line names a host as well.
    let agrees = uri.authority().is_none_or(|own| own.as_str().eq_ignore_ascii_case(host));
    (alone && agrees && is_ours(host)).then_some(host)
}

/// Whether a host is loopback, with or without a port.
fn is_ours(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        // The last colon of an address in brackets is part of it.
        Some((name, port)) if !port.ends_with(']') => {
            let is_port = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
            (is_port && port.parse::<u16>().is_ok()).then_some(name)
        }
        _ => Some(host),
    };
    name.is_some_and(|name| OURS.iter().any(|own| own.eq_ignore_ascii_case(name)))
}

/// Whether a request that changes something comes from our own page: both the browser's word on it
/// (which no script can set) and the origin say so.
pub(super) fn is_same_origin(headers: &HeaderMap, host: &str) -> bool {
    let one = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    };
    let origin = one("origin").and_then(|origin| origin.strip_prefix("http://"));
    one("sec-fetch-site") == Some("same-origin")
        && origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_known_by_every_way_to_write_it() {
        let ours = [
            "127.0.0.1",
            "127.0.0.1:5000",
            "localhost",
            "localhost:65535",
            "LocalHost:80",
            "[::1]",
            "[::1]:5000",
        ];
        for host in ours {
            assert!(is_ours(host), "{host}");
        }
    }

    #[test]
    fn no_other_host_passes_for_loopback() {
        let others = [
            "",
            "evil.example",
            "evil.example:5000",
            "127.0.0.1.evil.example",
            "localhost.evil.example:5000",
            "evil.example#localhost",
            "127.0.0.1:5000@evil.example",
            "user@127.0.0.1",
            "[::1].evil.example",
            "[::1]evil.example:80",
            "[::1",
            "::1",
            "::1:5000",
            "[::ffff:127.0.0.1]",
            "[::]",
            "0.0.0.0:5000",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "localhost.",
            "127.0.0.1:",
            "127.0.0.1:http",
            "127.0.0.1:99999",
            "127.0.0.1:+80",
            "127.0.0.1:80:80",
            "127.0.0.1 ",
            "192.168.1.10:5000",
        ];
        for host in others {
            assert!(!is_ours(host), "{host}");
        }
    }
}
