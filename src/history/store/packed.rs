//! Many rows of one file as one run of bytes: about twenty bytes a row instead of a hundred, and
//! written at once instead of one by one.
//!
//! Rows stand in the order of their keys, each as its difference from the one before, in whole
//! numbers of seven bits a byte (LEB128). Everything comes back exactly as it was: money with its
//! trailing zeros, counts bit by bit. A checksum at the end tells a damaged run from a sound one.
//!
//! A run may say of each of its rows whether a newer export has taken its place, one bit a row
//! before the first of them: [`mark`] writes these bits anew and leaves the rows as they are.

use std::hash::Hasher;

use rust_decimal::Decimal;

use crate::action::{Action, Counts};
use crate::history::day::Span;
use crate::history::label::{Known, Words};

/// Impressions, reach and one count per kind of action.
pub(crate) const NUMBERS: usize = 2 + Action::COUNT;

/// First byte of a run whose rows are all in force.
const PLAIN: u8 = 1;

/// First byte of a run with a bit for each row.
const MARKED: u8 = 2;

/// Bit of a row's presence mask that says that it has an amount; numbers have those above.
const SPEND: u64 = 1;
const CENSORED: u64 = 1 << (1 + NUMBERS);

/// Numbers of a row, those that are not reported marked so; half the size of as many options, and
/// rows wait by the thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Numbers {
    there: u16,
    values: [f64; NUMBERS],
}

impl Numbers {
    pub(crate) fn set(&mut self, at: usize, value: Option<f64>) {
        self.there = self.there & !(1 << at) | u16::from(value.is_some()) << at;
        self.values[at] = value.unwrap_or_default();
    }

    pub(crate) fn get(&self, at: usize) -> Option<f64> {
        (self.there >> at & 1 == 1).then_some(self.values[at])
    }

    pub(crate) fn impressions(&self) -> Option<f64> {
        self.get(0)
    }

    pub(crate) fn reach(&self) -> Option<f64> {
        self.get(1)
    }

    pub(crate) fn actions(&self) -> Counts {
        Counts(std::array::from_fn(|at| self.get(2 + at)))
    }
}

/// A row as the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stored {
    pub(crate) span: Span,
    pub(crate) known: Known,
    /// Number among the file's rows that stand for the same thing and period.
    pub(crate) nth: i64,
    pub(crate) line: u64,
    pub(crate) spend: Option<Decimal>,
    pub(crate) numbers: Numbers,
    /// Suppressed kinds, bit `i` for kind `i`.
    pub(crate) censored: u16,
}

/// What the store's key holds besides the number among namesakes.
pub(crate) type Place = (i32, i64, i32);

impl Stored {
    pub(crate) fn place(&self) -> Place {
        (self.span.start, self.known.identity, self.span.end)
    }
}

/// Packs rows, which are in the order of their keys; all of them are in force.
pub(crate) fn pack<'a>(rows: impl ExactSizeIterator<Item = &'a Stored>) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + rows.len() * 24);
    out.push(PLAIN);
    put(&mut out, rows.len() as u64);
    let mut before = Before::default();
    for row in rows {
        before.write(&mut out, row);
    }
    finish(out)
}

fn finish(mut out: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&out);
    out.extend_from_slice(&sum);
    out
}

/// The same run with other rows out of force; `None` when the bytes are damaged.
pub(crate) fn mark(bytes: &[u8], older: &Marks) -> Option<Vec<u8>> {
    let run = Run::of(bytes)?;
    if older.count() == 0 {
        let mut out = Vec::with_capacity(bytes.len());
        out.push(PLAIN);
        put(&mut out, run.rows);
        out.extend_from_slice(run.content);
        return Some(finish(out));
    }
    let mut out = Vec::with_capacity(bytes.len() + older.0.len());
    out.push(MARKED);
    put(&mut out, run.rows);
    out.extend_from_slice(older.0.get(..run.rows.div_ceil(8) as usize)?);
    out.extend_from_slice(run.content);
    Some(finish(out))
}

/// Which rows of a run are out of force, bit `i` for row `i`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Marks(Vec<u8>);

impl Marks {
    pub(crate) fn has(&self, at: usize) -> bool {
        self.0.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    }

    pub(crate) fn set(&mut self, at: usize, is_older: bool) {
        let bit = 1 << (at % 8);
        self.0[at / 8] = self.0[at / 8] & !bit | if is_older { bit } else { 0 };
    }

    pub(crate) fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }
}

/// A packed run that was found sound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    rows: u64,
    /// Bits of the rows; empty where all are in force.
    older: &'a [u8],
    content: &'a [u8],
}

