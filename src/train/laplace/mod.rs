//! Modes and curvatures: segments and shared effects given the hyper-parameters (`inner`), the hyper-parameters themselves (`outer`).

pub(super) mod fit;
pub(crate) mod inner;
pub(crate) mod newton;
pub(crate) mod outer;
pub(crate) mod pooled;
pub(crate) mod schur;
pub(crate) mod skewed;
pub(crate) mod stretch;
pub(crate) mod tails;
pub(crate) mod thinned;
