//! Digests of what a plan says, so that an edited plan shows.
//!
//! They guard against accidents, not against forgers: whoever edits a plan can digest it again. The
//! rows are digested by their own figures, in any form of the file and by any version; the other
//! parts, and all else that rows say, as this version writes them, so that another version's are not
//! compared.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::allocate::plan::row::{Range, Row};
use crate::allocate::plan::rows::ROWS_IN_FULL;
use crate::allocate::plan::{Digest, Mark, Plan, SEALED};
use crate::files::hex;
use crate::rules::finding::Finding;

/// The version that writes, and compares, all parts.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Parts of a plan that have a digest of their own, by the end of their message keys.
pub(super) const PARTS: [&str; 5] = ["rows", "totals", "proof", "rules", "rest"];

/// Gives a plan the digests of what it says.
pub fn seal(plan: &mut Plan) {
    plan.digest = Some(digest(plan));
}

/// What is written beside a plan with a digest of what it says.
pub trait Marked {
    /// Where its digest is kept.
    fn mark(&mut self) -> &mut Option<Mark>;

    /// The digest that it came with.
    fn marked(&self) -> Option<&Mark>;

    /// What the digest is of.
    fn said(&self) -> impl Serialize;

    /// Gives it the digest of what it says.
    fn seal(&mut self) {
        let told = of(&self.said());
        *self.mark() = Some(Mark { by: VERSION.to_owned(), told });
    }

    /// Whether nobody has changed it since it was written, which another version's digest does not
    /// tell; `None` where it has none.
    fn stands(&self) -> Option<bool> {
        self.marked().map(|mark| mark.by != VERSION || mark.told == of(&self.said()))
    }
}

/// The parts whose digest is not what the plan says it is; none for a plan without digests, which
/// its readers refuse.
pub(super) fn broken(plan: &Plan) -> Vec<&'static str> {
    let Some(told) = &plan.digest else { return Vec::new() };
    if told.whole != (plan.version >= SEALED).then(|| whole(plan.version, told)) {
        return vec!["digest"];
    }
    let own = digest(plan);
    let is_known = told.by == own.by;
    let parts = |digest: &Digest| {
        let Digest { by: _, rows, totals, proof, rules, rest, said, whole: _ } = digest;
        let rows = format!("{rows}{}", said.as_deref().filter(|_| is_known).unwrap_or_default());
        [rows, totals.clone(), proof.clone(), rules.clone(), rest.clone()]
    };
    let known = if is_known { PARTS.len() } else { 1 };
    let pairs = PARTS.into_iter().zip(parts(told).into_iter().zip(parts(&own)));
    pairs.take(known).filter(|(_, (told, own))| told != own).map(|(part, _)| part).collect()
}

/// The digest of a plan's digests and its version.
fn whole(version: u32, digest: &Digest) -> String {
    let Digest { by, rows, totals, proof, rules, rest, said, whole: _ } = digest;
    of(&(version, by, rows, totals, proof, rules, rest, said))
}

fn digest(plan: &Plan) -> Digest {
    let mut digest = parts(plan);
    digest.whole = (plan.version >= SEALED).then(|| whole(plan.version, &digest));
    digest
}

fn parts(plan: &Plan) -> Digest {
    let is_sealed = plan.version >= SEALED;
    let rest = (
        (
            plan.findings.iter().map(finding).collect::<Vec<_>>(),
            &plan.baselines,
            &plan.budget_curve,
            &plan.sensitivity,
        ),
        (&plan.carbon_frontier, &plan.next, &plan.fallback),
    );
    let sources: Vec<_> =
        plan.findings.iter().map(|own| (&own.source, own.to_be_checked)).collect();
    // A text is of one language; it is read where nothing else says why money is left.
    let left = (&plan.left_told, plan.left_because.as_ref().filter(|_| plan.left_told.is_none()));
    Digest {
        by: VERSION.to_owned(),
        rows: rows(plan),
        totals: of(&(
            (plan.currency, plan.budget, plan.spent, plan.promise),
            (plan.actions, plan.value, plan.expected, plan.without_shocks),
            (&plan.by_draw, plan.carbon_g, plan.carryover_range),
        )),
        proof: of(&(&plan.certificate, &plan.prices, plan.chosen_over_promised)),
        rules: of(&(&plan.campaign, &plan.resumed, &plan.tables, &plan.fingerprint, plan.seed)),
        rest: if is_sealed { of(&(rest, sources, left)) } else { of(&rest) },
        said: is_sealed.then(|| said(plan)),
        whole: None,
    }
}

/// What a finding says, apart from the language it was said in.
fn finding(own: &Finding) -> impl Serialize + use<'_> {
    let Finding { severity, code, segments, overridden, told, .. } = own;
    (severity, code, segments, overridden, told)
}

/// Digest of rows: who gets what, week by week, and what it promises.
fn rows(plan: &Plan) -> String {
    let mut sum = Sha256::new();
    for row in plan.rows.in_turn() {
        text(&mut sum, &row.segment);
        for (name, value) in &row.attributes {
            text(&mut sum, name);
            text(&mut sum, value);
        }
        numbers(&mut sum, &[row.budget, row.fixed_cost]);
        for week in &row.weeks {
            text(&mut sum, &week.week.to_string());
            numbers(&mut sum, &[week.budget]);
        }
        for Range { mean, p10, p50, p90, mostly: _ } in [row.value, row.actions] {
            numbers(&mut sum, &[mean, p10, p50, p90]);
        }
    }
    short(sum)
}

/// Digest of rows as the file has them, apart from the language that they speak.
fn said(plan: &Plan) -> String {
    if plan.rows.len() > ROWS_IN_FULL {
        // Columns have no texts.
        return of(&plan.rows);
    }
    let apart = |row: Cow<'_, Row>| {
        let mut row = row.into_owned();
        if row.reason_told.is_some() {
            row.reason.clear();
        }
        row
    };
    of(&plan.rows.in_turn().map(apart).collect::<Vec<Row>>())
}

/// Digest of a part as it is written.
fn of(part: &impl Serialize) -> String {
    let mut sum = Heard(Sha256::new());
    // What a plan holds can be written: it has been, or will be.
    let _ = serde_json::to_writer(&mut sum, part);
    short(sum.0)
}

/// Hears what would be written.
struct Heard(Sha256);

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A text and where it ends.
fn text(sum: &mut Sha256, text: &str) {
    sum.update((text.len() as u64).to_le_bytes());
    sum.update(text);
}

fn numbers(sum: &mut Sha256, numbers: &[f64]) {
    for number in numbers {
        sum.update(number.to_le_bytes());
    }
}

/// Half of the digest is more than accidents need.
fn short(sum: Sha256) -> String {
    hex(&sum.finalize()[..16])
}
