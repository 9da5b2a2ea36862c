//! The name that was probably meant, for messages that say so.

/// Two names less alike than this (Jaro and Winkler, from 0 to 1) are not taken for one another.
const ALIKE: f64 = 0.75;

/// The allowed name that is written most like the one found; `None` where none is near.
#[must_use]
pub fn nearest<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let first = by_likeness(found, allowed).into_iter().next()?;
    (strsim::jaro_winkler(found, first) > ALIKE).then_some(first)
}

/// The allowed names, those first that are written most like the one found.
#[must_use]
pub fn by_likeness<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let alike = |name: &'a str| (strsim::jaro_winkler(found, name), name);
    let mut near: Vec<(f64, &str)> = allowed.into_iter().map(alike).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().map(|(_, name)| name).collect()
}
