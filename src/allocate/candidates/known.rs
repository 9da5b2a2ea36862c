//! Known curves from a file: a budget divided without a model.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::sync::Arc;

use rayon::prelude::*;

use crate::allocate::error::{AllocateError, CurveFault};
use crate::response::curve::Curve;
use crate::response::exponential::Exponential;
use crate::response::exposure::Exposure;
use crate::response::hill::Hill;
use crate::response::points::Points;
use crate::response::power::Power;

/// One line of a curves file.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownCurve {
    /// Segment name.
    pub segment: String,
    /// Actions of media money over the whole flight.
    pub curve: Curve,
    /// Least budget of the row.
    pub min: f64,
    /// Greatest; `None`: the budget.
    pub max: Option<f64>,
    /// Least once funded.
    pub min_if_funded: f64,
    /// Money due once funded.
    pub fixed_cost: f64,
    /// Groups it belongs to; lines of the same groups share them.
    pub groups: Arc<[Arc<str>]>,
}

const COLUMNS: [&str; 10] =
    ["segment", "form", "p1", "p2", "p3", "min", "max", "min_if_funded", "fixed_cost", "group"];

/// A file with more faults than this is not read on: the rest is likely more of the same.
const FAULTS_TOLD: usize = 50;

/// Reads `segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group`.
///
/// # Errors
///
/// [`AllocateError::Curves`] with every bad cell: line, column, what was found, what is allowed.
pub fn read_curves(reader: impl Read, name: &str) -> Result<Vec<KnownCurve>, AllocateError> {
    let mut csv = csv::ReaderBuilder::new().buffer_capacity(BUFFER).from_reader(reader);
    let fail = |faults: Vec<CurveFault>| AllocateError::Curves { file: name.to_owned(), faults };
    let fault = |line: u64, column: &str, found: &str, allowed: &'static str| CurveFault {
        line,
        column: column.to_owned(),
        found: found.to_owned(),
        allowed,
    };
    let no_line = |error: &csv::Error| {
        let at = error.position().map_or(1, csv::Position::line);
        match error.kind() {
            csv::ErrorKind::UnequalLengths { len, .. } => fault(at, "", &len.to_string(), "cells"),
            _ => fault(at, "", "", "csv"),
        }
    };
    let headers = csv.headers().map_err(|error| fail(vec![no_line(&error)]))?.clone();
    let place: BTreeMap<&str, usize> =
        headers.iter().enumerate().map(|(k, name)| (column_name(name), k)).collect();
    let mut faults: Vec<CurveFault> = COLUMNS[..3]
        .iter()
        .filter(|column| !place.contains_key(**column))
        .map(|column| fault(1, column, "", "column"))
        .chain(
            headers
                .iter()
                .map(column_name)
                .filter(|name| !COLUMNS.contains(name))
                .map(|name| fault(1, name, name, "known-column")),
        )
        .collect();
    faults.truncate(FAULTS_TOLD);
    if !faults.is_empty() {
        return Err(fail(faults));
    }
    let mut line = Line {
        place: COLUMNS.map(|c| place.get(c).copied()),
        groups: BTreeMap::new(),
        sets: HashMap::new(),
    };
    let (mut curves, mut lines) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        match csv.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let at = record.position().map_or(0, csv::Position::line);
                match line.read(&record) {
                    Ok(curve) => {
                        curves.push(curve);
                        lines.push(at);
                    }
                    Err((column, found, allowed)) => {
                        faults.push(fault(at, column, &found, allowed));
                    }
                }
            }
            Err(error) => faults.push(no_line(&error)),
        }
        if faults.len() >= FAULTS_TOLD {
            break;
        }
    }
    let twice = repeated(&curves).into_iter();
    faults.extend(twice.map(|i| fault(lines[i], "segment", &curves[i].segment, "unique")));
    faults.sort_by_key(|fault| fault.line);
    faults.truncate(FAULTS_TOLD);
    if curves.is_empty() && faults.is_empty() {
        faults.push(fault(1, "segment", "", "rows"));
    }
    if faults.is_empty() { Ok(curves) } else { Err(fail(faults)) }
}

