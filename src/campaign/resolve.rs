//! From the file as written to the proven campaign.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::CampaignError;
use super::file::{
    AmountText, BudgetText, CampaignFile, Conditions, EngagementText, FlightText, GroupText,
    HistoryText, LimitsText, MatchedRuleText, PacingText, RateText, SegmentRuleText, ShockText,
    SideText, WeekText,
};
use super::settings::{
    Amount, Campaign, GroupMembers, GroupRule, Levers, Limits, MinIfFunded, Objective, Output,
    OutputFormat, Pacing, Rounding, SegmentRule, Selection, Shock, SideRule, SpendRule,
};
use super::{Exchange, HistoryMoney};
use crate::action::{Action, Points};
use crate::files;
use crate::language::{line_and_column, nearest};
use crate::panel::Period;
use crate::segment::Attribute;
use crate::units::number::{Unread, alone};
use crate::units::{Currency, InvalidMoney, Money, Week, Writing, one_reading, priced};

/// The longest flight: two years. Longer ones are typing errors in a date.
const LONGEST_FLIGHT_DAYS: u32 = 731;
/// The worst fifth of draws, unless the file says otherwise.
const DEFAULT_TAIL: f64 = 0.2;

impl Campaign {
    /// Reads and checks a campaign file. Paths in it are relative to the file.
    ///
    /// # Errors
    ///
    /// [`CampaignError`] with file, line or key, what was found and what is allowed.
    pub fn read(path: &Path) -> Result<Self, CampaignError> {
        let text = files::read_text(path, files::LARGEST_TEXT)
            .map_err(|source| CampaignError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Whether a TOML file is none of a campaign: it says nothing that each campaign must say, while
    /// it says other things, as maps of exports do. A text with a fault may be one.
    #[must_use]
    pub fn is_other(text: &str) -> bool {
        let must = ["title", "budget", "flight"];
        let table = text.parse::<toml::Table>();
        table.is_ok_and(|own| !own.is_empty() && must.iter().all(|key| !own.contains_key(*key)))
    }

    /// Checks the text of a campaign file that stands at `path`.
    ///
    /// # Errors
    ///
    /// As [`Campaign::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, CampaignError> {
        let (file, mut faults) = read_all(text, path);
        let mut campaign = None;
        if let Some(file) = file {
            let writing = match file.output.lang.as_deref() {
                Some("en") => Writing::English,
                _ => Writing::Any,
            };
            let resolver = Resolver { path, writing, faults: RefCell::default() };
            campaign = resolver.campaign(file);
            faults.extend(resolver.faults.into_inner().into_iter().map(|own| placed(own, text)));
            faults.extend(missing(text, path));
        }
        match campaign {
            Some(campaign) if faults.is_empty() => Ok(campaign),
            _ => Err(CampaignError::all(faults)),
        }
    }

    /// Checks that every network the file names is known.
    ///
    /// # Errors
    ///
    /// [`CampaignError::Value`] naming the key, the network and the known ones, for each.
    pub fn check_networks(&self, known: &[String], path: &Path) -> Result<(), CampaignError> {
        let resolver = Resolver { path, writing: Writing::Any, faults: RefCell::default() };
        let mut faults = Vec::new();
        let groups = self.limits.groups.iter().filter_map(|group| match &group.members {
            GroupMembers::Where(conditions) => Some(("limits.group.where", conditions)),
            GroupMembers::Each { .. } => None,
        });
        let places = std::iter::once(("segments.where", &self.selection.conditions))
            .chain(groups)
            .chain(self.limits.segment.iter().map(|(c, _)| ("limits.segment.where", c)))
            .chain(self.shocks.iter().map(|shock| ("shock.where", &shock.conditions)));
        for (key, conditions) in places {
            for network in conditions.get(Attribute::Network.column()).into_iter().flatten() {
                if !known.contains(network) {
                    faults.push(resolver.value(
                        &format!("{key}.network"),
                        network,
                        "campaign-allowed-network",
                        &known.join(", "),
                    ));
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(CampaignError::all(faults)) }
    }
}

/// Faults of a file that are told at once.
const FAULTS_TOLD: usize = 30;

/// The keys that no campaign file may lack, each as a fault of a text that lacks it.
fn missing(text: &str, path: &Path) -> Vec<CampaignError> {
    let Ok(whole) = DeTable::parse(text) else { return Vec::new() };
    let lacking = ["title", "budget", "flight"].into_iter();
    let lacking = lacking.filter(|key| !whole.get_ref().contains_key(*key));
    let fault = |key| CampaignError::Syntax {
        path: path.to_owned(),
        line: 1,
        column: 1,
        message: format!("missing field `{key}`"),
    };
    lacking.map(fault).collect()
}

/// The file as written, unknown keys and values of the wrong kind left out, and these as faults;
/// `None` where what is left is no campaign file.
fn read_all(text: &str, path: &Path) -> (Option<CampaignFile>, Vec<CampaignError>) {
    let (mut left, mut faults) = (text.to_owned(), Vec::new());
    let mut left_out = BTreeSet::new();
    loop {
        let error = match toml::from_str(&left) {
            Ok(file) => return (Some(file), faults),
            Err(error) => error,
        };
        // What was left out itself is not missing.
        let missing = error.message().strip_prefix("missing field ");
        if missing.is_none_or(|key| !left_out.contains(key.trim().trim_matches('`'))) {
            faults.push(syntax_error(&error, text, path));
        }
        let rest = error.span().and_then(|span| without(&left, &span));
        match rest.filter(|_| faults.len() < FAULTS_TOLD) {
            Some((rest, key)) => {
                left = rest;
                left_out.insert(key);
            }
            None => return (None, faults),
        }
    }
}

/// The text with blanks in the place of the key, and its value, that an error points at; places of
/// all else stay; and the key. `None` where there is no such key.
fn without(text: &str, span: &Range<usize>) -> Option<(String, String)> {
    fn find(table: &DeTable<'_>, span: &Range<usize>) -> Option<Range<usize>> {
        table.iter().find_map(|(key, value)| {
            let (key, whole) = (key.span(), value.span());
            if key.start == span.start || whole.start == span.start {
                return Some(key.start..whole.end.max(key.end));
            }
            let mut inner = match value.get_ref() {
                DeValue::Table(table) => find(table, span),
                _ => None,
            };
            if let (None, DeValue::Array(items)) = (&inner, value.get_ref()) {
                inner = items.iter().find_map(|item| match item.get_ref() {
                    DeValue::Table(table) => find(table, span),
                    _ => None,
                });
            }
            // What an array holds goes with its key.
            let is_within = whole.start < span.start && span.end <= whole.end;
            let is_array = matches!(value.get_ref(), DeValue::Array(_));
            inner.or((is_within && is_array).then_some(key.start..whole.end))
        })
    }
    let table = DeTable::parse(text).ok()?;
    let Range { start, mut end } = find(table.get_ref(), span)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'');
    let key =
        text.get(start..)?.split(|c| !is_part(c)).next()?.trim_matches(['"', '\'']).to_owned();
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    // In a table of one line a comma goes with it.
    let after_blanks = after.trim_start_matches([' ', '\t']);
    let mut start = start;
    if after_blanks.starts_with(',') {
        end += after.len() - after_blanks.len() + 1;
    } else if let Some(comma) = before.trim_end_matches([' ', '\t']).strip_suffix(',') {
        start = comma.len();
    }
    let blank: String = text[start..end]
        .chars()
        .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
        .collect();
    let rest = format!("{}{blank}{}", &text[..start], &text[end..]);
    DeTable::parse(&rest).is_ok().then_some((rest, key))
}

/// The error with the place of the value that it is about.
fn placed(mut error: CampaignError, text: &str) -> CampaignError {
    let (at, key, found) = match &mut error {
        CampaignError::Value { at, key, found, .. } => (at, key.as_str(), found.as_str()),
        CampaignError::Money { at, key, reason, .. } => (at, key.as_str(), reason.found()),
        _ => return error,
    };
    *at = place_of(text, key, found).map(Box::new);
    error
}

/// Line and column of what a key was given: of the very text found where several have the key, or
/// of the first.
fn place_of(text: &str, key: &str, found: &str) -> Option<(usize, usize)> {
    fn spans(value: &Spanned<DeValue<'_>>, keys: &[&str], into: &mut Vec<(usize, Option<String>)>) {
        match (value.get_ref(), keys) {
            (DeValue::Array(items), _) => items.iter().for_each(|item| spans(item, keys, into)),
            (DeValue::Table(table), [first, rest @ ..]) => {
                table.get(*first).iter().for_each(|inner| spans(inner, rest, into));
            }
            (DeValue::Table(table), []) if table.contains_key("amount") => {
                spans(&table["amount"], &[], into);
            }
            (DeValue::String(own), []) => {
                into.push((value.span().start, Some(own.to_string())));
            }
            (_, []) => into.push((value.span().start, None)),
            _ => {}
        }
    }
    let whole = DeTable::parse(text).ok()?;
    let keys: Vec<&str> = key.split('.').collect();
    let mut places = Vec::new();
    spans(&Spanned::new(whole.span(), DeValue::Table(whole.into_inner())), &keys, &mut places);
    let exact = places.iter().find(|(_, own)| own.as_deref() == Some(found));
    Some(line_and_column(text, exact.or(places.first())?.0))
}

/// Turns the reader's error into one with a line, and unknown keys into a suggestion.
fn syntax_error(error: &toml::de::Error, text: &str, path: &Path) -> CampaignError {
    let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
    let mut message = error.message().trim().replace('\n', " ");
    if let Some(wanted) = message.strip_prefix("told-wanted-")
        && let Some(found) = error.span().and_then(|span| text.get(span))
    {
        let kind = match found.as_bytes().first() {
            Some(b'[') => "sequence".to_owned(),
            Some(b'{') => "map".to_owned(),
            Some(b'"' | b'\'') => format!("string {found}"),
            _ => format!("integer `{found}`"),
        };
        message = format!("invalid type: {kind}, expected told-wanted-{wanted}");
    }
    match unknown_key(&message) {
        Some((found, allowed)) => CampaignError::UnknownKey {
            path: path.to_owned(),
            line,
            column,
            nearest: nearest(&found, allowed.iter().map(String::as_str)).map(str::to_owned),
            found,
            allowed: allowed.join(", "),
        },
        None => CampaignError::Syntax { path: path.to_owned(), line, column, message },
    }
}

/// Found and allowed keys of serde's «unknown field» message.
fn unknown_key(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    let found = quoted.next()?;
    Some((found, quoted.collect()))
}

struct Resolver<'a> {
    path: &'a Path,
    /// What the campaign's language settles about its amounts.
    writing: Writing,
    /// What was found wrong so far.
    faults: RefCell<Vec<CampaignError>>,
}

impl Resolver<'_> {
    /// The value, or its fault kept among the others.
    fn keep<T>(&self, found: Result<T, CampaignError>) -> Option<T> {
        found.map_err(|fault| self.faults.borrow_mut().push(fault)).ok()
    }

