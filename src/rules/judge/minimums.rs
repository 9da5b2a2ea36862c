//! The least that platforms accept: money per ad set and per campaign, and people.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::Asking;
use crate::rules::table::{Amounts, RulesError, check_amount, read};
use crate::segment::Attribute;
use crate::units::Currency;

const FILE: &str = "rules/minimums.toml";

/// The table of minimums.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Minimums {
    minimum: Vec<Minimum>,
}

/// The minimums of one company's networks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    companies: Vec<String>,
    per_day: Amounts,
    #[serde(default)]
    campaign: Amounts,
    audience: Option<f64>,
    /// Where it comes from.
    pub origin: Basis,
}

impl Minimum {
    /// Least money of one ad set for a flight of so many days. An unknown currency counts as the
    /// first of the table (the published amounts differ little); one without an amount has none.
    #[must_use]
    pub fn flight(&self, currency: Option<Currency>, days: u32) -> Option<f64> {
        let per_day = match currency {
            Some(currency) => self.per_day.get(&currency),
            None => self.per_day.get(&Currency::EUR).or(self.per_day.values().next()),
        };
        per_day.map(|amount| amount * f64::from(days))
    }

    /// Least number of people that an audience must have.
    #[must_use]
    pub fn audience(&self) -> Option<f64> {
        self.audience
    }
}

impl Minimums {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        let minimums: Self = read(reference, FILE)?;
        for minimum in &minimums.minimum {
            let amounts = minimum.per_day.values().chain(minimum.campaign.values());
            for amount in amounts.copied().chain(minimum.audience) {
                check_amount(FILE, &minimum.companies.join(", "), amount)?;
            }
        }
        Ok(minimums)
    }

    pub(crate) fn of(&self, company: &str) -> Option<&Minimum> {
        self.minimum.iter().find(|minimum| minimum.companies.iter().any(|own| own == company))
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        self.judge_currency(asking);
        self.judge_rows(asking);
        self.judge_campaigns(asking);
    }

    /// A currency for which a company's minimum is not known.
    fn judge_currency(&self, asking: &mut Asking<'_>) {
        let currency = asking.inquiry.campaign.budget.currency();
        for (company, segments) in asking.by_company() {
            let Some(minimum) = self.of(company).filter(|m| !m.per_day.contains_key(&currency))
            else {
                continue;
            };
            let values = [
                ("company", Value::Name(company.to_owned())),
                ("currency", Value::Name(currency.code().to_owned())),
            ];
            let segments = crate::rules::inquiry::ids(&segments);
            let origin = Some(&minimum.origin);
            asking.add(Severity::Note, "minimum-unknown", segments, values, origin);
        }
    }

    fn judge_rows(&self, asking: &mut Asking<'_>) {
        let currency = asking.inquiry.campaign.budget.currency();
        let days = asking.inquiry.campaign.flight.days();
        for (segment, row) in asking.funded() {
            let Some(minimum) = asking.company(segment).and_then(|company| self.of(company)) else {
                continue;
            };
            let network = segment.get(Attribute::Network).unwrap_or_default();
            let network = Value::Name(asking.known.network_name(network).to_owned());
            let segments = || vec![segment.id.clone()];
            let origin = Some(&minimum.origin);
            // Half a minor unit: what rounding may have taken off.
            let slack = 0.5 / currency.minor_per_unit() as f64;
            if let Some(least) = minimum.flight(Some(currency), days)
                && row.budget + slack < least
            {
                let values = [
                    ("network", network.clone()),
                    ("budget", Value::Money(row.budget)),
                    ("least", Value::Money(least)),
                    ("days", Value::Count(u64::from(days))),
                ];
                asking.add(Severity::Warning, "minimum-budget", segments(), values, origin);
            }
            if let (Some(least), Some(people)) = (minimum.audience, row.audience)
                && people < least
            {
                let values = [
                    ("network", network),
                    ("people", Value::Whole(people)),
                    ("least", Value::Whole(least)),
                ];
                asking.add(Severity::Warning, "minimum-audience", segments(), values, origin);
            }
        }
    }

    /// All ad sets of one company together, against its minimum per campaign.
    fn judge_campaigns(&self, asking: &mut Asking<'_>) {
        let currency = asking.inquiry.campaign.budget.currency();
        let mut totals: BTreeMap<&str, (f64, Vec<String>)> = BTreeMap::new();
        for (segment, row) in asking.funded() {
            if let Some(company) = asking.company(segment) {
                let (total, segments) = totals.entry(company).or_default();
                *total += row.budget;
                segments.push(segment.id.clone());
            }
        }
        for (company, (total, segments)) in totals {
            let Some(minimum) = self.of(company) else { continue };
            let Some(least) = minimum.campaign.get(&currency).filter(|least| total < **least)
            else {
                continue;
            };
            let values = [
                ("company", Value::Name(company.to_owned())),
                ("budget", Value::Money(total)),
                ("least", Value::Money(*least)),
            ];
            let origin = Some(&minimum.origin);
            asking.add(Severity::Warning, "minimum-campaign", segments, values, origin);
        }
    }
}