/// No amount of money and no count of people is as large.
const LARGEST: f64 = 1e15;

/// Bytes read at a time.
const BUFFER: usize = 1 << 18;

/// A column's name without what stands around it.
fn column_name(cell: &str) -> &str {
    cell.trim().trim_start_matches('\u{feff}')
}

/// Positions of the curves whose segment an earlier one has, in order.
fn repeated(curves: &[KnownCurve]) -> Vec<usize> {
    let digest = |(i, known): (usize, &KnownCurve)| {
        let mut hasher = DefaultHasher::new();
        known.segment.hash(&mut hasher);
        (hasher.finish(), i)
    };
    let mut digests: Vec<(u64, usize)> = curves.par_iter().enumerate().map(digest).collect();
    digests.par_sort_unstable();
    let same = digests.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    let mut found: Vec<usize> = same
        .flat_map(|same| {
            let mut seen = BTreeSet::new();
            same.iter().map(|(_, i)| *i).filter(move |&i| !seen.insert(curves[i].segment.as_str()))
        })
        .collect();
    found.sort_unstable();
    found
}

/// More money than any campaign has.
const MOST_MONEY: f64 = 1e15;

/// Whether a curve's values and its first slope are numbers that a computer can hold.
fn within_numbers(curve: &Curve) -> bool {
    let first_slope = match curve {
        Curve::Exposure { log_first_slope, .. } | Curve::Exponential { log_first_slope, .. } => {
            *log_first_slope
        }
        Curve::Hill(hill) => (hill.ceiling * hill.slope / hill.scale).ln(),
        Curve::Power(_) | Curve::Points(_) | Curve::Table(_) => 0.0,
    };
    first_slope.is_finite() && curve.value(MOST_MONEY).is_finite()
}

/// Where the columns are, and the groups met so far.
struct Line {
    place: [Option<usize>; 10],
    groups: BTreeMap<String, Arc<str>>,
    /// By what the cell says.
    sets: HashMap<String, Arc<[Arc<str>]>>,
}

type Bad = (&'static str, String, &'static str);