    /// All values, or every one's fault.
    fn keep_all<T>(
        &self,
        found: impl IntoIterator<Item = Result<T, CampaignError>>,
    ) -> Option<Vec<T>> {
        let found: Vec<Option<T>> = found.into_iter().map(|own| self.keep(own)).collect();
        found.into_iter().collect()
    }

    fn value(
        &self,
        key: &str,
        found: &dyn Display,
        allowed: &'static str,
        detail: &str,
    ) -> CampaignError {
        CampaignError::Value {
            path: self.path.to_owned(),
            at: None,
            key: key.to_owned(),
            found: found.to_string(),
            allowed,
            detail: detail.to_owned(),
        }
    }

    fn no_money(&self, key: &str, reason: InvalidMoney) -> CampaignError {
        CampaignError::Money { path: self.path.to_owned(), at: None, key: key.to_owned(), reason }
    }

    /// The campaign, or everything that is wrong with it among the faults.
    fn campaign(&self, file: CampaignFile) -> Option<Campaign> {
        let budget = file.budget.as_ref().and_then(|budget| self.keep(self.budget(budget)));
        let currency = budget.as_ref().map(|(.., net)| net.currency());
        let flight = file.flight.as_ref().and_then(|flight| self.keep(self.flight(flight)));
        let weeks = flight.map(|flight| Week::covering(flight.start, flight.end));
        let engagement = self.keep(self.engagement(file.engagement.as_ref()));
        let spend = self.keep(self.choice("spend", file.spend.as_deref(), SPEND));
        let objective = self.keep(self.choice("objective", file.objective.as_deref(), OBJECTIVES));
        let rounding = self.keep(self.choice("rounding", file.rounding.as_deref(), ROUNDINGS));
        let pacing = match (&weeks, &file.pacing) {
            (None, Some(PacingText::Weights(_))) => None,
            (weeks, text) => {
                self.keep(self.pacing(text.as_ref(), weeks.as_ref().map_or(1, Vec::len)))
            }
        };
        let selection = self.selection(&file);
        let limits = match currency {
            Some(currency) => self.limits(&file.limits, currency),
            // What is wrong whatever the currency is told all the same.
            None => self.limits(&file.limits, Currency::EUR).and(None),
        };
        let prudence = self.keep(self.share("risk.prudence", file.risk.prudence));
        let tail = self.keep(self.tail(file.risk.tail));
        let shocks = weeks
            .as_ref()
            .and_then(|weeks| self.keep_all(file.shock.iter().map(|own| self.shock(own, weeks))));
        if currency.is_none() {
            let of_currency = |own: &CampaignError| {
                matches!(own, CampaignError::Value { allowed: "campaign-allowed-currency", .. })
            };
            self.faults.borrow_mut().retain(|own| !of_currency(own));
        }
        let history = self.keep(self.history(file.history.as_ref()));
        let history_money =
            currency.and_then(|own| self.keep(self.history_money(file.history.as_ref(), own)));
        let output = self.keep(self.output(&file));
        let (gross, tax, fee, budget) = budget?;
        let (preset, points) = engagement?;
        Some(Campaign {
            spend: spend?,
            objective: objective?,
            rounding: rounding?,
            pacing: pacing?,
            selection: selection?,
            limits: limits?,
            prudence: prudence?.unwrap_or(0.0),
            tail: tail?,
            shocks: shocks?,
            history: history?,
            attribution: file.history.as_ref().and_then(|history| history.attribution.clone()),
            tests: self.tests(file.history.as_ref()),
            designed: self.designed(file.history.as_ref()),
            history_money: history_money?,
            output: output?,
            sensitive: file.sensitive,
            overrides: file.overrides,
            title: file.title?,
            goal: file.goal,
            gross,
            tax,
            fee,
            budget,
            flight: flight?,
            points,
            preset,
        })
    }

    fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    fn budget(&self, text: &BudgetText) -> Result<(Money, Decimal, Decimal, Money), CampaignError> {
        let (amount, tax, fee) = match text {
            BudgetText::Plain(amount) => (amount, 0.0, 0.0),
            BudgetText::Detailed(detail) => (&detail.amount, detail.tax, detail.fee),
        };
        let gross =
            Money::read(amount, self.writing).map_err(|reason| self.no_money("budget", reason))?;
        if gross.minor() <= 0 {
            return Err(self.value("budget", amount, "campaign-allowed-positive-money", ""));
        }
        let rate = |key: &str, rate: f64| {
            Decimal::from_f64(rate)
                .filter(|rate| (Decimal::ZERO..Decimal::from(10)).contains(rate))
                .ok_or_else(|| self.value(key, &rate, "campaign-allowed-rate", ""))
        };
        let (tax, fee) = (rate("budget.tax", tax)?, rate("budget.fee", fee)?);
        let net = Decimal::from(gross.minor()) / (Decimal::ONE + tax) / (Decimal::ONE + fee);
        // Never a cent more than the sponsor has: round down to the minor unit.
        let net = net.trunc().to_i64().expect("a part of the gross amount is no larger");
        Ok((gross, tax, fee, Money::of_minor(net, gross.currency())))
    }

    /// The history's file, which only a campaign that says a rate for a model's money may lack.
    fn history(&self, text: Option<&HistoryText>) -> Result<Option<PathBuf>, CampaignError> {
        let Some(text) = text else { return Ok(None) };
        if text.file.is_none() && text.rate.is_none() {
            return Err(self.value("history", &"–", "campaign-allowed-history-file", ""));
        }
        Ok(text.file.as_ref().map(|file| self.beside(file)))
    }

    /// The file of outside tests.
    fn tests(&self, text: Option<&HistoryText>) -> Option<PathBuf> {
        text.and_then(|text| text.tests.as_ref()).map(|file| self.beside(file))
    }

    /// The files of tests whose weeks count as designed.
    fn designed(&self, text: Option<&HistoryText>) -> Vec<PathBuf> {
        text.iter().flat_map(|text| &text.designed).map(|file| self.beside(file)).collect()
    }

    fn history_money(
        &self,
        text: Option<&HistoryText>,
        budget: Currency,
    ) -> Result<HistoryMoney, CampaignError> {
        let Some(text) = text else { return Ok(HistoryMoney::default()) };
        let exchange = text.rate.as_ref().map(|rate| self.exchange(rate, budget)).transpose()?;
        let own = text.currency.as_ref().map(|code| self.currency("history.currency", code));
        let own = own.transpose()?;
        let expected = exchange.as_ref().map_or(budget, |exchange| exchange.from);
        if let Some(own) = own.filter(|own| *own != expected) {
            let detail = expected.to_string();
            let allowed = "campaign-allowed-history-currency";
            return Err(self.value("history.currency", &own, allowed, &detail));
        }
        Ok(HistoryMoney { currency: own, exchange })
    }

    fn currency(&self, key: &str, code: &str) -> Result<Currency, CampaignError> {
        code.parse().map_err(|_| self.value(key, &code, "campaign-allowed-currency-code", ""))
    }

    fn exchange(&self, text: &RateText, budget: Currency) -> Result<Exchange, CampaignError> {
        let from = self.currency("history.rate.from", &text.from)?;
        let to = self.currency("history.rate.to", &text.to)?;
        let budgets = budget.to_string();
        if to != budget {
            let allowed = "campaign-allowed-currency";
            return Err(self.value("history.rate.to", &text.to, allowed, &budgets));
        }
        if from == to {
            let allowed = "campaign-allowed-other-currency";
            return Err(self.value("history.rate.from", &text.from, allowed, &budgets));
        }
        // The shortest decimal that is this float: what stands in the file.
        let rate = Decimal::from_str_exact(&text.rate.to_string()).ok();
        let rate = rate.filter(|rate| *rate > Decimal::ZERO).ok_or_else(|| {
            self.value("history.rate.rate", &text.rate, "campaign-allowed-positive", "")
        })?;
        let date = text.date.map(|day| day.0);
        Ok(Exchange { from, to, rate, date, source: text.source.clone() })
    }

