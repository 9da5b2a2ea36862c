//! What single cells say: numbers, days, kinds of action, and what is nobody's business.

pub(crate) mod actions;
pub(crate) mod dates;
pub(crate) mod key;
pub(crate) mod number;
pub(crate) mod personal;
pub(crate) mod values;
