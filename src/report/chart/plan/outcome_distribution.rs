//! What may come of the plan beside the last split: two shapes on one axis, and the other splits.

use crate::allocate::plan::row::Range;
use crate::allocate::plan::{Mostly, Source};
use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use plotters::style::RGBColor;

use crate::allocate::rules::policy::PolicyName;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::font;
use crate::report::chart::draw::layout::{MARGIN, apart, bottom_axis, names_room};
use crate::report::chart::draw::palette::{BLUE, GREY, INK, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::report::standing::{BesideLast, Standing};
use crate::simulate::outcomes::PolicyOutcome;

const NAME: &str = "outcome-distribution";
/// Columns that a shape is drawn with over the whole axis.
const BINS: usize = 56;
/// Height of the highest column.
const TALL: f64 = 84.0;
/// Height of a shape with its figures below.
const BLOCK: f64 = TALL + 56.0;
/// Height of a split told by its interval alone.
const LINE: f64 = 26.0;

/// The chart; `None` without a simulation.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let policies: Vec<&PolicyOutcome> = report_data.outcomes.as_ref()?.policies.iter().collect();
    let plan = *policies.iter().find(|policy| policy.name == PolicyName::Plan)?;
    let last = policies.iter().copied().find(|policy| policy.name == PolicyName::Last);
    // The plan's figures are those that it promises, here as everywhere.
    let own = report_data.plan.promise.map(|promise| promise.value);
    let own = own.filter(|value| matches!(value.source, Source::Futures { .. }));
    let promise = own.map_or_else(|| Figures::of(plan), |own| own.range.into());
    let mut shapes = vec![Shape::new(plan, promise)];
    shapes.extend(last.map(|last| Shape::new(last, Figures::of(last))));
    let others = policies
        .iter()
        .copied()
        .filter(|p| p.name != PolicyName::Plan && p.name != PolicyName::Last);
    let layout = Layout::new(shapes, others.collect(), formatter);
    let words = words(report_data, &layout, plan, formatter);
    let height = layout.bottom + 44.0;
    Some(Chart::new(NAME, words, table(&policies, formatter), height, |canvas| {
        layout.paint(canvas, formatter);
    }))
}

fn words(
    report_data: &ReportData,
    layout: &Layout<'_>,
    plan: &PolicyOutcome,
    formatter: &Formatter,
) -> Words {
    let figures = layout.shapes[0].figures;
    let ends =
        [("low", &*formatter.quantity(figures.p10)), ("high", &formatter.quantity(figures.p90))];
    let range = match figures.mostly {
        Some(mostly) => formatter.mostly(mostly, "chart-outcome-distribution-mostly"),
        None => formatter.say("chart-outcome-distribution-range", &ends),
    };
    let last = layout.shapes.get(1).map(|shape| shape.figures.sentence(formatter));
    let standing = BesideLast::of(report_data).map(|beside| beside.standing(&report_data.plan));
    let variant = match last {
        None => "-alone",
        Some(_) if standing == Some(Standing::Same) => "-same",
        Some(_) => "",
    };
    Words::variant(
        formatter,
        NAME,
        [variant, "", variant],
        &[
            ("p", &formatter.chance(plan.p_beats_last)),
            ("range", &range),
            ("plan", &figures.sentence(formatter)),
            ("last", last.as_deref().unwrap_or_default()),
        ],
    )
}

/// The three figures of a split, or the one value that nearly every future takes.
#[derive(Debug, Clone, Copy)]
struct Figures {
    p10: f64,
    p50: f64,
    p90: f64,
    mostly: Option<Mostly>,
}

impl From<Range> for Figures {
    fn from(range: Range) -> Self {
        Self { p10: range.p10, p50: range.p50, p90: range.p90, mostly: range.mostly }
    }
}

impl Figures {
    fn of(policy: &PolicyOutcome) -> Self {
        let value = policy.value;
        Self { p10: value.p10, p50: value.p50, p90: value.p90, mostly: value.mostly }
    }

