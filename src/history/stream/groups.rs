//! Sums by segment and week.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use super::asked::RawColumns;
use super::fixed::to_f64;
use crate::action::Counts;
use crate::history::day::{Day, Span};
use crate::panel::{Cell, Panel};
use crate::segment::{JOINT, NOT_BROKEN_DOWN, Segment};

/// A quick hash for keys that no stranger chooses to collide: the multiply-and-rotate of the Fx
/// hash (Firefox), eight bytes at a time.
#[derive(Debug, Default)]
struct Quick(u64);

impl Quick {
    fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.word(u64::from_le_bytes(word.try_into().expect("chunks of eight bytes")));
        }
        let mut last = [0; 8];
        last[..words.remainder().len()].copy_from_slice(words.remainder());
        self.word(u64::from_le_bytes(last));
    }

    fn write_u64(&mut self, word: u64) {
        self.word(word);
    }

    fn finish(&self) -> u64 {
        // The low bits choose the bucket and the product's high bits are the mixed ones.
        self.0.rotate_left(26)
    }
}

type QuickMap<K> = HashMap<K, u32, BuildHasherDefault<Quick>>;

/// Sums of one segment and week. A number that no row reports stays absent.
type Sums = Vec<Option<i128>>;

/// Sums by segment (its attribute values, each with an end mark) and Monday.
#[derive(Debug, Default)]
pub(super) struct Groups {
    segments: QuickMap<Box<[u8]>>,
    cells: QuickMap<u64>,
    sums: Vec<Sums>,
}

impl Groups {
    #[inline]
    pub(super) fn add(&mut self, key: &[u8], week: Day, numbers: &[Option<i128>]) {
        let segment = self.segment(key);
        let place = self.cell(segment, week);
        let sums = &mut self.sums[place];
        sums.resize(numbers.len(), None);
        for (sum, number) in sums.iter_mut().zip(numbers) {
            if let Some(number) = number {
                *sum = Some(sum.unwrap_or(0) + number);
            }
        }
    }

    fn segment(&mut self, key: &[u8]) -> u32 {
        if let Some(segment) = self.segments.get(key) {
            return *segment;
        }
        let segment = self.segments.len() as u32;
        self.segments.insert(key.into(), segment);
        segment
    }

    fn cell(&mut self, segment: u32, week: Day) -> usize {
        let key = u64::from(segment) << 32 | u64::from(week.cast_unsigned());
        let next = self.sums.len() as u32;
        let place = *self.cells.entry(key).or_insert(next);
        if place == next {
            self.sums.push(Sums::new());
        }
        place as usize
    }

    /// Every cell: segment, Monday, place of its sums.
    fn cells(&self) -> impl Iterator<Item = (u32, Day, usize)> {
        self.cells
            .iter()
            .map(|(key, place)| ((key >> 32) as u32, (*key as u32).cast_signed(), *place as usize))
    }

    pub(super) fn join(&mut self, other: Self) {
        if self.sums.is_empty() {
            *self = other;
            return;
        }
        let mut numbers = vec![0; other.segments.len()];
        for (key, segment) in &other.segments {
            numbers[*segment as usize] = self.segment(key);
        }
        for (segment, week, place) in other.cells() {
            let mine = self.cell(numbers[segment as usize], week);
            let sums = &mut self.sums[mine];
            sums.resize(other.sums[place].len(), None);
            for (sum, number) in sums.iter_mut().zip(&other.sums[place]) {
                if let Some(number) = number {
                    *sum = Some(sum.unwrap_or(0) + number);
                }
            }
        }
    }

    pub(super) fn into_panel(self, columns: &RawColumns) -> Panel {
        let sorted: BTreeMap<Segment, u32> =
            self.segments.iter().map(|(key, place)| (segment(key, columns), *place)).collect();
        let mut order = vec![0; sorted.len()];
        for (new, old) in sorted.values().enumerate() {
            order[*old as usize] = new;
        }
        let mut cells: Vec<Cell> = self
            .cells()
            .map(|(segment, week, place)| {
                cell(order[segment as usize], week, &self.sums[place], columns)
            })
            .collect();
        cells.sort_by_key(|cell| (cell.segment, cell.period));
        let actions = columns.actions.iter().map(|(action, _)| *action);
        let mut actions: Vec<_> = actions
            .filter(|action| cells.iter().any(|cell| cell.actions.get(*action).is_some()))
            .collect();
        actions.sort_unstable();
        Panel {
            segments: sorted.into_keys().collect(),
            cells,
            attributes: columns.segment.iter().map(|(name, _)| name.column().to_owned()).collect(),
            actions,
            currency: columns.currency,
            notes: Vec::new(),
        }
    }
}

fn segment(key: &[u8], columns: &RawColumns) -> Segment {
    let text = String::from_utf8_lossy(key);
    let values: Vec<&str> = text
        .split('\u{1f}')
        .map(|value| if value.is_empty() { NOT_BROKEN_DOWN } else { value })
        .take(columns.segment.len())
        .collect();
    let attributes = columns.segment.iter().zip(&values);
    Segment {
        id: values.join(JOINT),
        attributes: attributes
            .map(|((attribute, _), value)| (attribute.column().to_owned(), (*value).to_owned()))
            .collect(),
    }
}

fn cell(segment: usize, week: Day, sums: &[Option<i128>], columns: &RawColumns) -> Cell {
    let mut numbers = sums.iter().map(|sum| sum.map(to_f64));
    let spend = numbers.next().flatten().unwrap_or_default();
    let impressions = columns.impressions.as_ref().and_then(|_| numbers.next().flatten());
    let mut actions = Counts::default();
    for ((action, _), count) in columns.actions.iter().zip(numbers) {
        actions.set(*action, count);
    }
    Cell {
        segment,
        period: Span { start: week, end: week + 6 }.period(),
        spend,
        impressions,
        reach: None,
        actions,
        censored: Vec::new(),
        at_least: Counts::default(),
        from_breakdown: false,
        new_creative: false,
        designed: false,
    }
}
