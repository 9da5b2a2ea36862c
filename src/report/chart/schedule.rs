//! The calendar of a test: who has more, who has less, in which weeks; partners stand together.

use super::draw::canvas::{Align, Canvas, Point, Type, WIDTH};
use super::draw::figure::{Chart, Words};
use super::draw::layout::{MARGIN, MOST_ROWS, Sign, key, names_room, roomy};
use super::draw::palette::{BLUE, FAINT, GREY, INK, Mark, ORANGE, WHITE};
use crate::experiment::Protocol;
use crate::report::formatter::Formatter;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "schedule";
/// Height above the first row: key, days.
const TOP: f64 = 46.0;
const ROW: f64 = 22.0;
/// White space between two pairs.
const GAP: f64 = 6.0;
/// A cell narrower than this has no room for its number: its mark tells.
const NARROW: f64 = 26.0;

/// The calendar; `None` where no money moves.
pub(super) fn chart(protocol: &Protocol, formatter: &Formatter) -> Option<Chart> {
    let pairs = protocol.pairs();
    let factors = || pairs.iter().flatten().map(|own| protocol.factors(*own));
    let low = factors().map(|own| own.0).min_by(f64::total_cmp)?;
    let high = factors().map(|own| own.1).max_by(f64::total_cmp)?;
    let shown = &pairs[..pairs.len().min(MOST_ROWS / 2)];
    let hidden = match 2 * (pairs.len() - shown.len()) {
        0 => String::new(),
        n => formatter.count("chart-hidden", n, &[]),
    };
    let weeks = protocol.tested_weeks;
    let words = Words::new(
        formatter,
        NAME,
        &[
            ("moved", &formatter.quantity(2.0 * pairs.len() as f64)),
            ("all", &formatter.quantity(protocol.audiences.len() as f64)),
            ("block", &formatter.quantity(protocol.block_weeks as f64)),
            ("first", &formatter.language.date(protocol.weeks[0].start)),
            ("last", &formatter.language.date(protocol.weeks[weeks - 1].end)),
            ("low", &formatter.percent(low, 0)),
            ("high", &formatter.percent(high, 0)),
            ("hidden", &hidden),
        ],
    );
    let height = TOP + shown.len() as f64 * (2.0 * ROW + GAP) + 4.0;
    Some(Chart::new(NAME, words, table(protocol, &pairs, formatter), height, |canvas| {
        let names = shown.iter().flatten().map(|i| formatter.label(name(protocol, *i)));
        let names: Vec<String> = names.collect();
        let left = names_room(names.iter().map(String::as_str), 240.0);
        let grid = Grid { protocol, left, width: (WIDTH - MARGIN - left) / weeks as f64 };
        grid.head(canvas, formatter, height);
        for (line, i) in shown.iter().flatten().enumerate() {
            let y = TOP + line as f64 * ROW + (line / 2) as f64 * GAP;
            let label = Type::label(INK, Align::Right);
            canvas.fitted(&names[line], (left - 10.0, y + ROW / 2.0), left - MARGIN - 12.0, label);
            grid.row(canvas, formatter, *i, y);
        }
    }))
}

fn name(protocol: &Protocol, i: usize) -> &str {
    &protocol.audiences[i].segment.id
}

/// Where weeks stand.
struct Grid<'a> {
    protocol: &'a Protocol,
    left: f64,
    width: f64,
}

impl Grid<'_> {
    /// The key, the day on which each block begins, and a line there.
    fn head(&self, canvas: &mut Canvas<'_>, formatter: &Formatter, height: f64) {
        let word = |what: &str| formatter.text(&format!("chart-schedule-{what}"));
        let signs = [
            (Sign::Block(BLUE, 1.0), word("more")),
            (Sign::Hatch(ORANGE), word("less")),
            (Sign::Block(WHITE, 1.0), word("plan")),
        ];
        key(canvas, 0.0, &signs);
        let starts = (0..self.protocol.tested_weeks).step_by(self.protocol.block_weeks);
        let half = self.protocol.block_weeks as f64 / 2.0;
        let days: Vec<(f64, String)> = starts
            .map(|week| {
                let day = formatter.language.date(self.protocol.weeks[week].start);
                (self.left + (week as f64 + half) * self.width, day)
            })
            .collect();
        for (x, _) in &days {
            let x = x - half * self.width;
            canvas.line((x, TOP - 4.0), (x, height - 4.0), FAINT, 1.0);
        }
        for (x, day) in roomy(&days, 6.0) {
            canvas.words(day, (*x, TOP - 13.0), Type::tick(Align::Middle));
        }
    }

    fn row(&self, canvas: &mut Canvas<'_>, formatter: &Formatter, i: usize, y: f64) {
        for week in 0..self.protocol.tested_weeks {
            let x = self.left + week as f64 * self.width;
            let (from, to) = ((x + 1.0, y + 1.0), (x + self.width - 1.0, y + ROW - 1.0));
            self.cell(canvas, formatter, self.protocol.factor(i, week), (from, to));
        }
    }

    /// More is filled, its number white; less is hatched at its foot; as planned is white.
    fn cell(
        &self,
        canvas: &mut Canvas<'_>,
        formatter: &Formatter,
        factor: f64,
        (from, to): (Point, Point),
    ) {
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1) - 1.0);
        let ink = match factor {
            more if more > 1.0 => {
                canvas.block(from, to, BLUE, 1.0);
                WHITE
            }
            less if less < 1.0 => {
                canvas.frame(from, to, ORANGE, 1.0);
                canvas.hatch((from.0, to.1 - 5.0), to, ORANGE);
                ORANGE
            }
            _ => {
                canvas.frame(from, to, FAINT, 0.8);
                GREY
            }
        };
        if self.width >= NARROW {
            let share = formatter.language.number(100.0 * factor, 0);
            canvas.words(&share, middle, Type::label(ink, Align::Middle).size(11.0).bold());
        } else if factor > 1.0 {
            canvas.mark(Mark::Triangle, middle, 3.0, ink);
        }
    }
}

/// Scheduled over planned money of each week.
fn table(protocol: &Protocol, pairs: &[[usize; 2]], formatter: &Formatter) -> Table {
    let mut columns = vec![Column::named(formatter.text("experiment-column-segment"), 40.0)];
    let weeks = &protocol.weeks[..protocol.tested_weeks];
    columns.extend(weeks.iter().map(|w| Column::named(formatter.language.date(w.start), 12.0)));
    let mut table = Table::new(formatter.text("chart-schedule-table"), columns);
    for i in pairs.iter().flatten() {
        let mut cells = vec![Cell::text(&formatter.name(name(protocol, *i)))];
        let factor = |week| Cell::Percent(protocol.factor(*i, week), 0);
        cells.extend((0..protocol.tested_weeks).map(factor));
        table.rows.push(cells);
    }
    table
}
