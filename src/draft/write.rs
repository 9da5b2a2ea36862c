//! The campaign file of a draft: each choice with its reason, what else is possible as comments.

use std::fmt::Write as _;

use super::{Bought, Draft, FLIGHT_WEEKS};
use crate::action::Action;
use crate::language::Language;
use crate::language::{is_unseen, shortened};
use crate::segment::Attribute;
use crate::units::Currency;

/// Audiences named in a comment.
const NAMED: usize = 4;
/// Weekly limits shown.
const SHOWN: usize = 3;
/// Kinds that say that a message was passed on or kept, where exports have them.
const RELAYED: [Action; 3] = [Action::Shares, Action::Comments, Action::Saves];

impl Draft {
    /// The campaign file, comments in this language.
    #[must_use]
    pub fn write(&self, language: Language) -> String {
        let say = |key: &str, values: &[(&str, &str)]| language.say(key, values);
        let date = |day| language.date(day);
        let currency = self.currency.unwrap_or(Currency::EUR);
        let money = |amount: f64| language.money_with(amount, Some(currency), 0);
        let mut text = String::new();
        let history = self.history.display().to_string();
        let lines = language.number(self.lines as f64, 0);
        let (first, last) = (date(self.span.start), date(self.span.end));
        let head =
            [("file", &*plain(&history)), ("lines", &lines), ("start", &first), ("end", &last)];
        comment(&mut text, &say("draft-head", &head));
        comment(&mut text, &say("draft-how", &[]));
        text.push('\n');
        let start = date(self.flight.start);
        let title = say("draft-title", &[("start", &start)]);
        line(&mut text, "title", &quoted(&title));
        comment(&mut text, &format!("goal = {}", quoted(&say("draft-goal", &[]))));
        let weekly = money(self.weekly);
        let days = language.number(f64::from(self.weekly_days), 0);
        let weeks = language.number(f64::from(FLIGHT_WEEKS), 0);
        let told = [("weekly", &*weekly), ("days", &*days), ("weeks", &*weeks)];
        comment(&mut text, &say("draft-budget", &told));
        if self.currency.is_none() {
            comment(&mut text, &say("draft-no-currency", &[("currency", currency.code())]));
        }
        line(&mut text, "budget", &quoted(&format!("{} {}", self.budget, currency.code())));
        comment(&mut text, &format!("spend = \"up_to\"   # {}", say("draft-up-to", &[])));
        let key = if self.from_today { "draft-flight-today" } else { "draft-flight-last" };
        comment(&mut text, &say(key, &[("last", &last), ("weeks", &weeks)]));
        let (start, end) = (self.flight.start, self.flight.end);
        line(&mut text, "flight", &format!("{{ start = {start}, end = {end} }}"));
        self.engagement(&mut text, language);
        text.push_str("\n[history]\n");
        line(&mut text, "file", &quoted(&history));
        self.history_choices(&mut text, language);
        text.push_str("\n[segments]\n");
        self.audiences(&mut text, language);
        text.push_str("\n[limits]\n");
        self.limits(&mut text, language, &money);
        text.push_str("\n[output]\n");
        line(&mut text, "folder", "\"out/plan\"");
        line(&mut text, "lang", &quoted(language.code()));
        text
    }

    fn engagement(&self, text: &mut String, language: Language) {
        let kinds: Vec<String> =
            self.actions.iter().map(|kind| language.text(&action_key(*kind))).collect();
        let reported = kinds.join(", ");
        let key = if RELAYED.iter().any(|kind| self.actions.contains(kind)) {
            "draft-engagement"
        } else {
            "draft-engagement-clicks"
        };
        comment(text, &language.say(key, &[("kinds", &reported)]));
        line(text, "engagement", "\"relay\"");
    }