    fn flight(&self, text: &FlightText) -> Result<Period, CampaignError> {
        let flight = Period { start: text.start.0, end: text.end.0 };
        if flight.end < flight.start {
            let start = flight.start.to_string();
            return Err(self.value("flight.end", &flight.end, "campaign-allowed-end", &start));
        }
        if flight.days() > LONGEST_FLIGHT_DAYS {
            let longest = LONGEST_FLIGHT_DAYS.to_string();
            let allowed = "campaign-allowed-flight-length";
            return Err(self.value("flight.end", &flight.end, allowed, &longest));
        }
        Ok(flight)
    }

    fn engagement(&self, text: Option<&EngagementText>) -> Result<(String, Points), CampaignError> {
        let preset = match text {
            None => "relay",
            Some(EngagementText::Preset(name)) => name.as_str(),
            Some(EngagementText::Points(table)) => return self.points(table),
        };
        let points = match preset {
            "relay" | "relais" => ("relay", Points::relay()),
            "count" | "comptage" => ("count", Points::count()),
            // The weights follow from base rates that only the model knows: they are set when the
            // plan is made.
            "equalised" | "égalisé" => ("equalised", Points::count()),
            found => {
                let presets = "count, relay, equalised";
                return Err(self.value("engagement", &found, "campaign-allowed-one-of", presets));
            }
        };
        Ok((points.0.to_owned(), points.1))
    }

    fn points(&self, table: &BTreeMap<String, f64>) -> Result<(String, Points), CampaignError> {
        let known = Action::ALL.map(Action::column).join(", ");
        let bad = |key: &str, found: &dyn Display| {
            self.value(&format!("engagement{key}"), found, "campaign-allowed-points", &known)
        };
        let mut weights = BTreeMap::new();
        for (name, weight) in table {
            let action: Action = name.parse().map_err(|_| bad("", name))?;
            weights.insert(action, *weight);
        }
        let points = Points::new(&weights).map_err(|error| bad("", &error))?;
        Ok(("custom".to_owned(), points))
    }

