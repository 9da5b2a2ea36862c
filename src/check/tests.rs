use std::path::Path;

use super::{differences, seal};
use crate::allocate::plan::Plan;
use crate::allocate::{KnownPlanRequest, Settings, plan_curves, read_curves};
use crate::campaign::Campaign;
use crate::language::Language;
use crate::random::Seed;
use crate::reference::Reference;
use crate::rules::Tables;

const CURVES: &str = "segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n\
    a,exposure,900,300,1.2,,,50,20,north\n\
    b,hill,800,250,2.5,,600,100,,north\n\
    c,exponential,500,200,,,,,,south\n\
    d,power,12,0.6,,,400,,,south\n\
    e,points,0:0;100:90;300:200,,,,,,,south\n";

fn campaign(rules: &str) -> Campaign {
    let text = format!(
        "title = \"t\"\nbudget = \"1000 EUR\"\n\
         flight = {{ start = 2027-03-01, end = 2027-04-11 }}\n{rules}"
    );
    Campaign::parse(&text, Path::new("campaign.toml")).unwrap()
}

fn planned(rules: &str) -> Plan {
    let campaign = campaign(rules);
    let mut plan = plan_curves(&KnownPlanRequest {
        campaign: &campaign,
        curves: &read_curves(CURVES.as_bytes(), "curves.csv").unwrap(),
        tables: &Tables::load(&Reference::default()).unwrap(),
        language: Language::En,
        seed: Seed(1),
        fingerprint: "",
        settings: Settings::default(),
    })
    .unwrap();
    seal(&mut plan);
    plan
}

/// The keys of what differs, once the plan was written, edited and read.
fn keys(plan: &Plan, edit: impl FnOnce(&mut Plan)) -> Vec<String> {
    let text = serde_json::to_string(plan).unwrap();
    let mut read: Plan = serde_json::from_str(&text).unwrap();
    edit(&mut read);
    differences(&read).into_iter().map(|told| told.key).collect()
}

#[test]
fn a_plan_stands_as_it_was_written_and_every_edit_is_named() {
    let plan = planned("[limits]\nfunded_at_most = 4\n");
    assert_eq!(keys(&plan, |_| {}), [""; 0]);
    let one = |edit: fn(&mut Plan), expected: &[&str]| assert_eq!(keys(&plan, edit), expected);
    one(
        |plan| plan.rows[0].budget = -50.0,
        &["check-row-no-budget", "check-row-weeks", "check-row-fixed-cost", "check-total"],
    );
    one(|plan| plan.rows[0].budget = 999_999.0, &["check-row-weeks", "check-total"]);
    one(|plan| plan.rows[1].weeks[2].budget += 1.0, &["check-row-weeks"]);
    one(|plan| plan.rows[1].weeks[2].budget = -1.0, &["check-week-no-budget", "check-row-weeks"]);
    one(|plan| plan.spent += 1.0, &["check-total", "check-over-budget"]);
    one(|plan| plan.budget += 1.0, &["check-budget", "check-not-all"]);
    one(|plan| plan.value.mean *= 2.0, &["check-promise"]);
    one(|plan| plan.certificate.objective *= 1.5, &["check-bound-below"]);
    one(|plan| plan.certificate.upper_bound *= 1.5, &["check-gap"]);
    one(|plan| plan.rows[1].segment = "a".to_owned(), &["check-row-twice"]);
    // What no sum tells, the digests do.
    one(|plan| plan.rows[2].value.mean += 1.0, &["check-part-rows"]);
    one(|plan| plan.rows[2].segment = "x".to_owned(), &["check-part-rows"]);
    // What a row says beside its figures.
    one(|plan| plan.rows[0].reason_told = None, &["check-part-rows"]);
    let said = |plan: &mut Plan| {
        plan.rows[0].reason_told = None;
        plan.rows[0].reason.push_str(" indeed");
    };
    assert_eq!(keys(&plan, said), ["check-part-rows"]);
    one(|plan| plan.rows[0].marginal *= 2.0, &["check-part-rows"]);
    one(|plan| plan.rows[0].carbon_g = Some(1.0), &["check-part-rows"]);
    one(|plan| plan.prices[0].price *= 2.0, &["check-part-proof"]);
    one(|plan| plan.carbon_g = Some(1.0), &["check-part-totals"]);
    one(|plan| plan.budget_curve.clear(), &["check-part-rest"]);
    one(|plan| plan.left_because = Some("no reason".to_owned()), &["check-part-rest"]);
    one(
        |plan| plan.campaign.as_mut().unwrap().limits.funded_at_most = Some(5),
        &["check-part-rules"],
    );
    // Two rows that change places with all their money.
    let exchange = |plan: &mut Plan| {
        let [one, other] = plan.rows.get_disjoint_mut([0, 2]).unwrap();
        std::mem::swap(&mut one.segment, &mut other.segment);
    };
    assert_eq!(keys(&plan, exchange), ["check-part-rows"]);
}

#[test]
fn a_plan_of_another_version_is_held_against_its_rows_and_sums() {
    let plan = planned("");
    let older = |plan: &mut Plan| {
        plan.version = 1;
        seal(plan);
        plan.digest.as_mut().unwrap().by = "0.0.1".to_owned();
    };
    let edited = |plan: &mut Plan| {
        older(plan);
        plan.budget_curve.clear();
    };
    assert_eq!(keys(&plan, older), [""; 0]);
    assert_eq!(keys(&plan, edited), [""; 0]);
    let edited = |plan: &mut Plan| {
        older(plan);
        plan.rows[0].actions.p90 += 1.0;
    };
    assert_eq!(keys(&plan, edited), ["check-part-rows"]);
    // Without digests sums are all there is; readers refuse such a plan.
    let before = |plan: &mut Plan| plan.digest = None;
    assert_eq!(keys(&plan, before), [""; 0]);
    let edited = |plan: &mut Plan| {
        plan.digest = None;
        plan.rows[0].budget += 1.0;
    };
    assert_eq!(keys(&plan, edited), ["check-row-weeks", "check-total"]);
}

#[test]
fn digests_hold_themselves_and_the_version() {
    let plan = planned("");
    assert_eq!(plan.version, crate::allocate::plan::VERSION);
    let digest = |edit: fn(&mut crate::allocate::plan::Digest)| {
        keys(&plan, |plan| edit(plan.digest.as_mut().unwrap()))
    };
    // By another version they would not be compared: that they are is no longer to be chosen.
    assert_eq!(digest(|own| own.by = "0.0.1".to_owned()), ["check-part-digest"]);
    assert_eq!(digest(|own| own.rest = own.rules.clone()), ["check-part-digest"]);
    assert_eq!(digest(|own| own.whole = None), ["check-part-digest"]);
    assert_eq!(keys(&plan, |plan| plan.version = 1), ["check-part-digest"]);
    // A plan of version 1 had none of them all.
    let old = |plan: &mut Plan| {
        plan.version = 1;
        seal(plan);
        assert_eq!(plan.digest.as_ref().unwrap().whole, None);
    };
    assert_eq!(keys(&plan, old), [""; 0]);
}

#[test]
fn money_that_is_left_is_no_difference_where_it_may_be() {
    let plan = planned("spend = \"up_to\"\n[limits]\nper_segment = { max = 150 }\n");
    assert!(plan.spent < plan.budget);
    assert_eq!(keys(&plan, |_| {}), [""; 0]);
}
