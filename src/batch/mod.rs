//! Many campaigns at once: schedule, progress, one failure never stops the others, resume.

pub mod alone;
pub mod earlier;
pub mod folder;
pub mod job;
pub mod keep;
mod manifest;
pub mod order;
pub mod schedule;
pub mod shard;
pub mod shared;
pub mod summary;