    fn choice<T: Copy>(
        &self,
        key: &str,
        found: Option<&str>,
        choices: &[(&str, T)],
    ) -> Result<T, CampaignError> {
        let Some(found) = found else { return Ok(choices[0].1) };
        choices.iter().find(|(name, _)| *name == found).map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.value(key, &found, "campaign-allowed-one-of", &names.join(", "))
        })
    }

    fn pacing(&self, text: Option<&PacingText>, weeks: usize) -> Result<Pacing, CampaignError> {
        match text {
            None => Ok(Pacing::Even),
            Some(PacingText::Named(name)) => match name.as_str() {
                "even" => Ok(Pacing::Even),
                "front_loaded" => Ok(Pacing::FrontLoaded),
                "season" => Ok(Pacing::Season),
                _ => Err(self.value(
                    "pacing",
                    name,
                    "campaign-allowed-one-of",
                    "even, front_loaded, season",
                )),
            },
            Some(PacingText::Weights(weights)) => {
                let sound = weights.len() == weeks
                    && weights.iter().all(|weight| (0.0..f64::INFINITY).contains(weight))
                    && weights.iter().any(|weight| *weight > 0.0);
                if sound {
                    return Ok(Pacing::Weights(weights.clone()));
                }
                let found = format!("{weights:?}");
                let weeks = weeks.to_string();
                Err(self.value("pacing", &found, "campaign-allowed-weights", &weeks))
            }
        }
    }

    fn selection(&self, file: &CampaignFile) -> Option<Selection> {
        let known = Attribute::ALL.map(Attribute::column).join(", ");
        let attribute = |name: &String| {
            name.parse::<Attribute>().map_err(|_| {
                self.value("segments.split_by", name, "campaign-allowed-one-of", &known)
            })
        };
        let split_by = self.keep_all(file.segments.split_by.iter().map(attribute));
        let levers = self.choice("segments.levers", file.segments.levers.as_deref(), LEVERS);
        let levers = self.keep(levers);
        Some(Selection {
            conditions: lists(&file.segments.conditions),
            split_by: split_by?,
            levers: levers?,
        })
    }

    fn share(&self, key: &str, share: Option<f64>) -> Result<Option<f64>, CampaignError> {
        match share {
            Some(found) if !(0.0..=1.0).contains(&found) => {
                Err(self.value(key, &found, "campaign-allowed-share", ""))
            }
            share => Ok(share),
        }
    }

    fn tail(&self, tail: Option<f64>) -> Result<f64, CampaignError> {
        let tail = tail.unwrap_or(DEFAULT_TAIL);
        if tail > 0.0 && tail <= 1.0 {
            return Ok(tail);
        }
        Err(self.value("risk.tail", &tail, "campaign-allowed-tail", ""))
    }

    fn rate(&self, key: &str, rate: Option<f64>) -> Result<Option<f64>, CampaignError> {
        match rate {
            Some(found) if !(0.0..f64::INFINITY).contains(&found) => {
                Err(self.value(key, &found, "campaign-allowed-rate", ""))
            }
            rate => Ok(rate),
        }
    }

    fn money(
        &self,
        key: &str,
        text: Option<&AmountText>,
        currency: Currency,
    ) -> Result<Option<f64>, CampaignError> {
        let amount = match text {
            None => return Ok(None),
            Some(AmountText::Number(number)) => return self.rate(key, Some(*number)),
            Some(AmountText::Text(text)) => text,
        };
        let (money, own) =
            priced(amount, self.writing).map_err(|reason| self.no_money(key, reason))?;
        if own != currency {
            let detail = currency.to_string();
            return Err(self.value(key, amount, "campaign-allowed-currency", &detail));
        }
        if money.is_sign_negative() {
            return Err(self.value(key, amount, "campaign-allowed-rate", ""));
        }
        Ok(money.to_f64())
    }

    /// A bound given as money or as a share, not as both.
    fn amount(
        &self,
        key: &str,
        money: Option<&AmountText>,
        share: Option<f64>,
        currency: Currency,
    ) -> Result<Option<Amount>, CampaignError> {
        let money = self.money(key, money, currency)?;
        let share = self.share(&format!("{key}_share"), share)?;
        match (money, share) {
            (Some(found), Some(_)) => Err(self.value(key, &found, "campaign-allowed-limit", "")),
            (money, share) => Ok(money.map(Amount::Money).or(share.map(Amount::Share))),
        }
    }

    fn limits(&self, text: &LimitsText, currency: Currency) -> Option<Limits> {
        let none = text.funded_at_most == Some(0);
        let bad = || self.value("limits.funded_at_most", &0, "campaign-allowed-count", "");
        let count = self.keep(if none { Err(bad()) } else { Ok(text.funded_at_most) });
        let per_segment = self.segment_rule("limits.per_segment", &text.per_segment, currency);
        let segment: Vec<_> =
            text.segment.iter().map(|rule| self.matched_rule(rule, currency)).collect();
        let groups = self.keep_all(text.group.iter().map(|group| self.group(group, currency)));
        let change = self.keep(self.share("limits.change_at_most", text.change_at_most));
        let carbon = text.carbon.as_deref().map(|mass| self.carbon(mass)).transpose();
        let carbon = self.keep(carbon);
        let carbon_price = self.keep(self.rate("limits.carbon_price", text.carbon_price));
        let cost = text.cost_per_action.as_ref();
        let cost = self.keep(self.money("limits.cost_per_action", cost, currency));
        let weekly = text.weekly_min.as_ref();
        let weekly = self.keep(self.money("limits.weekly_min", weekly, currency));
        let side = self.keep_all(text.side.iter().map(|side| self.side(side)));
        Some(Limits {
            per_segment: per_segment?,
            segment: segment.into_iter().collect::<Option<_>>()?,
            groups: groups?,
            funded_at_most: count?,
            change_at_most: change?,
            trust_region: text.trust_region,
            carbon_kg: carbon?,
            carbon_price: carbon_price?,
            cost_per_action: cost?,
            weekly_min: weekly?,
            side: side?,
        })
    }

    fn segment_rule(
        &self,
        at: &str,
        text: &SegmentRuleText,
        currency: Currency,
    ) -> Option<SegmentRule> {
        let key = |name: &str| format!("{at}.{name}");
        let amount = |name: &str, money: &Option<AmountText>, share: Option<f64>| {
            self.keep(self.amount(&key(name), money.as_ref(), share, currency))
        };
        let least = match &text.min_if_funded {
            Some(AmountText::Text(word)) if word == "platform" => Ok(Some(MinIfFunded::Platform)),
            amount => self
                .money(&key("min_if_funded"), amount.as_ref(), currency)
                .map(|money| money.map(|money| MinIfFunded::Amount(Amount::Money(money)))),
        };
        let least = self.keep(least);
        let fixed = self.keep(self.money(&key("fixed_cost"), text.fixed_cost.as_ref(), currency));
        let min = amount("min", &text.min, text.min_share);
        let max = amount("max", &text.max, text.max_share);
        let pin = amount("pin", &text.pin, text.pin_share);
        let farthest = self.rate(&key("extrapolate_at_most"), text.extrapolate_at_most);
        let farthest = self.keep(farthest);
        Some(SegmentRule {
            min: min?,
            max: max?,
            pin: pin?,
            min_if_funded: least?,
            fixed_cost: fixed?.map(Amount::Money),
            extrapolate_at_most: farthest?,
        })
    }

    fn matched_rule(
        &self,
        text: &MatchedRuleText,
        currency: Currency,
    ) -> Option<(BTreeMap<String, Vec<String>>, SegmentRule)> {
        let table: toml::Table = text.rule.clone().into_iter().collect();
        let rule = SegmentRuleText::deserialize(table).map_err(|error| {
            let message = error.message().to_owned();
            self.value("limits.segment", &message, "campaign-allowed-limit", "")
        });
        let rule = self.segment_rule("limits.segment", &self.keep(rule)?, currency)?;
        Some((lists(&text.conditions), rule))
    }

    fn group(&self, text: &GroupText, currency: Currency) -> Result<GroupRule, CampaignError> {
        let members = match (&text.each, &text.conditions) {
            (Some(each), None) => {
                let (attribute, level) = each
                    .split_once(':')
                    .map_or((each.as_str(), None), |p| (p.0, Some(p.1.to_owned())));
                GroupMembers::Each { attribute: attribute.to_owned(), level }
            }
            (None, Some(conditions)) => GroupMembers::Where(lists(conditions)),
            _ => {
                let name = &text.name;
                return Err(self.value("limits.group", name, "campaign-allowed-members", ""));
            }
        };
        let min = self.amount("limits.group.min", text.min.as_ref(), text.min_share, currency)?;
        let max = self.amount("limits.group.max", text.max.as_ref(), text.max_share, currency)?;
        if min.is_none() && max.is_none() {
            return Err(self.value("limits.group", &text.name, "campaign-allowed-limit", ""));
        }
        let name = if text.name.is_empty() { default_name(&members) } else { text.name.clone() };
        Ok(GroupRule { name, members, min, max })
    }

    fn side(&self, text: &SideText) -> Result<SideRule, CampaignError> {
        self.rate("limits.side.at_most", Some(text.at_most))?;
        for coefficient in &text.per_money {
            self.rate("limits.side.per_money.value", Some(coefficient.value))?;
        }
        let pair = |c: &super::file::CoefficientText| (lists(&c.conditions), c.value);
        Ok(SideRule {
            name: text.name.clone(),
            at_most: text.at_most,
            per_money: text.per_money.iter().map(pair).collect(),
        })
    }

    fn carbon(&self, text: &str) -> Result<f64, CampaignError> {
        let bad = |allowed, detail: &str| self.value("limits.carbon", &text, allowed, detail);
        let no_mass = || bad("campaign-allowed-carbon", "");
        let cut = text.find(|c: char| c.is_alphabetic()).ok_or_else(no_mass)?;
        let (number, unit) = text.split_at(cut);
        let kilograms_per_unit = match unit.trim() {
            "kg" | "kgCO2e" => Decimal::ONE,
            "t" | "tCO2e" => Decimal::ONE_THOUSAND,
            "g" | "gCO2e" => Decimal::new(1, 3),
            _ => return Err(no_mass()),
        };
        let mass = alone(number, self.writing).map_err(|unread| match unread {
            Unread::NoNumber => no_mass(),
            Unread::TwoReadings { fraction, thousands } => {
                let [fraction, thousands] = [fraction, thousands].map(one_reading);
                let detail = format!("`{fraction} {0}`, `{thousands} {0}`", unit.trim());
                bad("campaign-allowed-one-reading", &detail)
            }
        })?;
        let kilograms = mass.value.checked_mul(kilograms_per_unit).and_then(|kg| kg.to_f64());
        let is_bare = !mass.below && !mass.percent && mass.sign.is_none();
        kilograms.filter(|kg| *kg >= 0.0 && is_bare).ok_or_else(no_mass)
    }

    fn shock(&self, text: &ShockText, weeks: &[Week]) -> Result<Shock, CampaignError> {
        let week = |key: &str, text: Option<&WeekText>, default: Week| match text {
            None => Ok(default),
            Some(WeekText(found)) => {
                let of_day = || found.parse().map(Week::of);
                let week = found.parse().or_else(|_| of_day());
                week.map_err(|_| self.value(key, found, "campaign-allowed-week", ""))
            }
        };
        let (first, last) = (weeks[0], weeks[weeks.len() - 1]);
        let from = week("shock.from", text.from.as_ref(), first)?;
        let to = week("shock.to", text.to.as_ref(), last)?;
        // A shock outside the flight would change nothing, and nobody writes one for that.
        let outside = match () {
            () if from > last => text.from.as_ref().map(|found| ("shock.from", found)),
            () if to < first.max(from) => text.to.as_ref().map(|found| ("shock.to", found)),
            () => None,
        };
        if let Some((key, WeekText(found))) = outside {
            let flight = format!("{first} – {last}");
            return Err(self.value(key, found, "campaign-allowed-shock", &flight));
        }
        Ok(Shock {
            name: text.name.clone(),
            conditions: lists(&text.conditions),
            from,
            to,
            probability: self.share("shock.probability", text.probability)?.unwrap_or(1.0),
            cpm: self.rate("shock.cpm", text.cpm)?.unwrap_or(1.0),
            actions: self.rate("shock.actions", text.actions)?.unwrap_or(1.0),
        })
    }

    fn output(&self, file: &CampaignFile) -> Result<Output, CampaignError> {
        let formats = match &file.output.formats {
            None => FORMATS.iter().map(|(_, format)| *format).collect(),
            Some(names) => names
                .iter()
                .map(|name| self.choice("output.formats", Some(name), FORMATS))
                .collect::<Result<_, _>>()?,
        };
        if let Some(lang) = &file.output.lang
            && !["fr", "en"].contains(&lang.as_str())
        {
            return Err(self.value("output.lang", lang, "campaign-allowed-one-of", "fr, en"));
        }
        Ok(Output {
            folder: file.output.folder.as_ref().map(|folder| self.beside(folder)),
            formats,
            lang: file.output.lang.clone(),
        })
    }
}

