//! Where the plan stands beside the last split: the facts behind every sentence that compares them.

use super::report_data::ReportData;
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::allocate::rules::policy::PolicyName;
use crate::campaign::Rounding;
use crate::simulate::outcomes::PolicyOutcome;

/// A gain that the figure shown (a tenth of a per cent) cannot tell from none.
pub(super) const NO_GAIN: f64 = 0.000_5;

/// The plan's odds against the last split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BesideLast {
    /// Probability that the plan brings more.
    pub(super) chance: f64,
    /// Mean value of the plan ÷ mean value of the last split, less 1.
    pub(super) gain: f64,
    /// Money of the last split as it is compared.
    pub(super) money: f64,
    /// Share of the money moved that lies on curves which the history did not teach.
    pub(super) unlearnt: f64,
    /// Whether the last split keeps to the plan's rules, where that is known.
    pub(super) allowed: Option<bool>,
    /// Whether it keeps to them and goes beyond what bounds the plan by default.
    pub(super) beyond_default: bool,
}

/// What the odds amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The same split.
    Same,
    /// More on average, and very likely.
    Better,
    /// More on average, and more likely than not.
    Likely,
    /// Odds and mean do not say the same, or the mean does not differ.
    Unclear,
    /// Neither more on average nor likely to be.
    Worse,
}

impl BesideLast {
    /// From the simulation, else from the plan's own draws; `None` without a last split that is
    /// worth something.
    pub(super) fn of(report_data: &ReportData) -> Option<Self> {
        let plan = &report_data.plan;
        let own = plan.baselines.iter().find(|baseline| baseline.name == PolicyName::Last);
        let (chance, value, last, unlearnt) =
            if let Some((plan, last, unlearnt)) = simulated(report_data) {
                (plan.p_beats_last, plan.value.mean, last.value.mean, unlearnt)
            } else {
                let last = own?;
                (last.p_plan_better, plan.value.mean, last.value.mean, 0.0)
            };
        let money = match own {
            Some(own) => own.budgets.iter().sum(),
            None => plan.rows.iter().filter_map(|row| row.last).sum(),
        };
        let allowed = own.map(|own| own.allowed);
        let beyond_default = own.is_some_and(|own| own.beyond_default);
        let gain = value / last - 1.0;
        (last > 0.0).then_some(Self { chance, gain, money, unlearnt, allowed, beyond_default })
    }

    /// What that amounts to.
    pub(super) fn standing(&self, plan: &Plan) -> Standing {
        let same = Shift::of(plan).is_some_and(|shift| shift.is_none());
        match self.chance {
            _ if same => Standing::Same,
            p if p >= 0.8 && self.gain >= NO_GAIN => Standing::Better,
            p if p >= 0.5 && self.gain >= NO_GAIN => Standing::Likely,
            p if p < 0.5 && self.gain <= -NO_GAIN => Standing::Worse,
            _ => Standing::Unclear,
        }
    }
}

/// The simulated plan, the simulated last split, and the share of moved money that was not learnt.
fn simulated(report_data: &ReportData) -> Option<(&PolicyOutcome, &PolicyOutcome, f64)> {
    let outcomes = report_data.outcomes.as_ref()?;
    let named = |name: PolicyName| outcomes.policies.iter().find(|policy| policy.name == name);
    Some((named(PolicyName::Plan)?, named(PolicyName::Last)?, outcomes.unlearnt))
}

/// Money that the plan moves against the last split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift<'a> {
    /// The sum of all rises.
    pub(super) money: f64,
    /// The largest rise, where anything rises.
    pub(super) rise: Option<&'a Row>,
    /// The largest cut, where anything is cut.
    pub(super) cut: Option<&'a Row>,
}

impl<'a> Shift<'a> {
    /// What moves; `None` where no last split is known.
    pub(super) fn of(plan: &'a Plan) -> Option<Self> {
        plan.rows.iter().find(|row| row.last.is_some())?;
        // The last split is a share of the budget, the plan whole rounding steps: less than one is
        // no change.
        let step = plan.campaign.as_ref().map_or(0.01, |campaign| match campaign.rounding {
            Rounding::Minor => 0.01,
            Rounding::Unit => 1.0,
            Rounding::Five => 5.0,
        });
        let moved = |row: &&Row| change(row).abs() > 1.01 * step;
        let all = || plan.rows.iter().filter(moved);
        let by_change = |a: &&Row, b: &&Row| change(a).total_cmp(&change(b));
        Some(Self {
            money: all().map(|row| change(row).max(0.0)).sum(),
            rise: all().max_by(by_change).filter(|row| change(row) > 0.0),
            cut: all().min_by(by_change).filter(|row| change(row) < 0.0),
        })
    }

    /// Whether nothing moves.
    pub(super) fn is_none(&self) -> bool {
        self.rise.is_none() && self.cut.is_none()
    }
}

/// A row's money less that of the last split, which gave nothing to audiences that it did not know.
pub(super) fn change(row: &Row) -> f64 {
    row.budget - row.last.unwrap_or(0.0)
}
