//! What charts share: axes, keys, rows with their names, labels that make room for each other.

use plotters::style::RGBColor;

use super::canvas::{Align, Canvas, Type};
use super::font;
use super::palette::{GREY, INK, Mark};
use super::scale::Scale;

/// White space at the left and right of every chart.
pub(crate) const MARGIN: f64 = 16.0;
/// Height of a row in charts with one row per segment.
pub(crate) const ROW: f64 = 20.0;
/// Most rows that a chart shows; its table has them all.
pub(crate) const MOST_ROWS: usize = 30;

/// Vertical grid lines at round numbers, with their numbers above.
pub(crate) fn top_axis(
    canvas: &mut Canvas<'_>,
    scale: &Scale,
    (top, bottom): (f64, f64),
    n: usize,
    write: impl Fn(f64) -> String,
) {
    upright_axis(canvas, scale, (top, bottom, top - 9.0), n, write);
}

/// Vertical grid lines at round numbers, with their numbers below.
pub(crate) fn bottom_axis(
    canvas: &mut Canvas<'_>,
    scale: &Scale,
    (top, bottom): (f64, f64),
    n: usize,
    write: impl Fn(f64) -> String,
) {
    upright_axis(canvas, scale, (top, bottom, bottom + 12.0), n, write);
}

fn upright_axis(
    canvas: &mut Canvas<'_>,
    scale: &Scale,
    (top, bottom, at): (f64, f64, f64),
    n: usize,
    write: impl Fn(f64) -> String,
) {
    let ticks: Vec<(f64, String)> =
        scale.ticks(n).into_iter().map(|tick| (scale.at(tick), write(tick))).collect();
    for (x, _) in &ticks {
        canvas.grid((*x, top), (*x, bottom));
    }
    for (x, words) in roomy(&ticks, 8.0) {
        canvas.words(words, (*x, at), Type::tick(Align::Middle));
    }
}

/// Horizontal grid lines at round numbers, with their numbers at the left.
pub(crate) fn left_axis(
    canvas: &mut Canvas<'_>,
    scale: &Scale,
    (left, right): (f64, f64),
    n: usize,
    write: impl Fn(f64) -> String,
) {
    for tick in scale.ticks(n) {
        let y = scale.at(tick);
        canvas.grid((left, y), (right, y));
        canvas.words(&write(tick), (left - 7.0, y), Type::tick(Align::Right));
    }
}

/// Of numbers wanted below an axis at the given middles, those that leave room for each other, the
/// first and the last round one kept where they can be.
pub(crate) fn roomy(ticks: &[(f64, String)], gap: f64) -> Vec<&(f64, String)> {
    let mut kept: Vec<&(f64, String)> = Vec::new();
    for tick in ticks {
        let half = |text: &str| font::width(text, 11.0, false) / 2.0;
        let free =
            kept.last().is_none_or(|(x, text)| tick.0 - half(&tick.1) >= x + half(text) + gap);
        if free {
            kept.push(tick);
        }
    }
    kept
}

/// Room that the numbers of a left axis need.
pub(crate) fn axis_room(scale: &Scale, n: usize, write: impl Fn(f64) -> String) -> f64 {
    let widths = scale.ticks(n).into_iter().map(|tick| font::width(&write(tick), 11.0, false));
    MARGIN + 9.0 + widths.fold(0.0, f64::max)
}

/// A sign of a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sign {
    /// A point mark.
    Point(Mark, RGBColor),
    /// A dashed line.
    Dashes(RGBColor),
    /// A filled stretch, with its opacity.
    Block(RGBColor, f64),
    /// A hatched stretch.
    Hatch(RGBColor),
}

/// A key on one or more lines right above what it explains; gives the height it takes.
pub(crate) fn key(canvas: &mut Canvas<'_>, top: f64, signs: &[(Sign, String)]) -> f64 {
    let (mut x, mut y) = (MARGIN, top + 8.0);
    for (sign, words) in signs {
        let width = 26.0 + font::width(words, 12.0, false);
        if x + width > super::canvas::WIDTH - MARGIN && x > MARGIN {
            x = MARGIN;
            y += 20.0;
        }
        draw_sign(canvas, *sign, (x, y));
        let colour = match sign {
            Sign::Point(_, colour) | Sign::Dashes(colour) => *colour,
            Sign::Block(..) | Sign::Hatch(_) => INK,
        };
        canvas.words(words, (x + 26.0, y), Type::label(colour, Align::Left));
        x += width + 20.0;
    }
    y + 18.0 - top
}

fn draw_sign(canvas: &mut Canvas<'_>, sign: Sign, (x, y): (f64, f64)) {
    let (left, right, middle) = ((x, y), (x + 20.0, y), (x + 10.0, y));
    match sign {
        Sign::Point(mark, colour) => canvas.mark(mark, middle, 5.0, colour),
        Sign::Dashes(colour) => canvas.dashes(&[left, right], colour, 2.0, 4.0),
        Sign::Block(colour, opacity) => {
            canvas.block((x, y - 6.0), (x + 20.0, y + 6.0), colour, opacity);
            canvas.frame((x, y - 6.0), (x + 20.0, y + 6.0), GREY, 0.8);
        }
        Sign::Hatch(colour) => canvas.hatch((x, y - 6.0), (x + 20.0, y + 6.0), colour),
    }
}

/// Room for the names of rows: as wide as they need, within limits.
pub(crate) fn names_room<'a>(names: impl Iterator<Item = &'a str>, most: f64) -> f64 {
    // In bold, so that either weight fits.
    let widest = names.map(|name| font::width(name, 12.0, true)).fold(0.0, f64::max);
    MARGIN + (widest + 2.0).clamp(60.0, most) + 12.0
}

/// Heights for labels that want to stand at `wanted`, at least `gap` apart, in order, between
/// `top` and `bottom` as far as there is room.
pub(crate) fn apart(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]).then(a.cmp(b)));
    let mut placed = wanted.to_vec();
    let mut least = top;
    for &i in &order {
        placed[i] = placed[i].max(least);
        least = placed[i] + gap;
    }
    let mut most = bottom;
    for &i in order.iter().rev() {
        placed[i] = placed[i].min(most);
        most = placed[i] - gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_never_overlap(wanted in proptest::collection::vec(0.0..300.0_f64, 1..12)) {
            let mut placed = apart(&wanted, 15.0, 0.0, 300.0);
            placed.sort_by(f64::total_cmp);
            for pair in placed.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 15.0 - 1e-9);
            }
            prop_assert!(placed.iter().all(|y| (-1e-9..=300.0 + 1e-9).contains(y)));
        }
    }
}
