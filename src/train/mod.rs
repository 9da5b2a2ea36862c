//! Panel + specification → a model that draws jointly from its posterior.

pub mod card;
pub mod draws;
