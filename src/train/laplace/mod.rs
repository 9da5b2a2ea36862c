//! Modes and curvatures: segments and shared effects given the hyper-parameters (`inner`), the hyper-parameters themselves (`outer`).

pub(super) mod fit;
pub(crate) mod inner;
pub(crate) mod newton;
pub(crate) mod outer;
pub(crate) mod reparametrisation;
pub(crate) mod schur;
pub(crate) mod skew_normal;
pub(crate) mod subsample_start;
pub(crate) mod tails;