impl Line {
    fn cell<'r>(&self, record: &'r csv::StringRecord, column: usize) -> &'r str {
        self.place[column].and_then(|k| record.get(k)).unwrap_or("").trim()
    }

    fn number(&self, record: &csv::StringRecord, column: usize) -> Result<Option<f64>, Bad> {
        let text = self.cell(record, column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            // A bound may be as far away as one likes; what a curve brings may not.
            Ok(number) if number >= LARGEST && number.is_finite() && column < 5 => {
                Err((COLUMNS[column], text.to_owned(), "magnitude"))
            }
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
            _ => Err((COLUMNS[column], text.to_owned(), "number")),
        }
    }

    fn positive(&self, record: &csv::StringRecord, column: usize) -> Result<f64, Bad> {
        match self.number(record, column)? {
            Some(number) if number > 0.0 => Ok(number),
            _ => Err((COLUMNS[column], self.cell(record, column).to_owned(), "positive")),
        }
    }

    fn read(&mut self, record: &csv::StringRecord) -> Result<KnownCurve, Bad> {
        let segment = self.cell(record, 0).to_owned();
        if segment.is_empty() {
            return Err(("segment", segment, "name"));
        }
        let curve = self.curve(record)?;
        if !within_numbers(&curve) {
            let column = if matches!(curve, Curve::Points(_)) { 2 } else { 3 };
            return Err((COLUMNS[column], self.cell(record, column).to_owned(), "magnitude"));
        }
        Ok(KnownCurve {
            curve,
            min: self.number(record, 5)?.unwrap_or(0.0),
            max: self.number(record, 6)?,
            min_if_funded: self.number(record, 7)?.unwrap_or(0.0),
            fixed_cost: self.number(record, 8)?.unwrap_or(0.0),
            groups: self.groups_of(record),
            segment,
        })
    }

    fn groups_of(&mut self, record: &csv::StringRecord) -> Arc<[Arc<str>]> {
        let cell = self.cell(record, 9);
        if let Some(known) = self.sets.get(cell) {
            return Arc::clone(known);
        }
        let names = cell.split(';').map(str::trim).filter(|group| !group.is_empty());
        let mut shared = |name: &str| {
            let name = self.groups.entry(name.to_owned()).or_insert_with(|| Arc::from(name));
            Arc::clone(name)
        };
        let set: Arc<[Arc<str>]> = names.map(&mut shared).collect();
        self.sets.insert(cell.to_owned(), Arc::clone(&set));
        set
    }

    fn unused(&self, record: &csv::StringRecord, columns: &[usize]) -> Result<(), Bad> {
        match columns.iter().find(|&&column| !self.cell(record, column).is_empty()) {
            Some(&column) => Err((COLUMNS[column], self.cell(record, column).to_owned(), "empty")),
            None => Ok(()),
        }
    }

    fn curve(&self, record: &csv::StringRecord) -> Result<Curve, Bad> {
        let form = self.cell(record, 1);
        // A ceiling or a coefficient of 0 is a segment that brings nothing, whatever it is given.
        let nothing = form != "points" && self.number(record, 2)? == Some(0.0);
        match form {
            "exposure" | "hill" if nothing => {
                self.positive(record, 3)?;
                self.positive(record, 4)?;
                Ok(worth_nothing())
            }
            "exponential" | "power" if nothing => {
                self.unused(record, &[4])?;
                self.positive(record, 3)?;
                Ok(worth_nothing())
            }
            "exposure" => Ok(Exposure {
                ceiling: self.positive(record, 2)?,
                scale: self.positive(record, 3)?,
                shape: self.positive(record, 4)?,
            }
            .into()),
            "exponential" => {
                self.unused(record, &[4])?;
                let (ceiling, scale) = (self.positive(record, 2)?, self.positive(record, 3)?);
                Ok(Exponential { ceiling, scale }.into())
            }
            "hill" => Ok(Curve::Hill(Hill::new(
                self.positive(record, 2)?,
                self.positive(record, 3)?,
                self.positive(record, 4)?,
            ))),
            "power" => {
                self.unused(record, &[4])?;
                let (coefficient, exponent) =
                    (self.positive(record, 2)?, self.positive(record, 3)?);
                Ok(Curve::Power(Power { coefficient, exponent }))
            }
            "points" => {
                self.unused(record, &[3, 4])?;
                let text = self.cell(record, 2);
                let bad = || ("p1", text.to_owned(), "points");
                let pair = |pair: &str| -> Option<(f64, f64)> {
                    let (spend, value) = pair.split_once(':')?;
                    Some((spend.trim().parse().ok()?, value.trim().parse().ok()?))
                };
                let pairs: Option<Vec<_>> =
                    text.split(';').filter(|p| !p.trim().is_empty()).map(pair).collect();
                let points = Points::new(&pairs.ok_or_else(bad)?).map_err(|_| bad())?;
                Ok(Curve::Points(Arc::new(points)))
            }
            _ => Err(("form", form.to_owned(), "form")),
        }
    }
}