    fn sentence(&self, formatter: &Formatter) -> String {
        if let Some(mostly) = self.mostly {
            return formatter.mostly(mostly, "report-mostly-short");
        }
        let [low, median, high] = [self.p10, self.p50, self.p90].map(|v| formatter.quantity(v));
        let arguments: [(&str, &str); 3] = [("low", &low), ("median", &median), ("high", &high)];
        formatter.say("chart-outcome-distribution-three", &arguments)
    }

    /// Where a figure stands, the figure, and what it says.
    fn marks(&self, formatter: &Formatter) -> Vec<(f64, String, String)> {
        if let Some(mostly) = self.mostly {
            return vec![(
                mostly.value,
                formatter.mostly(mostly, "report-mostly-short"),
                String::new(),
            )];
        }
        [(self.p10, "p10"), (self.p50, "p50"), (self.p90, "p90")]
            .map(|(value, name)| {
                let says = formatter.text(&format!("chart-outcome-distribution-{name}"));
                (value, formatter.quantity(value), says)
            })
            .into()
    }
}

/// A split and the futures simulated of it.
struct Shape<'a> {
    policy: &'a PolicyOutcome,
    figures: Figures,
}

impl<'a> Shape<'a> {
    fn new(policy: &'a PolicyOutcome, figures: Figures) -> Self {
        Self { policy, figures }
    }

    /// Ends of what is drawn of it.
    fn ends(&self) -> [f64; 2] {
        let known = &self.policy.quantiles;
        let (low, high) = (known.first().copied(), known.last().copied());
        [
            low.map_or(self.figures.p10, |v| v.min(self.figures.p10)),
            high.map_or(self.figures.p90, |v| v.max(self.figures.p90)),
        ]
    }
}

/// Share of the futures in each of [`BINS`] equal parts of `ends`. Between two known quantiles
/// futures are spread evenly, nothing is smoothed: a lump stays a lump, two humps stay two. The
/// hundredths below the first and above the last known quantile are left out.
fn histogram(quantiles: &[f64], (low, high): (f64, f64)) -> [f64; BINS] {
    let mut bins = [0.0; BINS];
    let width = (high - low) / BINS as f64;
    let bin = |value: f64| (((value - low) / width).floor().max(0.0) as usize).min(BINS - 1);
    let each = 1.0 / (quantiles.len() + 1) as f64;
    for pair in quantiles.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (first, last) = (bin(a), bin(b));
        for (i, share) in bins.iter_mut().enumerate().take(last + 1).skip(first) {
            let from = a.max(low + i as f64 * width);
            let to = b.min(low + (i + 1) as f64 * width);
            *share += if first == last { each } else { each * (to - from).max(0.0) / (b - a) };
        }
    }
    bins
}

struct Layout<'a> {
    x: Scale,
    left: f64,
    shapes: Vec<Shape<'a>>,
    others: Vec<&'a PolicyOutcome>,
    bottom: f64,
}

impl<'a> Layout<'a> {
    fn new(shapes: Vec<Shape<'a>>, others: Vec<&'a PolicyOutcome>, formatter: &Formatter) -> Self {
        let all = shapes.iter().map(|shape| shape.policy).chain(others.iter().copied());
        let names: Vec<String> = all.map(|policy| formatter.policy(policy.name)).collect();
        let left = names_room(names.iter().map(String::as_str), 260.0).max(190.0);
        // Plan and last split choose the axis: a split far off would press them together.
        let x =
            Scale::around(shapes.iter().flat_map(Shape::ends), left + 10.0, WIDTH - MARGIN - 20.0);
        let bottom = 6.0 + BLOCK * shapes.len() as f64 + LINE * others.len() as f64 + 6.0;
        Self { x, left, shapes, others, bottom }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, formatter: &Formatter) {
        bottom_axis(canvas, &self.x, (6.0, self.bottom), 6, |value| formatter.quantity(value));
        let middle = f64::midpoint(self.left + 10.0, WIDTH - MARGIN);
        let unit = formatter.text("chart-points");
        canvas.words(&unit, (middle, self.bottom + 30.0), Type::tick(Align::Middle));
        let ends = self.x.ends();
        let bins: Vec<[f64; BINS]> =
            self.shapes.iter().map(|shape| histogram(&shape.policy.quantiles, ends)).collect();
        // One scale of heights, so that the two can be compared.
        let tallest = bins.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut base = 6.0 + TALL;
        for (shape, bins) in self.shapes.iter().zip(&bins) {
            self.shape(canvas, shape, &bins.map(|share| TALL * share / tallest), base, formatter);
            base += BLOCK;
        }
        let mut y = 6.0 + BLOCK * self.shapes.len() as f64 + LINE / 2.0;
        for policy in &self.others {
            self.other(canvas, policy, y, formatter);
            y += LINE;
        }
    }