fn lists(conditions: &Conditions) -> BTreeMap<String, Vec<String>> {
    conditions.iter().map(|(name, values)| (name.clone(), values.list())).collect()
}

fn default_name(members: &GroupMembers) -> String {
    match members {
        GroupMembers::Each { attribute, level: Some(level) } => format!("{attribute}:{level}"),
        GroupMembers::Each { attribute, level: None } => attribute.clone(),
        GroupMembers::Where(conditions) => {
            let part =
                |(name, values): (&String, &Vec<String>)| format!("{name} = {}", values.join("|"));
            conditions.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    }
}

// The first choice of each table is the default.
const SPEND: &[(&str, SpendRule)] = &[("all", SpendRule::All), ("up_to", SpendRule::UpTo)];
const OBJECTIVES: &[(&str, Objective)] = &[
    ("engagement", Objective::Engagement),
    ("incremental", Objective::Incremental),
    ("clicks", Objective::Clicks),
    ("reach", Objective::Reach),
    ("follows", Objective::Follows),
];
const ROUNDINGS: &[(&str, Rounding)] =
    &[("minor", Rounding::Minor), ("unit", Rounding::Unit), ("five", Rounding::Five)];
const LEVERS: &[(&str, Levers)] = &[("bought", Levers::Bought), ("any", Levers::Any)];
const FORMATS: &[(&str, OutputFormat)] = &[
    ("html", OutputFormat::Html),
    ("brief", OutputFormat::Brief),
    ("xlsx", OutputFormat::Xlsx),
    ("csv", OutputFormat::Csv),
    ("png", OutputFormat::Png),
    ("svg", OutputFormat::Svg),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Explain, Language};

    #[test]
    fn all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
        let text = "title = \"t\"\nbudget = \"12k EUR\"\n\
            flight = { start = 2027-03-01, end = 2027-02-01 }\nengagment = \"relay\"\n\
            pacing = \"odd\"\n[segments]\nsplit_by = [\"network\", \"adset\"]\n\
            levers = \"some\"\n[limits]\nfunded_at_most = \"many\"\ncarbon = \"9 miles\"\n\
            per_segment = { minn = 3, max_share = 35 }\n[risk]\nprudence = 3\n";
        let Err(CampaignError::Several(faults)) = Campaign::parse(text, Path::new("c.toml")) else {
            panic!("all of it passed");
        };
        let told: Vec<String> = faults.iter().map(|own| own.explain(Language::En)).collect();
        let expected = [
            (2, "budget"),
            (3, "flight.end"),
            (4, "engagment"),
            (5, "pacing"),
            (7, "adset"),
            (8, "levers"),
            (10, "many"),
            (11, "carbon"),
            (12, "minn"),
            (12, "max_share"),
            (14, "prudence"),
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, (line, word)) in told.iter().zip(expected) {
            assert!(told.contains(&format!("line {line},")) && told.contains(word), "{told}");
        }
    }

    #[test]
    fn a_budget_that_is_none_is_told_by_what_it_is_and_what_it_may_be() {
        let told = |budget: &str, language| {
            let text = format!(
                "title = 'x'\nbudget = {budget}\nflight = {{ start = 2027-03-01, end = 2027-04-11 }}"
            );
            let error = Campaign::parse(&text, Path::new("c.toml")).unwrap_err();
            error.explain(language).replace('\u{a0}', " ")
        };
        let (money, above) =
            ("attendu un montant avec sa devise", "attendu un montant supérieur à 0");
        for (budget, found, wanted) in [
            ("-5", "trouvé -5", money),
            ("0", "trouvé 0", money),
            ("nan", "trouvé nan", money),
            ("true", "trouvé true", money),
            ("{ amount = 5 }", "trouvé une table", money),
            ("'abc'", "trouvé « abc »", money),
            ("'1e400'", "trouvé « 1e400 »", money),
            ("'12000'", "trouvé « 12000 »", money),
            ("'-5 EUR'", "trouvé « -5 EUR »", above),
            ("'99999999999999999999999999999999 EUR'", "plus qu’un montant ne peut être", ""),
            ("1e400", "ce nombre est trop grand", ""),
        ] {
            let french = told(budget, Language::Fr);
            assert!(french.contains(found) && french.contains(wanted), "{budget}: {french}");
            assert!(french.contains("ligne 2, colonne 10"), "{budget}: {french}");
            assert!(!french.contains("TOML") && !french.contains("expected"), "{budget}: {french}");
            let english = told(budget, Language::En);
            assert!(
                english.contains("line 2, column 10") && !english.contains("TOML"),
                "{english}"
            );
        }
    }

    const FULL: &str = r#"
