//! The rows in force as questions take them: which a question is about ([`asked`]), what each stands
//! for ([`facts`]), small counts that are hidden ([`hidden`]), money given back ([`refund`]), and all
//! of it put together ([`whole`]).

pub(crate) mod asked;
pub(crate) mod facts;
pub(crate) mod hidden;
mod refund;
pub(crate) mod whole;
