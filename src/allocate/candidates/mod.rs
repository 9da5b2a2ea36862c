//! Whom the money may go to: the audiences a campaign covers, the curves that are known of them, and why there may be none.

pub(crate) mod asked;
pub mod audience;
pub(crate) mod evidence;
pub mod known;
pub mod nobody;
pub mod priors;
pub mod remainder;
