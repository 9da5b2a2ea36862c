//! What a simulation is made from, and how far it goes.

use crate::allocate::plan::Plan;
use crate::allocate::rules::policy::PolicyName;
use crate::campaign::Campaign;
use crate::rules::Tables;
use crate::train::fitted::card::TENTH;
use crate::train::posterior::draws::Draws;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Joint posterior draws over the flight's weeks, segments in the order of the plan's rows;
    /// replicate `r` uses draw `r mod draws`.
    pub draws: &'a Draws,
    /// The plan; its rows hold the last split.
    pub plan: &'a Plan,
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Reference tables: territories, platform minimums, carbon.
    pub tables: &'a Tables,
}

/// A test's schedule, to be played and learnt from.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSchedule {
    /// Media money by cell (`weeks × segments`, weeks first), in the campaign's currency.
    pub cells: Vec<f64>,
    /// The flight's first so many weeks are the test's.
    pub weeks: usize,
}

/// How it is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// So many replicates; `None`: as many as the error target asks for.
    pub replicates: Option<u64>,
    /// Monte Carlo standard error of the plan's mean value, as a share of it. Default 0.005.
    pub error_target: f64,
    /// Never more replicates than this. Default 50 000.
    pub most: u64,
    /// Policies beside the plan, the last split and the oracle; `None`: all.
    pub policies: Option<Vec<PolicyName>>,
    /// The schedule of a test: one more policy keeps to it in the test's weeks, and divides what is
    /// left by what they taught.
    pub test: Option<TestSchedule>,
    /// Mean share of a week's money that platforms leave unspent, in [0, 1). Default 0.
    pub unspent: f64,
    /// Share of futures on either side of an interval. Default a tenth.
    pub tail: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            replicates: None,
            error_target: 0.005,
            most: 50_000,
            policies: None,
            test: None,
            unspent: 0.0,
            tail: TENTH,
        }
    }
}
