//! Every setting of a campaign, one by one: what it is, whose it is, and its value.
//!
//! Each struct is taken apart without `..`: a field that is added does not compile until it is
//! listed here, and what is listed is shown by the report and by the comparison of plans.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use super::settings::{
    Amount, Campaign, GroupMembers, GroupRule, Levers, Limits, MinIfFunded, Objective, Output,
    OutputFormat, Pacing, Rounding, SegmentRule, Selection, Shock, SideRule, SpendRule,
};
use super::{Exchange, HistoryMoney};
use crate::action::Action;
use crate::panel::Period;
use crate::segment::Attribute;
use crate::units::{Currency, Week};

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Which setting of whom; no two leaves of a campaign share it.
    pub place: Place,
    /// Its value.
    pub value: LeafValue,
}

/// Which setting, and whose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What is set, such as `each-max` or `group-min`: the message `report-setting-<key>`.
    pub key: &'static str,
    /// Whose setting it is; nobody's but the campaign's where it is empty.
    pub of: Vec<Owner>,
}

/// Whose a setting is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// What a person named: a group, a limit, a shock; and which of those of that name, from 1.
    Named(String, usize),
    /// The audiences that satisfy conditions; and which rule on them, from 1.
    Audiences(Conditions, usize),
    /// An attribute of audiences.
    Attribute(String),
    /// A kind of action.
    Action(Action),
    /// The code of a finding.
    Finding(String),
}

/// Attribute → allowed values.
type Conditions = BTreeMap<String, Vec<String>>;

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum LeafValue {
    /// A person's own words, or a path.
    Text(String),
    /// One of a few choices: the message `report-<code>`.
    Choice(&'static str),
    /// A preset of points, by its name.
    Preset(String),
    /// Yes or no.
    Yes(bool),
    /// Money in the campaign's currency.
    Money(f64),
    /// A currency.
    Currency(Currency),
    /// A share of a whole.
    Share(f64),
    /// A number without a unit.
    Number(f64),
    /// So many times as much.
    Times(f64),
    /// Mass, kg CO2e.
    Kilograms(f64),
    /// A day.
    Day(Date),
    /// A week.
    Week(Week),
    /// Values of an attribute.
    Values(String, Vec<String>),
    /// Attributes.
    Attributes(Vec<Attribute>),
    /// One group for each value of an attribute, of a territory's level where there is one.
    Each(String, Option<String>),
    /// Audiences one after the other.
    Order(Vec<Conditions>),
    /// Numbers one after the other.
    Weights(Vec<f64>),
    /// Kinds of result.
    Formats(Vec<OutputFormat>),
}

impl Leaf {
    /// Whether another value may make another plan: titles and places of files do not, and the
    /// budget without tax and fee only follows from theirs.
    #[must_use]
    pub fn decides(&self) -> bool {
        !matches!(
            self.place.key,
            "title" | "goal" | "budget" | "history" | "folder" | "formats" | "lang"
        )
    }
}

impl Campaign {
    /// All settings, in the order in which a person would read them. Rules that do not exist have
    /// no leaf.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf> {
        let Self {
            title,
            goal,
            gross,
            tax,
            fee,
            budget,
            spend,
            flight: Period { start, end },
            points,
            preset,
            objective,
            history,
            attribution,
            tests,
            designed,
            history_money,
            selection,
            limits,
            pacing,
            prudence,
            tail,
            rounding,
            shocks,
            sensitive,
            overrides,
            output,
        } = self;
        let share = |share: &rust_decimal::Decimal| {
            LeafValue::Share(share.to_string().parse().unwrap_or(0.0))
        };
        let mut all = Leaves::default();
        all.add("title", LeafValue::Text(title.clone()));
        all.add("goal", LeafValue::Text(goal.clone()));
        all.add("gross", LeafValue::Money(gross.as_f64()));
        all.add("currency", LeafValue::Currency(gross.currency()));
        all.add("tax", share(tax));
        all.add("fee", share(fee));
        all.add("budget", LeafValue::Money(budget.as_f64()));
        all.add("spend", LeafValue::Choice(spend_code(*spend)));
        all.add("start", LeafValue::Day(*start));
        all.add("end", LeafValue::Day(*end));
        all.add("pacing", pacing_value(pacing));
        all.add("objective", LeafValue::Choice(objective_code(*objective)));
        all.add("preset", LeafValue::Preset(preset.clone()));
        for action in Action::ALL.into_iter().filter(|action| points.of(*action) > 0.0) {
            all.of("points", [Owner::Action(action)], LeafValue::Number(points.of(action)));
        }
        all.add_if("history", history.as_deref().map(path));
        all.add_if("attribution", attribution.clone().map(LeafValue::Text));
        all.add_if("tests", tests.as_deref().map(path));
        let designed: Vec<String> =
            designed.iter().map(|file| super::settings::as_sent(file)).collect();
        all.add_if(
            "designed",
            (!designed.is_empty()).then(|| LeafValue::Text(designed.join(", "))),
        );
        all.history_money(history_money);
        all.selection(selection);
        all.limits(limits);
        all.add("prudence", LeafValue::Share(*prudence));
        all.add("tail", LeafValue::Share(*tail));
        all.add("rounding", LeafValue::Choice(rounding_code(*rounding)));
        let names = shocks.iter().map(|shock| shock.name.clone());
        for (shock, n) in shocks.iter().zip(ordinals(names)) {
            all.shock(shock, n);
        }
        all.add("sensitive", LeafValue::Yes(*sensitive));
        for (code, reason) in overrides {
            all.of("override", [Owner::Finding(code.clone())], LeafValue::Text(reason.clone()));
        }
        let Output { folder, formats, lang } = output;
        all.add_if("folder", folder.as_deref().map(path));
        all.add("formats", LeafValue::Formats(formats.clone()));
        all.add_if("lang", lang.as_deref().map(language));
        all.0
    }
}