impl<'a> Run<'a> {
    /// Looks at a run's checksum; `None` when it is damaged.
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_last_chunk::<8>()?;
        if *sum != checksum(bytes) {
            return None;
        }
        let (version, mut rest) = bytes.split_first()?;
        let rows = take(&mut rest)?;
        let marks = match *version {
            PLAIN => 0,
            MARKED => usize::try_from(rows.div_ceil(8)).ok()?,
            _ => return None,
        };
        let (older, content) = rest.split_at_checked(marks)?;
        (rows <= content.len() as u64).then_some(Self { rows, older, content })
    }

    /// Which of its rows are out of force.
    pub(crate) fn marks(&self) -> Marks {
        let mut marks = self.older.to_vec();
        marks.resize(self.rows.div_ceil(8) as usize, 0);
        Marks(marks)
    }

    /// Whether any of its rows may be out of force.
    pub(crate) fn is_marked(&self) -> bool {
        !self.older.is_empty()
    }

    /// Visits all rows in order, with their numbers in the run.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(usize, &Stored)) -> Option<()> {
        let (mut rest, mut before) = (self.content, Before::default());
        for at in 0..self.rows {
            visit(at as usize, &before.read(&mut rest)?);
        }
        rest.is_empty().then_some(())
    }
}

/// Visits the packed rows that are in force in order; `None` when the bytes are damaged.
pub(crate) fn unpack(bytes: &[u8], visit: &mut dyn FnMut(&Stored)) -> Option<()> {
    let run = Run::of(bytes)?;
    if !run.is_marked() {
        return run.each(&mut |_, row| visit(row));
    }
    let older = run.marks();
    run.each(&mut |at, row| {
        if !older.has(at) {
            visit(row);
        }
    })
}

fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut words = Words::default();
    words.write(bytes);
    words.finish().to_le_bytes()
}

/// What the next row is told against.
#[derive(Debug, Default)]
struct Before {
    start: i64,
    identity: i64,
    line: i64,
    mask: u64,
}

impl Before {
    fn write(&mut self, out: &mut Vec<u8>, row: &Stored) {
        let (start, line) = (i64::from(row.span.start), row.line as i64);
        put_signed(out, start - self.start);
        put_signed(out, row.known.identity - self.identity);
        put_signed(out, i64::from(row.span.end) - start);
        put(out, row.nth as u64);
        put_signed(out, line - self.line);
        put_signed(out, row.known.label - row.known.identity);
        let mask = mask(row);
        // Nearly always the same as before.
        put(out, mask ^ self.mask);
        if let Some(spend) = row.spend {
            put(out, u64::from(spend.scale()) << 1 | u64::from(spend.is_sign_negative()));
            put_wide(out, spend.mantissa().unsigned_abs());
        }
        let mut there = row.numbers.there;
        while there != 0 {
            put_number(out, row.numbers.values[there.trailing_zeros() as usize]);
            there &= there - 1;
        }
        if row.censored != 0 {
            put(out, u64::from(row.censored));
        }
        *self = Self { start, identity: row.known.identity, line, mask };
    }

    fn read(&mut self, bytes: &mut &[u8]) -> Option<Stored> {
        self.start = self.start.checked_add(take_signed(bytes)?)?;
        self.identity = self.identity.checked_add(take_signed(bytes)?)?;
        let end = self.start.checked_add(take_signed(bytes)?)?;
        let nth = i64::try_from(take(bytes)?).ok()?;
        self.line = self.line.checked_add(take_signed(bytes)?)?;
        let label = self.identity.checked_add(take_signed(bytes)?)?;
        self.mask ^= take(bytes)?;
        let spend = if self.mask & SPEND == 0 { None } else { Some(take_decimal(bytes)?) };
        let there = (self.mask >> 1) as u16 & ((1 << NUMBERS) - 1);
        let mut numbers = Numbers { there, ..Numbers::default() };
        for at in 0..NUMBERS {
            if there >> at & 1 == 1 {
                numbers.values[at] = take_number(bytes)?;
            }
        }
        let censored =
            if self.mask & CENSORED == 0 { 0 } else { u16::try_from(take(bytes)?).ok()? };
        let span = Span { start: i32::try_from(self.start).ok()?, end: i32::try_from(end).ok()? };
        let known = Known { label, identity: self.identity };
        let line = self.line.cast_unsigned();
        Some(Stored { span, known, nth, line, spend, numbers, censored })
    }
}

fn mask(row: &Stored) -> u64 {
    u64::from(row.numbers.there) << 1
        | u64::from(row.spend.is_some())
        | if row.censored == 0 { 0 } else { CENSORED }
}

#[inline]
fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_wide(out: &mut Vec<u8>, mut value: u128) {
    while value > u128::from(u64::MAX >> 1) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    put(out, value as u64);
}

/// Small numbers of either sign in few bytes: 0, −1, 1, −2 …
#[inline]
fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, (value << 1 ^ value >> 63).cast_unsigned());
}

/// A whole number as itself plus one; 0 announces a float bit by bit.
#[inline]
fn put_number(out: &mut Vec<u8>, number: f64) {
    let whole = number as u64;
    if whole < 1 << 53 && (whole as f64).to_bits() == number.to_bits() {
        put(out, whole + 1);
    } else {
        put(out, 0);
        out.extend_from_slice(&number.to_bits().to_le_bytes());
    }
}

#[inline]
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    if *first < 0x80 {
        return Some(u64::from(*first));
    }
    let mut value = u64::from(first & 0x7f);
    for shift in (7..=63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return (shift < 63 || *byte < 2).then_some(value);
        }
    }
    None
}

