//! One file per kind of rule: each reads its table and judges an inquiry by it.

pub(super) mod audience;
pub(super) mod breaks;
pub(super) mod cells;
pub(super) mod declarations;
pub(super) mod elections;
pub(super) mod learning;
pub(super) mod minimums;
pub(super) mod minors;
pub(super) mod overspend;
pub(super) mod sensitive;
pub(super) mod special;
