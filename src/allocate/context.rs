//! A plan in the making: what every step of its assembly looks at.

use std::collections::BTreeSet;

use super::emissions::Emissions;
use super::evidence::Evidence;
use super::lattice::Lattice;
use super::resolved::{Candidate, Resolved};
use super::solve::Solution;
use crate::campaign::Campaign;
use crate::language::Language;
use crate::rules::Tables;
use crate::train::draws::Draws;

/// Puts a plan together from its parts.
pub(super) struct Maker<'a> {
    pub(super) campaign: &'a Campaign,
    pub(super) candidates: &'a [Candidate<'a>],
    pub(super) resolved: &'a Resolved,
    pub(super) solution: &'a Solution,
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) reference: Option<&'a [f64]>,
    pub(super) language: Language,
    pub(super) tables: &'a Tables,
    pub(super) draws: Option<&'a Draws>,
    /// Nodes of the segments' curves, by draw where there was room.
    pub(super) lattice: Option<&'a Lattice>,
    /// The account of emissions, where impressions may be known.
    pub(super) emissions: Option<&'a Emissions<'a>>,
    /// Segments whose network may refuse the subject.
    pub(super) refused: &'a BTreeSet<String>,
}