title = "Orientation"
budget = { amount = "12000 EUR", tax = 0.2, fee = 0.08 }
flight = { start = 2027-03-01, end = 2027-04-11 }
engagement = "relay"
[history]
file = "history.sqlite"
[segments]
where = { age = ["18-24"], territory = "REG-76" }
split_by = ["network", "age"]
[limits]
per_segment = { min_if_funded = "platform", max_share = 0.35 }
funded_at_most = 12
carbon = "0,15 t"
[[limits.group]]
name = "départements"
each = "territory:DEP"
min_share = 0.04
[[limits.segment]]
where = { network = "linkedin" }
max = "900 EUR"
[risk]
prudence = 0.3
[output]
folder = "out/x"
"#;

    fn parse(text: &str) -> Result<Campaign, CampaignError> {
        Campaign::parse(text, Path::new("dir/campaign.toml"))
    }

    #[test]
    fn a_full_file_is_read_as_written() {
        let campaign = parse(FULL).unwrap();
        // 12000 / 1.2 / 1.08 = 9259.2592…, never a cent more.
        assert_eq!(campaign.budget.to_string(), "9259.25 EUR");
        assert_eq!(campaign.history, Some(PathBuf::from("dir/history.sqlite")));
        assert_eq!(campaign.limits.carbon_kg, Some(150.0));
        assert_eq!(campaign.limits.segment[0].1.max, Some(Amount::Money(900.0)));
        assert_eq!(campaign.weeks().len(), 6);
        assert_eq!(campaign.tail, DEFAULT_TAIL);
        assert_eq!(
            campaign.limits.groups[0].members,
            GroupMembers::Each { attribute: "territory".into(), level: Some("DEP".into()) }
        );
    }

    #[test]
    fn what_is_missing_is_told_beside_what_is_unknown() {
        let told = |text: &str| {
            let error = parse(text).unwrap_err().explain(Language::En);
            error.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let lacking = told("goal = 'x'\nflihgt = 3\n[limits]\ncarbon = 'x kg'\nfunded = 3\n");
        for (i, word) in
            ["`title`", "`budget`", "`flight`", "`flihgt`", "limits.carbon", "`funded`"]
                .iter()
                .enumerate()
        {
            assert!(lacking[i].contains(word), "{word}: {lacking:#?}");
        }
        assert_eq!(lacking.len(), 6, "{lacking:#?}");
        // What was given and cannot be read is wrong, and not missing as well.
        let wrong = told("title = 3\nbudget = 4\nflight = { start = 2027-03-01 }\n");
        assert_eq!(wrong.len(), 3, "{wrong:#?}");
        assert!(wrong[2].contains("`end` is missing"), "{wrong:#?}");
    }

    #[test]
    fn a_misspelt_key_is_told_with_its_line_and_the_nearest_key() {
        let error = parse(&FULL.replace("funded_at_most", "funded_at_msot")).unwrap_err();
        let CampaignError::UnknownKey { line, nearest, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*line, nearest.as_deref()), (13, Some("funded_at_most")));
        assert!(error.explain(Language::Fr).contains("funded_at_most"));
    }

    #[test]
    fn a_week_is_named_by_its_number_or_by_one_of_its_days() {
        let weeks = |from: &str| {
            let shock = format!("{FULL}\n[[shock]]\nname = \"strike\"\nfrom = {from}\n");
            parse(&shock).map(|campaign| campaign.shocks.last().expect("a shock").from.to_string())
        };
        for from in ["\"2027-W12\"", "2027-03-22", "\"2027-03-28\""] {
            assert_eq!(weeks(from).unwrap(), "2027-W12", "{from}");
        }
        let error = weeks("\"spring\"").unwrap_err();
        assert!(
            matches!(&error, CampaignError::Value { key, .. } if key == "shock.from"),
            "{error}"
        );
        assert!(weeks("12").is_err());
    }

    #[test]
    fn a_shock_outside_the_flight_is_told_with_the_weeks_of_the_flight() {
        let shock =
            |weeks: &str| parse(&format!("{FULL}\n[[shock]]\nname = \"strike\"\n{weeks}\n"));
        for (weeks, wrong) in [
            ("from = 2027-04-12", "shock.from"),
            ("from = 2026-03-01\nto = 2027-02-28", "shock.to"),
            ("to = 2027-02-28", "shock.to"),
            ("from = 2027-03-15\nto = 2027-03-08", "shock.to"),
        ] {
            let error = shock(weeks).unwrap_err();
            let CampaignError::Value { key, .. } = &error else { panic!("{weeks}: {error}") };
            assert_eq!(key, wrong, "{weeks}");
            assert!(error.explain(Language::Fr).contains("2027-W09 – 2027-W14"), "{weeks}");
        }
        for weeks in ["from = 2027-04-11\nto = 2027-06-01", "from = 2027-02-01", "to = 2027-03-01"]
        {
            assert!(shock(weeks).is_ok(), "{weeks}");
        }
    }

    #[test]
    fn bad_values_name_their_key() {
        for (from, to, key) in [
            ("amount = \"12000 EUR\"", "amount = \"-5 EUR\"", "budget"),
            ("end = 2027-04-11", "end = 2027-02-11", "flight.end"),
            ("prudence = 0.3", "prudence = 1.3", "risk.prudence"),
            ("\"900 EUR\"", "\"900 USD\"", "limits.segment.max"),
            ("carbon = \"0,15 t\"", "carbon = \"150 miles\"", "limits.carbon"),
            ("carbon = \"0,15 t\"", "carbon = \"0,150 t\"", "limits.carbon"),
            ("max = \"900 EUR\"", "max = \"-900 EUR\"", "limits.segment.max"),
            ("max = \"900 EUR\"", "max = -900", "limits.segment.max"),
            ("engagement = \"relay\"", "engagement = \"likes\"", "engagement"),
            ("engagement = \"relay\"", "engagement = { likes = 1 }", "engagement"),
            ("[\"network\", \"age\"]", "[\"netwrok\"]", "segments.split_by"),
            ("each = \"territory:DEP\"\n", "", "limits.group"),
            ("funded_at_most = 12", "funded_at_most = 0", "limits.funded_at_most"),
        ] {
            let text = FULL.replace(from, to);
            assert_ne!(text, FULL, "the test does not change the file: {from}");
            match parse(&text).unwrap_err() {
                CampaignError::Value { key: found, .. } => assert_eq!(found, key, "{to}"),
                other => panic!("{to}: {other}"),
            }
        }
        let error = parse(&FULL.replace("max = \"900 EUR\"", "maxi = \"900 EUR\"")).unwrap_err();
        assert!(error.to_string().contains("maxi"), "{error}");
        let not_a_day = parse(&FULL.replace("2027-04-11", "\"2027-02-30\"")).unwrap_err();
        assert!(matches!(not_a_day, CampaignError::Syntax { line: 4, .. }), "{not_a_day}");
    }

    #[test]
    fn every_amount_goes_through_one_reader() {
        let cut = FULL.replace("max_share = 0.35", "fixed_cost = \"20 EUR\"");
        let whole = cut.replace("funded_at_most = 12", "weekly_min = \"10 EUR\"");
        let whole = whole.replace("min_share = 0.04", "min = \"30 EUR\"");
        for (amount, key) in [
            ("12000 EUR", "budget"),
            ("20 EUR", "limits.per_segment.fixed_cost"),
            ("10 EUR", "limits.weekly_min"),
            ("30 EUR", "limits.group.min"),
            ("900 EUR", "limits.segment.max"),
        ] {
            let with = |to: &str| whole.replace(&format!("\"{amount}\""), &format!("\"{to}\""));
            for bad in ["1,200 EUR", "1.200 EUR", "€1.200", "1200", "$1200", "5 %", "1e3 EUR"] {
                match parse(&with(bad)).unwrap_err() {
                    CampaignError::Money { key: found, at, .. } => {
                        assert_eq!(found, key, "{bad}");
                        let before = with(bad).find(&format!("\"{bad}\"")).unwrap();
                        assert_eq!(
                            at.as_deref(),
                            Some(&line_and_column(&with(bad), before)),
                            "{bad}"
                        );
                    }
                    other => panic!("{bad}: {other}"),
                }
            }
            for good in ["1 200,00 €", "€1,200.00", "1'200 EUR", "1200EUR", "1\u{202f}200 €"]
            {
                let plain = parse(&with("1200 EUR")).unwrap();
                assert_eq!(parse(&with(good)).unwrap(), plain, "{good}");
            }
            let english = |text: String| text.replace("[output]", "[output]\nlang = \"en\"");
            assert_eq!(
                parse(&english(with("1,200 EUR"))).unwrap(),
                parse(&english(with("1200 EUR"))).unwrap(),
                "an English campaign settles the comma, {key}"
            );
            assert!(parse(&english(with("1.200 EUR"))).is_err());
            let french = with("1,200 EUR").replace("[output]", "[output]\nlang = \"fr\"");
            assert!(parse(&french).is_err(), "a French campaign settles nothing, {key}");
        }
    }

    #[test]
    fn a_rate_is_between_the_history_and_the_budget() {
        let with = |more: &str| {
            let text = "file = \"history.sqlite\"";
            parse(&FULL.replace(text, &format!("{text}\n{more}")))
        };
        let rate = r#"rate = { from = "USD", to = "EUR", rate = 0.92, date = 2026-11-27 }"#;
        let money = with(rate).unwrap().history_money;
        let exchange = money.exchange.unwrap();
        assert_eq!((exchange.rate, exchange.source), (Decimal::new(92, 2), None));
        assert_eq!(with("currency = \"EUR\"").unwrap().history_money.currency, Some(Currency::EUR));
        assert!(with(&format!("{rate}\ncurrency = \"USD\"")).is_ok());
        for (more, key) in [
            ("currency = \"USD\"".to_owned(), "history.currency"),
            ("currency = \"euros\"".to_owned(), "history.currency"),
            (format!("{rate}\ncurrency = \"EUR\""), "history.currency"),
            (rate.replace("\"EUR\"", "\"CHF\""), "history.rate.to"),
            (rate.replace("\"USD\"", "\"EUR\""), "history.rate.from"),
            (rate.replace("0.92", "0"), "history.rate.rate"),
            (rate.replace("0.92", "-1.0"), "history.rate.rate"),
            (rate.replace("0.92", "nan"), "history.rate.rate"),
        ] {
            match with(&more).unwrap_err() {
                CampaignError::Value { key: found, at, .. } => {
                    assert_eq!(found, key, "{more}");
                    assert!(at.as_deref().is_some_and(|(line, _)| *line > 6), "{more}: {at:?}");
                }
                other => panic!("{more}: {other}"),
            }
        }
        let no_file = FULL.replace("file = \"history.sqlite\"", "attribution = \"7-day click\"");
        assert!(parse(&no_file).is_err());
        let beside_a_model = FULL.replace("file = \"history.sqlite\"", rate);
        assert_eq!(parse(&beside_a_model).unwrap().history, None);
    }

    #[test]
    fn two_readings_are_told_in_both_languages() {
        let error = parse(&FULL.replace("\"900 EUR\"", "\"12,000 EUR\"")).unwrap_err();
        let french = error.explain(Language::Fr);
        assert!(
            french.contains("12\u{a0}€") && french.contains("12\u{202f}000\u{a0}€"),
            "{french}"
        );
        assert!(french.contains("ligne 21") && french.contains("12000 EUR"), "{french}");
        let english = error.explain(Language::En);
        assert!(english.contains("€12 ") && english.contains("€12,000"), "{english}");
    }

    #[test]
    fn an_unknown_network_is_an_error_with_the_known_ones() {
        let known = ["facebook".to_owned(), "linkedin".to_owned()];
        let path = Path::new("c.toml");
        assert!(parse(FULL).unwrap().check_networks(&known, path).is_ok());
        let text = FULL.replace("network = \"linkedin\"", "network = \"linkdin\"");
        let error = parse(&text).unwrap().check_networks(&known, path).unwrap_err();
        assert!(error.explain(Language::En).contains("facebook, linkedin"));
    }
}