/// Keys of a rule's bounds, for every audience and for some.
struct RuleKeys {
    min: &'static str,
    max: &'static str,
    pin: &'static str,
    min_if_funded: &'static str,
    fixed_cost: &'static str,
    extrapolate: &'static str,
}

const EACH: RuleKeys = RuleKeys {
    min: "each-min",
    max: "each-max",
    pin: "each-pin",
    min_if_funded: "each-min-if-funded",
    fixed_cost: "each-fixed-cost",
    extrapolate: "each-extrapolate",
};

const SOME: RuleKeys = RuleKeys {
    min: "some-min",
    max: "some-max",
    pin: "some-pin",
    min_if_funded: "some-min-if-funded",
    fixed_cost: "some-fixed-cost",
    extrapolate: "some-extrapolate",
};

#[derive(Default)]
struct Leaves(Vec<Leaf>);

impl Leaves {
    fn add(&mut self, key: &'static str, value: LeafValue) {
        self.of(key, [], value);
    }

    fn add_if(&mut self, key: &'static str, value: Option<LeafValue>) {
        self.of_if(key, &[], value);
    }

    fn of<const N: usize>(&mut self, key: &'static str, of: [Owner; N], value: LeafValue) {
        self.0.push(Leaf { place: Place { key, of: of.into() }, value });
    }

    fn of_if(&mut self, key: &'static str, of: &[Owner], value: Option<LeafValue>) {
        let place = Place { key, of: of.to_vec() };
        self.0.extend(value.map(|value| Leaf { place, value }));
    }

    /// Whom something covers, attribute by attribute; everybody where nothing is asked.
    fn covers(&mut self, key: &'static str, of: &[Owner], conditions: &Conditions) {
        for (attribute, values) in conditions {
            let mut of = of.to_vec();
            of.push(Owner::Attribute(attribute.clone()));
            let value = LeafValue::Values(attribute.clone(), values.clone());
            self.of_if(key, &of, Some(value));
        }
    }

