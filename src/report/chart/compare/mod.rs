//! Charts of several runs side by side.

pub(super) mod promise;
pub(super) mod split;
