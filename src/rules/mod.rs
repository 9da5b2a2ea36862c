//! The dated rule tables, and what they find in a campaign.

pub mod finding;