    fn shape(
        &self,
        canvas: &mut Canvas<'_>,
        shape: &Shape<'_>,
        heights: &[f64; BINS],
        base: f64,
        formatter: &Formatter,
    ) {
        let colour = colour(shape.policy.name);
        let Shape { policy, figures } = shape;
        let (low, high) = self.x.ends();
        let width = (high - low) / BINS as f64;
        for (i, height) in heights.iter().enumerate().filter(|(_, height)| **height > 0.05) {
            let (from, to) = (low + i as f64 * width, low + (i + 1) as f64 * width);
            let middle = f64::midpoint(from, to);
            let inside = figures.mostly.is_some() || (figures.p10..=figures.p90).contains(&middle);
            let opacity = if inside { 0.75 } else { 0.28 };
            // A column is never thinner than the eye can see.
            let top = base - height.max(1.0);
            canvas.block((self.x.at(from), top), (self.x.at(to), base), colour, opacity);
        }
        canvas.line((self.left, base), (WIDTH - MARGIN, base), GREY, 0.8);
        self.figures(canvas, figures, (base, colour), formatter);
        let name = Type::label(colour, Align::Right).bold();
        let room = self.left - MARGIN - 8.0;
        canvas.fitted(&formatter.policy(policy.name), (self.left - 10.0, base - 24.0), room, name);
        let beats = formatter.chance(policy.p_beats_last);
        let note = match policy.name {
            PolicyName::Last => formatter.text("chart-outcome-distribution-reference"),
            _ if self.shapes.len() < 2 => return,
            _ => formatter.say("chart-outcome-distribution-beats", &[("p", &beats)]),
        };
        let small = Type::label(GREY, Align::Right).size(11.0);
        canvas.fitted(&note, (self.left - 10.0, base - 8.0), room, small);
    }

    /// Marks on the base line, each with its figure and its name below.
    fn figures(
        &self,
        canvas: &mut Canvas<'_>,
        figures: &Figures,
        (base, colour): (f64, RGBColor),
        formatter: &Formatter,
    ) {
        let marks = figures.marks(formatter);
        let wide = |(_, figure, says): &(f64, String, String)| {
            font::width(figure, 12.0, true).max(font::width(says, 11.0, false))
        };
        let half = marks.iter().map(wide).fold(0.0, f64::max) / 2.0;
        let wanted: Vec<f64> = marks.iter().map(|mark| self.x.at(mark.0)).collect();
        let room = (self.left + half, WIDTH - MARGIN + 6.0 - half);
        let places = apart(&wanted, 2.0 * half + 10.0, room.0, room.1);
        for ((at, (_, figure, says)), place) in wanted.iter().zip(&marks).zip(places) {
            canvas.line((*at, base - 5.0), (*at, base + 5.0), INK, 2.0);
            canvas.line((*at, base + 5.0), (place, base + 13.0), GREY, 0.8);
            canvas.words(figure, (place, base + 21.0), Type::label(colour, Align::Middle).bold());
            canvas.words(says, (place, base + 36.0), Type::tick(Align::Middle));
        }
    }

