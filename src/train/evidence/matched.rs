//! A test beside a model: who it was about, when, and how old it is.

use super::answer::{Evidence, Refusal};
use super::table::{EffectUnit, OutsideTest, TestKind};
use crate::action::Action;
use crate::language::nearest;
use crate::panel::Period;
use crate::segment::spelling::folded;
use crate::train::posterior::file::ModelFile;
use crate::units::Week;

/// Audiences that speak for a test at most: of more, those with most money, whose money then stands
/// for that of all.
const MOST_AUDIENCES: usize = 24;

/// A test that a model can be asked about.
pub(super) struct Matched {
    pub audiences: Vec<Audience>,
    /// How many audiences it is about.
    pub all: usize,
    /// Its weeks, each with its share of the days.
    pub weeks: Vec<(Week, f64)>,
    /// Length in weeks.
    pub length: f64,
    pub unit: EffectUnit,
    /// Whether its effect is what the platform reports, and not what would not have come anyway.
    pub reported: bool,
    pub effect: f64,
    /// Standard error at its age.
    pub se: f64,
    /// Weeks from its last day to the history's.
    pub age: f64,
}

/// An audience of a test.
pub(super) struct Audience {
    pub segment: usize,
    /// Money per week in the test and in the control.
    pub spend: [f64; 2],
    /// How many audiences' actions it stands for, and the share of them that the test counts.
    pub counts: f64,
}

impl Matched {
    pub(super) fn new(test: &OutsideTest, file: &ModelFile) -> Result<Self, Refusal> {
        if let (Some(found), Some(expected)) = (test.currency, file.currency)
            && found != expected
        {
            return Err(Refusal::Currency { found, expected });
        }
        let span = file.span.ok_or(Refusal::Undated)?;
        let period = Period { start: test.start, end: test.end };
        is_within(period, span)?;
        let segments = segments(test, file)?;
        let length = period.weeks();
        let age = f64::from(crate::units::days_between(test.end, span.end).saturating_sub(1)) / 7.0;
        let half_life = file.specification.tests_half_life;
        Ok(Self {
            audiences: audiences(test, file, &segments, length)?,
            all: segments.len(),
            weeks: weeks(period),
            length,
            unit: test.unit,
            reported: test.kind == TestKind::Ab,
            effect: test.effect,
            // Its variance doubles every half-life.
            se: test.se * (0.5 * age / half_life).exp2(),
            age,
        })
    }
}

/// Refuses a window that the history does not cover, up to a week at either end.
fn is_within(period: Period, span: Period) -> Result<(), Refusal> {
    let week = jiff::Span::new().days(7);
    let (first, last) = (span.start.saturating_sub(week), span.end.saturating_add(week));
    if (first..=last).contains(&period.start) && (first..=last).contains(&period.end) {
        return Ok(());
    }
    Err(Refusal::Window { first: span.start.to_string(), last: span.end.to_string() })
}

fn weeks(period: Period) -> Vec<(Week, f64)> {
    let days = f64::from(period.days());
    let share = |week: &Week| f64::from(week.days_within(period.start, period.end)) / days;
    Week::covering(period.start, period.end).into_iter().map(|week| (week, share(&week))).collect()
}

/// Positions of the audiences that a test is about.
fn segments(test: &OutsideTest, file: &ModelFile) -> Result<Vec<usize>, Refusal> {
    let mut left: Vec<usize> = (0..file.segments.len()).collect();
    for (attribute, found) in &test.attributes {
        let value = |i: &usize| file.segments[*i].attributes.get(attribute);
        let same = |i: &usize| value(i).is_some_and(|own| folded(own) == folded(found));
        let kept: Vec<usize> = left.iter().copied().filter(same).collect();
        if kept.is_empty() {
            let of = |i: &usize| value(i).map(String::as_str);
            let known: Vec<&str> = left.iter().filter_map(of).collect();
            let nearest = nearest(found, known.iter().copied()).or_else(|| known.first().copied());
            return Err(Refusal::Audience {
                attribute: attribute.clone(),
                found: found.clone(),
                nearest: nearest.unwrap_or_default().to_owned(),
            });
        }
        left = kept;
    }
    Ok(left)
}

/// How many believed tests of two amounts an audience's curve was told by.
pub(in crate::train) fn tested(segment: usize, file: &ModelFile) -> usize {
    let tells = |own: &&Evidence| own.is_used() && own.test.kind == TestKind::Ab;
    let about = |own: &&Evidence| segments(&own.test, file).is_ok_and(|of| of.contains(&segment));
    file.card.tests.iter().filter(tells).filter(about).count()
}

/// The audiences with their money: a test's money lay as the history's did.
fn audiences(
    test: &OutsideTest,
    file: &ModelFile,
    segments: &[usize],
    length: f64,
) -> Result<Vec<Audience>, Refusal> {
    let usual = |i: usize| file.posterior.segments[i].reference;
    let is_bought = |i: &usize| file.past[*i].total > 0.0 && usual(*i) > 0.0;
    let mut own: Vec<usize> = segments.iter().copied().filter(is_bought).collect();
    let total: f64 = own.iter().map(|i| usual(*i)).sum();
    own.sort_by(|a, b| usual(*b).total_cmp(&usual(*a)).then(a.cmp(b)));
    own.truncate(MOST_AUDIENCES);
    own.sort_unstable();
    let told: f64 = own.iter().map(|i| usual(*i)).sum();
    if own.is_empty() {
        return Err(Refusal::Money);
    }
    let all: Vec<Audience> = own
        .into_iter()
        .map(|segment| {
            let per_week = usual(segment) / total / length;
            let spend = [test.spend_test, test.spend_control].map(|money| money * per_week);
            let counted = test.action.map_or(1.0, |action| share_of(action, segment, file));
            Audience { segment, spend, counts: counted * total / told }
        })
        .collect();
    if all.iter().all(|own| own.counts == 0.0) {
        let action = test.action.map_or_else(String::new, |action| action.to_string());
        return Err(Refusal::Action { action });
    }
    Ok(all)
}

/// Share of a kind in a segment's active actions.
fn share_of(action: Action, segment: usize, file: &ModelFile) -> f64 {
    let mix = &file.past[segment].mix;
    let total: f64 = mix.iter().map(|(_, weight)| weight).sum();
    let own: f64 = mix.iter().filter(|(kind, _)| *kind == action).map(|(_, weight)| weight).sum();
    if total > 0.0 { own / total } else { 0.0 }
}