    fn history_money(&mut self, said: &HistoryMoney) {
        let HistoryMoney { currency, exchange } = said;
        self.add_if("history-currency", currency.map(LeafValue::Currency));
        let Some(Exchange { from, to, rate, date, source }) = exchange else { return };
        self.add("rate-from", LeafValue::Currency(*from));
        self.add("rate-to", LeafValue::Currency(*to));
        self.add("rate", LeafValue::Number(rate.to_f64().unwrap_or(f64::NAN)));
        self.add_if("rate-date", date.map(LeafValue::Day));
        self.add_if("rate-source", source.clone().map(LeafValue::Text));
    }

    fn selection(&mut self, selection: &Selection) {
        let Selection { conditions, split_by, levers } = selection;
        self.covers("where", &[], conditions);
        let attributes = (!split_by.is_empty()).then(|| LeafValue::Attributes(split_by.clone()));
        self.add_if("split-by", attributes);
        self.add("levers", LeafValue::Choice(levers_code(*levers)));
    }

    fn limits(&mut self, limits: &Limits) {
        let Limits {
            per_segment,
            segment,
            groups,
            funded_at_most,
            change_at_most,
            trust_region,
            carbon_kg,
            carbon_price,
            cost_per_action,
            weekly_min,
            side,
        } = limits;
        self.rule(&EACH, &[], per_segment);
        self.some_audiences(segment);
        let names = groups.iter().map(|group| group.name.clone());
        for (group, n) in groups.iter().zip(ordinals(names)) {
            self.group(group, n);
        }
        self.add_if("funded", funded_at_most.map(|n| LeafValue::Number(n as f64)));
        self.add_if("change", change_at_most.map(LeafValue::Share));
        let trust = |kept| LeafValue::Choice(if kept { "trust-kept" } else { "trust-lifted" });
        self.add_if("trust", trust_region.map(trust));
        self.add_if("carbon", carbon_kg.map(LeafValue::Kilograms));
        self.add_if("carbon-price", carbon_price.map(LeafValue::Number));
        self.add_if("cost-per-action", cost_per_action.map(LeafValue::Money));
        self.add_if("weekly-min", weekly_min.map(LeafValue::Money));
        let names = side.iter().map(|side| side.name.clone());
        for (side, n) in side.iter().zip(ordinals(names)) {
            self.side(side, n);
        }
    }

    fn rule(&mut self, keys: &RuleKeys, of: &[Owner], rule: &SegmentRule) {
        let SegmentRule { min, max, pin, min_if_funded, fixed_cost, extrapolate_at_most } = rule;
        self.of_if(keys.min, of, min.map(amount));
        self.of_if(keys.max, of, max.map(amount));
        self.of_if(keys.pin, of, pin.map(amount));
        let least = min_if_funded.map(|least| match least {
            MinIfFunded::Platform => LeafValue::Choice("min-if-funded-platform"),
            MinIfFunded::Amount(least) => amount(least),
        });
        self.of_if(keys.min_if_funded, of, least);
        self.of_if(keys.fixed_cost, of, fixed_cost.map(amount));
        self.of_if(keys.extrapolate, of, extrapolate_at_most.map(LeafValue::Times));
    }

    /// Rules for some audiences; a later one wins, so their order is a setting too.
    fn some_audiences(&mut self, rules: &[(Conditions, SegmentRule)]) {
        let covered: Vec<Conditions> = rules.iter().map(|(covers, _)| covers.clone()).collect();
        for ((covers, rule), n) in rules.iter().zip(ordinals(covered.iter().cloned())) {
            self.rule(&SOME, &[Owner::Audiences(covers.clone(), n)], rule);
        }
        self.add_if("some-order", (covered.len() > 1).then_some(LeafValue::Order(covered)));
    }