/// A curve that stays at 0.
fn worth_nothing() -> Curve {
    let points = Points::new(&[(0.0, 0.0)]).expect("one point at nothing is a curve");
    Curve::Points(Arc::new(points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_may_be_worth_nothing() {
        let text = "segment,form,p1,p2,p3\na,exposure,0,50,1.5\nb,exponential,0,50,\n\
            c,hill,0,100,2.5\nd,power,0,0.5,\n";
        let curves = read_curves(text.as_bytes(), "curves.csv").unwrap();
        assert!(curves.iter().all(|curve| curve.curve.value(80.0) == 0.0));
        assert!(read_curves("segment,form,p1,p2,p3\na,hill,0,0,1\n".as_bytes(), "c").is_err());
    }

    #[test]
    fn every_form_is_read() {
        let text = "segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n\
            a,exposure,100,50,1.5,,,,,x;y\n\
            b,exponential,100,50,,10,90,20,5,\n\
            c,hill,100,50,2.5,,,,,x\n\
            d,power,3,0.5,,,,,,\n\
            e,points,0:0;10:5;20:7,,,,,,,\n";
        let curves = read_curves(text.as_bytes(), "curves.csv").unwrap();
        assert_eq!(curves.len(), 5);
        assert_eq!(curves[0].groups.len(), 2);
        assert_eq!((curves[1].min, curves[1].max), (10.0, Some(90.0)));
        assert_eq!((curves[1].min_if_funded, curves[1].fixed_cost), (20.0, 5.0));
        assert_eq!(curves[4].curve.value(15.0), 6.0);
    }

    #[test]
    fn every_bad_cell_is_told() {
        let text = "segment,form,p1,p2,p3\na,exposure,100,-50,1\nb,cubic,1,2,3\nc,power,x,1,\n\
            d,exponential,1,2,3\nd,points,5:1;4:2,,\nf,power,1,1,\nf,power,1,1,\n";
        let Err(AllocateError::Curves { faults, .. }) = read_curves(text.as_bytes(), "c.csv")
        else {
            panic!("accepted");
        };
        let told: Vec<_> = faults.iter().map(|f| (f.line, f.column.as_str(), f.allowed)).collect();
        assert_eq!(
            told,
            [
                (2, "p2", "number"),
                (3, "form", "form"),
                (4, "p1", "number"),
                (5, "p3", "empty"),
                (6, "p1", "points"),
                (8, "segment", "unique"),
            ]
        );
    }

    #[test]
    fn a_segment_named_twice_is_told_in_the_order_of_lines_and_faults_end_somewhere() {
        let line = |i: usize| match i % 3 {
            0 => format!("s{i},power,1,1,\n"),
            1 => format!("s{},power,1,1,\n", i - 1),
            _ => format!("s{i},power,-1,1,\n"),
        };
        let text: String = (0..90).map(line).collect();
        let text = format!("segment,form,p1,p2,p3\n{text}");
        let Err(AllocateError::Curves { faults, .. }) = read_curves(text.as_bytes(), "c.csv")
        else {
            panic!("accepted");
        };
        let told: Vec<_> = faults.iter().map(|f| (f.line, f.allowed)).collect();
        let wanted: Vec<_> = (0..90)
            .filter(|i| i % 3 > 0)
            .map(|i| (i + 2, if i % 3 == 1 { "unique" } else { "number" }))
            .take(FAULTS_TOLD)
            .collect();
        assert_eq!(told, wanted);
        // A header of a thousand columns that nobody knows is no thousand lines either.
        let text = format!("segment,form,p1{}\n", ",x".repeat(1_000));
        let Err(AllocateError::Curves { faults, .. }) = read_curves(text.as_bytes(), "c.csv")
        else {
            panic!("accepted");
        };
        assert_eq!(faults.len(), FAULTS_TOLD);
    }

    #[test]
    fn curves_beyond_all_numbers_are_refused() {
        let faults = |line: &str| {
            let text = format!("segment,form,p1,p2,p3\n{line}\n");
            match read_curves(text.as_bytes(), "c.csv") {
                Err(AllocateError::Curves { faults, .. }) => faults[0].allowed,
                _ => "accepted",
            }
        };
        assert_eq!(faults("a,power,1,300,"), "magnitude");
        assert_eq!(faults("a,exponential,1e300,1e-300,"), "magnitude");
        assert_eq!(faults("a,hill,1e-300,1e300,2"), "magnitude");
        assert_eq!(faults("a,exponential,1e12,1e-9,"), "accepted");
        assert_eq!(faults("a,hill,1e-9,1e12,1e6"), "accepted");
    }
}
