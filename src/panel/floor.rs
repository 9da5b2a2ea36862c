//! What too little data cannot say, in which audiences and in all.

use std::collections::BTreeSet;

use super::{Cell, Panel, PanelNote};
use crate::units::Week;

/// Rows with money per audience below which no curve can be seen: two spends make a line.
const ROWS_FOR_A_CURVE: f64 = 3.0;
/// Rows with money in all below which nothing but levels is seen.
const LEAST_ROWS: usize = 12;

/// What one audience did in all.
#[derive(Debug, Clone, Default)]
struct Behind {
    spend: f64,
    rows: usize,
    weeks: BTreeSet<i64>,
    dated: bool,
}

impl Behind {
    fn add(&mut self, cell: &Cell) {
        if cell.spend > 0.0 {
            self.spend += cell.spend;
            self.rows += 1;
            self.dated |= cell.period.is_some();
            let weeks = cell.period.map(|period| Week::covering(period.start, period.end));
            self.weeks.extend(weeks.into_iter().flatten().map(|week| week.index()));
        }
    }
}

impl Panel {
    /// What can and what cannot be said from so little, as notes; none where there is enough.
    /// `nothing` are the audiences that say nothing of themselves, by position.
    #[must_use]
    pub fn floor(&self, nothing: &BTreeSet<usize>) -> Vec<PanelNote> {
        let behind = self.behind();
        let names = |of: &[usize]| of.iter().map(|i| self.segments[*i].id.clone()).collect();
        let solid: Vec<usize> =
            (0..behind.len()).filter(|i| behind[*i].spend > 0.0 && !nothing.contains(i)).collect();
        let mut notes = Vec::new();
        let rows: usize = solid.iter().map(|i| behind[*i].rows).sum();
        let dated = solid.iter().any(|i| behind[*i].dated);
        let weeks: BTreeSet<i64> =
            solid.iter().flat_map(|i| behind[*i].weeks.iter().copied()).collect();
        let few = rows < LEAST_ROWS || (rows as f64) < ROWS_FOR_A_CURVE * solid.len() as f64;
        let floor = !solid.is_empty() && (few || dated && weeks.len() < 2);
        if floor {
            let weeks = dated.then_some(weeks.len());
            notes.push(PanelNote::DataFloor { audiences: solid.len(), rows, weeks });
        }
        let once: Vec<usize> = solid
            .iter()
            .copied()
            .filter(|i| behind[*i].dated && behind[*i].weeks.len() == 1)
            .collect();
        if !floor && !once.is_empty() {
            notes.push(PanelNote::OneWeek { audiences: names(&once) });
        }
        if !nothing.is_empty() {
            let nothing: Vec<usize> = nothing.iter().copied().collect();
            notes.push(PanelNote::NothingBehind { audiences: names(&nothing) });
        }
        notes
    }

    fn behind(&self) -> Vec<Behind> {
        let mut behind = vec![Behind::default(); self.segments.len()];
        for cell in &self.cells {
            if let Some(own) = behind.get_mut(cell.segment) {
                own.add(cell);
            }
        }
        behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, Counts};
    use crate::panel::Period;
    use crate::segment::Segment;

    /// Audiences by name with their weekly money; an action per euro, dated unless `weeks` is 0.
    fn panel(audiences: &[(&str, usize, f64)]) -> Panel {
        let mut panel = Panel { actions: vec![Action::Clicks], ..Panel::default() };
        let first: Week = "2026-W02".parse().unwrap();
        for (segment, (name, weeks, spend)) in audiences.iter().enumerate() {
            panel.segments.push(Segment { id: (*name).into(), ..Segment::default() });
            for week in 0..(*weeks).max(1) {
                let mut actions = Counts::default();
                actions.set(Action::Clicks, Some(spend.round()));
                let week = first.plus(week as i64);
                panel.cells.push(Cell {
                    segment,
                    period: (*weeks > 0)
                        .then(|| Period { start: week.monday(), end: week.sunday() }),
                    spend: *spend,
                    impressions: Some(100.0 * spend),
                    reach: None,
                    actions,
                    censored: Vec::new(),
                    at_least: Counts::default(),
                    from_breakdown: false,
                    new_creative: false,
                    designed: false,
                });
            }
        }
        panel
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_audience_with_nothing_behind_it_is_named_and_a_small_one_is_not() {
        let of = [("a", 5, 50.0), ("b", 5, 40.0), ("empty", 1, 0.01), ("small", 4, 1.0)];
        let notes = panel(&of).floor(&BTreeSet::from([2]));
        assert_eq!(notes, [PanelNote::NothingBehind { audiences: names(&["empty"]) }]);
        let none = [("a", 5, 50.0), ("b", 5, 40.0), ("c", 5, 60.0)];
        assert!(panel(&none).floor(&BTreeSet::new()).is_empty());
    }

    #[test]
    fn few_rows_without_dates_are_told_and_one_week_too() {
        let ads = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| (name, 0, 20.0));
        let notes = panel(&ads).floor(&BTreeSet::new());
        assert_eq!(notes, [PanelNote::DataFloor { audiences: 8, rows: 8, weeks: None }]);
        let week = [("a", 1, 20.0), ("b", 1, 30.0)];
        let notes = panel(&week).floor(&BTreeSet::new());
        assert_eq!(notes, [PanelNote::DataFloor { audiences: 2, rows: 2, weeks: Some(1) }]);
        let once = [("a", 30, 20.0), ("b", 30, 30.0), ("once", 1, 25.0)];
        let notes = panel(&once).floor(&BTreeSet::new());
        assert_eq!(notes, [PanelNote::OneWeek { audiences: names(&["once"]) }]);
        for note in
            [panel(&ads).floor(&BTreeSet::new()), panel(&week).floor(&BTreeSet::new()), notes]
                .concat()
        {
            for language in crate::language::Language::ALL {
                let told = note.tell(language);
                assert!(!told.contains('{') && told.len() > 40, "{told}");
            }
        }
    }
}