    fn group(&mut self, group: &GroupRule, n: usize) {
        let GroupRule { name, members, min, max } = group;
        let of = [Owner::Named(name.clone(), n)];
        match members {
            GroupMembers::Each { attribute, level } => {
                let each = LeafValue::Each(attribute.clone(), level.clone());
                self.of_if("group-each", &of, Some(each));
            }
            GroupMembers::Where(conditions) => self.covers("group-where", &of, conditions),
        }
        self.of_if("group-min", &of, min.map(amount));
        self.of_if("group-max", &of, max.map(amount));
    }

    fn side(&mut self, side: &SideRule, n: usize) {
        let SideRule { name, at_most, per_money } = side;
        let own = Owner::Named(name.clone(), n);
        self.of("side", [own.clone()], LeafValue::Number(*at_most));
        let covered: Vec<Conditions> = per_money.iter().map(|(covers, _)| covers.clone()).collect();
        for ((covers, each), n) in per_money.iter().zip(ordinals(covered.iter().cloned())) {
            let of = [own.clone(), Owner::Audiences(covers.clone(), n)];
            self.of("side-each", of, LeafValue::Number(*each));
        }
        // The first that matches counts.
        let order = (covered.len() > 1).then_some(LeafValue::Order(covered));
        self.of_if("side-order", &[own], order);
    }

    fn shock(&mut self, shock: &Shock, n: usize) {
        let Shock { name, conditions, from, to, probability, cpm, actions } = shock;
        let of = [Owner::Named(name.clone(), n)];
        self.covers("shock-where", &of, conditions);
        self.of("shock-from", of.clone(), LeafValue::Week(*from));
        self.of("shock-to", of.clone(), LeafValue::Week(*to));
        self.of("shock-probability", of.clone(), LeafValue::Share(*probability));
        self.of("shock-cpm", of.clone(), LeafValue::Times(*cpm));
        self.of("shock-actions", of, LeafValue::Times(*actions));
    }
}

/// Which one of its like each thing is, from 1.
fn ordinals<T: Ord>(things: impl Iterator<Item = T>) -> Vec<usize> {
    let mut seen: BTreeMap<T, usize> = BTreeMap::new();
    let mut next = |thing| {
        let n = seen.entry(thing).or_default();
        *n += 1;
        *n
    };
    things.map(&mut next).collect()
}

fn path(path: &Path) -> LeafValue {
    LeafValue::Text(super::settings::as_sent(path))
}

fn language(code: &str) -> LeafValue {
    match code {
        "fr" => LeafValue::Choice("lang-fr"),
        "en" => LeafValue::Choice("lang-en"),
        other => LeafValue::Text(other.to_owned()),
    }
}

fn amount(amount: Amount) -> LeafValue {
    match amount {
        Amount::Money(money) => LeafValue::Money(money),
        Amount::Share(share) => LeafValue::Share(share),
    }
}

fn pacing_value(pacing: &Pacing) -> LeafValue {
    match pacing {
        Pacing::Even => LeafValue::Choice("pacing-even"),
        Pacing::FrontLoaded => LeafValue::Choice("pacing-front-loaded"),
        Pacing::Season => LeafValue::Choice("pacing-season"),
        Pacing::Weights(weights) => LeafValue::Weights(weights.clone()),
    }
}

fn objective_code(objective: Objective) -> &'static str {
    match objective {
        Objective::Engagement => "objective-engagement",
        Objective::Incremental => "objective-incremental",
        Objective::Clicks => "objective-clicks",
        Objective::Reach => "objective-reach",
        Objective::Follows => "objective-follows",
    }
}

fn spend_code(rule: SpendRule) -> &'static str {
    match rule {
        SpendRule::All => "spend-all",
        SpendRule::UpTo => "spend-up-to",
    }
}

fn rounding_code(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::Minor => "rounding-minor",
        Rounding::Unit => "rounding-unit",
        Rounding::Five => "rounding-five",
    }
}

fn levers_code(levers: Levers) -> &'static str {
    match levers {
        Levers::Bought => "levers-bought",
        Levers::Any => "levers-any",
    }
}
