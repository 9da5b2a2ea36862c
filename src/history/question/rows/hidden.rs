//! Small counts that an export hides without a word, and the windows that actions were counted in.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Fact, Facts, Label};
use crate::action::Action;
use crate::history::error::HistoryError;
use crate::history::row::Level;
use crate::history::store::open::History;
use crate::history::store::seal;
use crate::panel::PanelNote;
use crate::panel::hidden::Column;
use crate::segment::Attribute;

/// Rows that a platform reports alike: its account, level and breakdowns.
type Grain = (u32, Level, u16);

/// Columns of one file's rows of one grain.
type Columns = [Column; Action::COUNT];

/// Counts of all files of a grain, as far as they tell whether small ones are hidden.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    grains: BTreeMap<Grain, BTreeMap<i64, usize>>,
    columns: Vec<Columns>,
    /// Where the row before was counted: the next is mostly of the same grain and file.
    last: Option<(Grain, i64, usize)>,
}

impl Counted {
    /// Takes in a row.
    pub(crate) fn see(&mut self, label: &Label, fact: &Fact) {
        if !is_delivered(fact) {
            return;
        }
        let (grain, file) = (grain(label), fact.file);
        let at = match self.last {
            Some((last, of, at)) if last == grain && of == file => at,
            _ => {
                let next = self.columns.len();
                *self.grains.entry(grain).or_default().entry(file).or_insert(next)
            }
        };
        if at == self.columns.len() {
            self.columns.push(Columns::default());
        }
        self.last = Some((grain, file, at));
        let columns = &mut self.columns[at];
        for kind in Action::ALL {
            let column = &mut columns[kind.index()];
            if fact.measures.hides(kind) {
                column.open();
            } else {
                column.see(fact.measures.actions.get(kind));
            }
        }
    }

    /// What is hidden. Asked of all files of a grain together, unless some of them show small
    /// counts: then of each by itself.
    pub(crate) fn hidden(&self) -> Hidden {
        let mut hidden = Hidden::default();
        for (grain, files) in &self.grains {
            for kind in Action::ALL {
                for (file, below) in limits_of(files, &self.columns, kind) {
                    hidden.limits.entry((*grain, file)).or_default()[kind.index()] = below;
                }
            }
        }
        hidden
    }
}

/// Limits below which counts are hidden, by file and kind, and how many were met.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    limits: BTreeMap<(Grain, i64), [u32; Action::COUNT]>,
    /// Rows by account, kind and limit.
    met: BTreeMap<(u32, Action, u32), u64>,
}

impl Hidden {
    /// Takes the zeros of a row's hidden counts as what they are.
    pub(crate) fn apply(&mut self, label: &Label, fact: &mut Fact) {
        if self.limits.is_empty() || !is_delivered(fact) {
            return;
        }
        let grain = grain(label);
        let Some(limits) = self.limits.get(&(grain, fact.file)) else { return };
        for kind in Action::ALL {
            let below = limits[kind.index()];
            if below > 0 && fact.measures.actions.get(kind).is_none_or(|count| count == 0.0) {
                fact.measures.hide(kind, f64::from(below));
                *self.met.entry((grain.0, kind, below)).or_default() += 1;
            }
        }
    }

    /// Which columns.
    pub(crate) fn notes(&self, facts: &Facts) -> Vec<PanelNote> {
        let mut found: BTreeMap<(String, Action, u32), u64> = BTreeMap::new();
        for ((account, kind, below), rows) in &self.met {
            let network = facts.texts.get(*account).unwrap_or_default().to_owned();
            *found.entry((network, *kind, *below)).or_default() += rows;
        }
        let note =
            |((network, kind, below), rows)| PanelNote::HiddenCounts { network, kind, below, rows };
        found.into_iter().map(note).collect()
    }
}

/// Takes the zeros of columns that hide small counts as what they are; says which columns.
pub(crate) fn hide(facts: &mut Facts) -> Vec<PanelNote> {
    let mut counted = Counted::default();
    facts.rows.iter().for_each(|fact| counted.see(facts.label(fact), fact));
    let mut hidden = counted.hidden();
    let Facts { labels, rows, .. } = &mut *facts;
    for fact in rows {
        hidden.apply(&labels[fact.label as usize], fact);
    }
    hidden.notes(facts)
}

/// The files that hide small counts of a kind, with the limit.
fn limits_of(files: &BTreeMap<i64, usize>, columns: &[Columns], kind: Action) -> Vec<(i64, u32)> {
    let reported = || {
        files
            .iter()
            .map(|(file, at)| (*file, &columns[*at][kind.index()]))
            .filter(|(_, column)| column.is_reported())
    };
    let mut all = Column::default();
    reported().for_each(|(_, column)| all.join(column));
    if let Some(below) = all.hidden_below() {
        return reported().map(|(file, _)| (file, below)).collect();
    }
    reported().filter_map(|(file, column)| Some((file, column.hidden_below()?))).collect()
}

fn grain(label: &Label) -> Grain {
    (label.account, label.level, label.mask)
}

/// Whether a row could have actions: money or impressions.
fn is_delivered(fact: &Fact) -> bool {
    fact.measures.spend > rust_decimal::Decimal::ZERO
        || fact.measures.impressions.is_some_and(|impressions| impressions > 0.0)
}

/// The attribution windows of each network's paid rows, where there are several: actions counted
/// under one cannot be compared with those under another.
pub(crate) fn windows(facts: &Facts) -> Vec<PanelNote> {
    let mut windows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let used: BTreeSet<u32> =
        facts.rows.iter().filter(|fact| fact.paid).map(|fact| fact.label).collect();
    for label in used.into_iter().map(|place| &facts.labels[place as usize]) {
        let window = facts.texts.get(label.attributes[Attribute::Attribution.index()]);
        if let Some(window) = window {
            let network = facts.texts.get(label.account).unwrap_or_default();
            windows.entry(network).or_default().insert(window);
        }
    }
    let several = windows.into_iter().filter(|(_, windows)| windows.len() > 1);
    several
        .map(|(network, windows)| PanelNote::AttributionWindows {
            network: network.to_owned(),
            windows: windows.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

impl History {
    /// The networks whose rows in force were counted under several attribution windows.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn windows(&self) -> Result<Vec<PanelNote>, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Vec::new());
        }
        self.hold(&seal::LABELS)?;
        // Nearly always there is at most one, and the rows need not be read.
        let known: i64 = self
            .store
            .query_row("SELECT count(DISTINCT attribution) FROM label", [], |row| row.get(0))
            .map_err(told)?;
        if known < 2 { Ok(Vec::new()) } else { Ok(windows(&self.facts()?)) }
    }
}
