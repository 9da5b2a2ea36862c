//! The panel as the likelihood sees it: prepared, specified, laid out; and what its money can be believed to say.

pub(super) mod calendar;
pub(crate) mod design;
pub(crate) mod followed;
pub(crate) mod prepare;
pub mod specification;
pub(crate) mod tried;
