//! Tests that cost no budget: schedules drawn by lot, and what was learnt from them.
//!
//! | step | file |
//! |---|---|
//! | what was planned, what is wished, and why there may be no test | `flight` |
//! | who can exchange how much with whom | `exchange` |
//! | the rule that keeps every total, from which a schedule is drawn by lot | `schedule` |
//! | what such a test can see, beforehand | `power` |
//! | what it costs, and what one would divide better knowing its result | `worth` |
//! | the test that is worth most | `proposal` |
//! | what is written down before a euro is spent | `protocol`, `table` |
//! | what happened, from the history's panel, and whether the schedule was followed | `outcome`, `followed` |
//! | a test that somebody else designed | `elsewhere` |
//! | the schedule beside those that might have been drawn instead, and the verdict | `randomise`, `reading` |

mod elsewhere;
mod exchange;
mod flight;
mod followed;
mod outcome;
mod power;
mod proposal;
mod protocol;
mod randomise;
mod reading;
mod schedule;
mod table;
mod worth;

pub use elsewhere::{Elsewhere, ElsewhereError};
pub use exchange::Tier;
pub use flight::{Flight, Impossible, Need, Wish};
pub use followed::{Followed, check_test, designed_weeks, under_way};
pub use power::{Noise, Power};
pub use proposal::{Asked, NoProposal, Proposal, Worth, next_test, propose};
pub use protocol::{OtherPlan, Protocol, ProtocolError, Tested, read_protocol};
pub use randomise::{Comparison, Residuals};
pub use reading::{
    Cell as StrayCell, Experiment, Outcome, Reading, Rule, Statistic, Unreadable, Verdict,
};
pub use schedule::{AtPlan, Design, Reason, Schedule};
pub use table::{ScheduleError, ScheduledWeek, read_schedule, schedule_csv};

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
