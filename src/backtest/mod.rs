//! History + specification → how well the model would have predicted.

pub mod scores;
