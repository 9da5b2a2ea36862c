//! One campaign from its file to its results, as a batch of one would make them.

use std::path::Path;

use super::job::{Settings, Step, divide, learn, make};
use super::order::{Common, Order, names, read};
use super::schedule::{GaveUp, Stop};
use crate::allocate::Priors;
use crate::reference::{Reference, ReferenceError};

/// The settings that change results, in words: part of what a result is known by.
///
/// # Errors
///
/// When the reference tables cannot be read.
pub fn in_words(settings: &Settings) -> Result<String, ReferenceError> {
    let tables = settings.reference.fingerprint()?;
    let Settings { seed, replicates, backtest, specification, .. } = settings;
    Ok(format!("{} {replicates:?} {backtest} {specification:?} {tables}", seed.0))
}

/// What the priors are known by. Priors that cannot be read are an error of those campaigns that need
/// them.
#[must_use]
pub fn priors(reference: &Reference) -> String {
    let priors = Priors::load(reference);
    priors.map_or_else(|error| error.to_string(), |own| own.fingerprint().to_owned())
}

/// Reads a campaign whose results go below `out`.
///
/// # Errors
///
/// What is wrong with it, in the person's words.
pub fn order(file: &Path, out: &Path, settings: &Settings) -> Result<Order, String> {
    let language = settings.language;
    let words = in_words(settings).map_err(|error| error.to_string())?;
    let networks = settings.tables.network_keys();
    let common = Common {
        priors: &priors(&settings.reference),
        out: Some(out),
        model: None,
        advertiser: None,
        earlier: &[],
        outside: false,
        networks: &networks,
        language,
        settings: &words,
    };
    let names = names(&[file.to_owned()]);
    read(file, names.first().map_or("campaign", String::as_str), &common)
}

/// Makes its results, in its folder or not at all; gives the codes of the findings that ask for a
/// person.
///
/// # Errors
///
/// Why there is none, in the person's words.
pub fn run(
    order: &Order,
    settings: &Settings,
    tell: &dyn Fn(Step),
    stop: &Stop,
) -> Result<Vec<String>, GaveUp> {
    tell(Step::Learn);
    let learnt = learn(&order.lesson, std::slice::from_ref(&order.campaign), settings, stop)?;
    let divided = divide(order, &learnt, settings, tell, stop)?;
    make(order, &learnt, divided, &[], settings, tell, stop)
}