    fn history_choices(&self, text: &mut String, language: Language) {
        if let (Some(currency), false) = (self.currency, self.other_currencies.is_empty()) {
            let others: Vec<&str> = self.other_currencies.iter().map(Currency::code).collect();
            let others = others.join(", ");
            comment(text, &language.say("draft-currencies", &[("others", &others)]));
            line(text, "currency", &quoted(currency.code()));
        }
        if let Some((window, others)) = &self.window {
            let others: Vec<String> = others.iter().map(|own| plain(own)).collect();
            comment(text, &language.say("draft-windows", &[("others", &others.join("; "))]));
            line(text, "attribution", &quoted(window));
        }
    }

    fn audiences(&self, text: &mut String, language: Language) {
        let n = language.number(self.way.audiences.len() as f64, 0);
        let share = language.percent(self.way.share, 0);
        let names: Vec<String> =
            self.way.audiences.iter().take(NAMED).map(|own| plain(&own.name)).collect();
        let mut names = names.join(", ");
        if self.way.audiences.len() > NAMED {
            names += ", …";
        }
        let told = [("n", &*n), ("share", &*share), ("names", &*names)];
        comment(text, &language.say("draft-audiences", &told));
        line(text, "split_by", &columns(&self.way.split_by));
        for way in &self.others {
            let n = language.number(way.audiences.len() as f64, 0);
            let told = language.say("draft-other-way", &[("n", &n)]);
            comment(text, &format!("split_by = {}   # {told}", columns(&way.split_by)));
        }
        if let Some(first) = self.way.audiences.first() {
            let told = language.text("draft-where");
            comment(text, &format!("where = {}   # {told}", conditions(first)));
        }
    }

    fn limits(&self, text: &mut String, language: Language, money: &dyn Fn(f64) -> String) {
        let rule = "per_segment = { min_if_funded = \"platform\" }";
        match self.minimum {
            // Two audiences at least can be funded.
            Some(least) if 2.0 * least <= self.budget => {
                comment(text, &language.say("draft-minimum", &[("least", &money(least.ceil()))]));
                writeln!(text, "{rule}").expect("a text takes what is written");
            }
            Some(least) => {
                let told = language.say("draft-too-small", &[("least", &money(least.ceil()))]);
                comment(text, &format!("{rule}   # {told}"));
            }
            None => comment(text, &format!("{rule}   # {}", language.text("draft-no-minimum"))),
        }
        comment(text, &language.text("draft-trust"));
        comment(text, &format!("trust_region = false     # {}", language.text("draft-trust-off")));
        comment(text, &format!("change_at_most = 0.2     # {}", language.text("draft-change")));
        let weeks = f64::from(FLIGHT_WEEKS);
        for own in self.way.audiences.iter().take(SHOWN).filter(|own| own.highest > 0.0) {
            let most = (1.5 * own.highest * weeks).round();
            let told = language.say("draft-ceiling", &[("highest", &money(own.highest))]);
            comment(text, "[[limits.segment]]");
            comment(text, &format!("where = {}", conditions(own)));
            comment(text, &format!("max = {most}   # {told}"));
        }
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    writeln!(text, "{key} = {value}").expect("a text takes what is written");
}

/// A comment; names of others hold no line's end, so nothing gets out of it.
fn comment(text: &mut String, told: &str) {
    writeln!(text, "# {told}").expect("a text takes what is written");
}

/// A text in TOML's quotes: those of JSON, but for one control character.
fn quoted(text: &str) -> String {
    let quoted = serde_json::Value::String(text.to_owned()).to_string();
    quoted.replace('\u{7f}', "\\u007f")
}

/// Another's text as a comment may hold it.
fn plain(text: &str) -> String {
    shortened(text).chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect()
}

fn action_key(kind: Action) -> String {
    format!("ingest-action-{}", kind.column().replace('_', "-"))
}

fn columns(attributes: &[Attribute]) -> String {
    let names: Vec<String> = attributes.iter().map(|own| quoted(own.column())).collect();
    format!("[{}]", names.join(", "))
}

fn conditions(own: &Bought) -> String {
    let one = |(attribute, value): &(Attribute, String)| {
        format!("{} = {}", attribute.column(), quoted(value))
    };
    let all: Vec<String> = own.conditions.iter().map(one).collect();
    format!("{{ {} }}", all.join(", "))
}
