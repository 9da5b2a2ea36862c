//! A plan in the making: what every step of its assembly looks at.

use std::collections::BTreeSet;

use crate::allocate::candidates::evidence::Evidence;
use crate::allocate::problem::draw_table::DrawTable;
use crate::allocate::rules::emissions::Emissions;
use crate::allocate::rules::resolved::{Candidate, Resolved};
use crate::allocate::solver::solve::Solution;
use crate::campaign::Campaign;
use crate::language::Language;
use crate::rules::Tables;
use crate::train::posterior::draws::Draws;

/// Puts a plan together from its parts.
pub(crate) struct PlanContext<'a> {
    pub(crate) campaign: &'a Campaign,
    pub(crate) candidates: &'a [Candidate<'a>],
    pub(crate) resolved: &'a Resolved,
    pub(crate) solution: &'a Solution,
    pub(crate) evidence: &'a Evidence<'a>,
    pub(crate) reference: Option<&'a [f64]>,
    pub(crate) language: Language,
    pub(crate) tables: &'a Tables,
    pub(crate) draws: Option<&'a Draws>,
    /// Nodes of the segments' curves, by draw where there was room.
    pub(crate) draw_table: Option<&'a DrawTable>,
    /// The account of emissions, where impressions may be known.
    pub(crate) emissions: Option<&'a Emissions<'a>>,
    /// Segments whose network may refuse the subject.
    pub(crate) refused: &'a BTreeSet<String>,
}