    /// A split beside the two: its interval, or on which side of the axis it lies.
    fn other(
        &self,
        canvas: &mut Canvas<'_>,
        policy: &PolicyOutcome,
        y: f64,
        formatter: &Formatter,
    ) {
        let room = self.left - MARGIN - 8.0;
        let name = Type::label(GREY, Align::Right);
        canvas.fitted(&formatter.policy(policy.name), (self.left - 10.0, y), room, name);
        let Figures { p10, p50, p90, .. } = Figures::of(policy);
        let (low, high) = self.x.ends();
        if p90 < low {
            let words = format!("← {}", formatter.quantity(p50));
            canvas.words(&words, (self.left + 10.0, y), Type::label(GREY, Align::Left));
        } else if p10 > high {
            let words = format!("{} →", formatter.quantity(p50));
            canvas.words(&words, (WIDTH - MARGIN, y), Type::label(GREY, Align::Right));
        } else {
            let at = |value: f64| self.x.at(value.clamp(low, high));
            canvas.line((at(p10), y), (at(p90), y), GREY, 3.0);
            if (low..=high).contains(&p50) {
                canvas.line((at(p50), y - 6.0), (at(p50), y + 6.0), INK, 2.0);
            }
        }
    }
}

fn colour(policy: PolicyName) -> RGBColor {
    match policy {
        PolicyName::Plan => BLUE,
        PolicyName::Last => ORANGE,
        _ => GREY,
    }
}

fn table(policies: &[&PolicyOutcome], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-outcome-distribution-table"),
        vec![
            Column::new(formatter, "report-column-policy", 28.0),
            Column::new(formatter, "report-column-mean", 12.0),
            Column::new(formatter, "report-column-p10", 12.0),
            Column::new(formatter, "report-column-p50", 12.0),
            Column::new(formatter, "report-column-p90", 12.0),
            Column::new(formatter, "report-column-worst", 14.0),
            Column::new(formatter, "report-column-beats", 14.0),
            Column::new(formatter, "report-column-cost", 12.0),
        ],
    );
    table.rows = policies
        .iter()
        .map(|policy| {
            let value = policy.value;
            vec![
                Cell::Text(formatter.policy(policy.name)),
                Cell::Number(value.mean, 0),
                Cell::Number(value.p10, 0),
                Cell::Number(value.p50, 0),
                Cell::Number(value.p90, 0),
                Cell::Number(policy.worst_tenth, 0),
                if policy.name == PolicyName::Last {
                    Cell::Empty
                } else {
                    Cell::Note(formatter.chance(policy.p_beats_last))
                },
                Cell::money(policy.cost_per_action, 2),
            ]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lump_stays_a_lump_and_two_humps_stay_two() {
        // A third of the futures at nothing, the others evenly between 60 and 80.
        let quantiles: Vec<f64> = (1..=99)
            .map(|p| if p <= 33 { 0.0 } else { 60.0 + 20.0 * f64::from(p - 33) / 66.0 })
            .collect();
        let bins = histogram(&quantiles, (0.0, 112.0));
        assert!((bins[0] - 0.32).abs() < 0.01, "{bins:?}");
        // Two units to a bin: the leap from 0 to 60 is one hundredth, spread thin.
        assert!(bins[1..30].iter().all(|share| *share < 0.001), "{bins:?}");
        let upper: f64 = bins[30..40].iter().sum();
        assert!((upper - 0.65).abs() < 0.02, "{bins:?}");
        assert!(bins[41..].iter().all(|share| *share == 0.0), "{bins:?}");
    }

    proptest! {
        #[test]
        fn a_shape_holds_all_but_two_hundredths(
            mut quantiles in proptest::collection::vec(-1e6..1e6_f64, 99),
        ) {
            quantiles.sort_by(f64::total_cmp);
            let ends = Scale::around(quantiles.clone(), 0.0, 500.0).ends();
            let whole: f64 = histogram(&quantiles, ends).iter().sum();
            prop_assert!((whole - 0.98).abs() < 1e-6, "{whole}");
        }
    }
}