fn take_wide(bytes: &mut &[u8]) -> Option<u128> {
    let mut value = 0;
    for shift in (0..=112).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u128::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let value = take(bytes)?;
    Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

fn take_number(bytes: &mut &[u8]) -> Option<f64> {
    match take(bytes)? {
        0 => {
            let (bits, rest) = bytes.split_first_chunk::<8>()?;
            *bytes = rest;
            Some(f64::from_bits(u64::from_le_bytes(*bits)))
        }
        whole => Some((whole - 1) as f64),
    }
}

fn take_decimal(bytes: &mut &[u8]) -> Option<Decimal> {
    let scale = take(bytes)?;
    let mantissa = i128::try_from(take_wide(bytes)?).ok()?;
    let signed = if scale & 1 == 1 { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, u32::try_from(scale >> 1).ok()?).ok()
}

/// Suppressed kinds as one number, bit `i` for kind `i`.
pub(crate) fn censored_mask(censored: &[Action]) -> u16 {
    censored.iter().fold(0, |mask, action| mask | 1 << action.index())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount() -> impl Strategy<Value = Decimal> {
        // As wide as the store takes them: 96 bits and 28 decimals.
        (-(1_i128 << 96) + 1..1_i128 << 96, 0_u32..=28)
            .prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa, scale))
    }

    fn count() -> impl Strategy<Value = f64> {
        prop_oneof![
            (0_u32..5_000).prop_map(f64::from),
            any::<f64>().prop_filter("a number", |n| !n.is_nan()),
            Just(-0.0),
            Just(9_007_199_254_740_992.0),
        ]
    }

    fn stored() -> impl Strategy<Value = Stored> {
        let days = (any::<i32>(), 0_i32..400)
            .prop_map(|(start, days)| Span { start: start / 2, end: start / 2 + days });
        let known = (1_i64..1 << 40, 1_i64..1 << 40)
            .prop_map(|(label, identity)| Known { label, identity });
        let numbers = proptest::array::uniform12(proptest::option::of(count())).prop_map(|all| {
            let mut numbers = Numbers::default();
            all.into_iter().enumerate().for_each(|(at, number)| numbers.set(at, number));
            numbers
        });
        let rest = (0_i64..9, 0_u64..1 << 40, proptest::option::of(amount()), 0_u16..1 << 10);
        (days, known, numbers, rest).prop_map(
            |(span, known, numbers, (nth, line, spend, censored))| Stored {
                span,
                known,
                nth,
                line,
                spend,
                numbers,
                censored,
            },
        )
    }

    fn unpacked(bytes: &[u8]) -> Option<Vec<Stored>> {
        let mut rows = Vec::new();
        unpack(bytes, &mut |row| rows.push(*row))?;
        Some(rows)
    }

    /// Equal numbers may be written in two ways (2.5 and 2.50); here they must not be.
    fn exactly(rows: &[Stored]) -> String {
        format!("{rows:?}")
    }

    proptest! {
        #[test]
        fn rows_come_back_exactly_as_they_were(rows in prop::collection::vec(stored(), 0..12)) {
            let back = unpacked(&pack(rows.iter())).unwrap();
            prop_assert_eq!(exactly(&back), exactly(&rows));
        }

        #[test]
        fn marked_rows_are_left_out_and_come_back(
            rows in prop::collection::vec((stored(), any::<bool>(), any::<bool>()), 0..20),
        ) {
            let all: Vec<Stored> = rows.iter().map(|(row, ..)| *row).collect();
            let plain = pack(all.iter());
            let marked = |bytes: &[u8], is_older: &[bool]| {
                let mut marks = Run::of(bytes).unwrap().marks();
                is_older.iter().enumerate().for_each(|(at, is)| marks.set(at, *is));
                mark(bytes, &marks).unwrap()
            };
            let mut bytes = plain.clone();
            let once: Vec<bool> = rows.iter().map(|(_, once, _)| *once).collect();
            let then: Vec<bool> = rows.iter().map(|(.., then)| *then).collect();
            for is_older in [once, then] {
                bytes = marked(&bytes, &is_older);
                let left = all.iter().zip(&is_older).filter(|(_, is)| !**is);
                let left: Vec<Stored> = left.map(|(row, _)| *row).collect();
                prop_assert_eq!(exactly(&unpacked(&bytes).unwrap()), exactly(&left));
            }
            prop_assert_eq!(marked(&bytes, &vec![false; all.len()]), plain);
        }

        #[test]
        fn a_changed_byte_is_noticed(
            rows in prop::collection::vec(stored(), 0..6), at: prop::sample::Index, bit in 0..8,
            is_marked in any::<bool>(),
        ) {
            let mut bytes = pack(rows.iter());
            if is_marked && !rows.is_empty() {
                let mut marks = Run::of(&bytes).unwrap().marks();
                marks.set(0, true);
                bytes = mark(&bytes, &marks).unwrap();
            }
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            prop_assert_eq!(unpacked(&bytes), None);
            bytes.truncate(at);
            prop_assert_eq!(unpacked(&bytes), None);
        }
    }
}
