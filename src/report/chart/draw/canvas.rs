//! A sheet to draw on in pixels, put down as SVG by plotters.

use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle,
};

use super::font;
use super::palette::{GREY, GRID, Mark, WHITE};
use crate::report::formatter::clean;

/// Plotters has whole coordinates; ten of them to a pixel keep curves smooth.
pub(crate) const FINE: f64 = 10.0;

/// A point as plotters takes it.
type BackendCoord = (i32, i32);

/// A point in pixels from the upper left corner.
pub(crate) type Point = (f64, f64);

/// Where words stand against their point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// The point is at their left.
    Left,
    /// The point is at their middle.
    Middle,
    /// The point is at their right.
    Right,
}

/// How words are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Type {
    /// Height in pixels.
    pub(crate) size: f64,
    /// Colour.
    pub(crate) colour: RGBColor,
    /// Bold.
    pub(crate) bold: bool,
    /// Side of the point.
    pub(crate) align: Align,
}

impl Type {
    /// Ordinary labels.
    pub(crate) const fn label(colour: RGBColor, align: Align) -> Self {
        Self { size: 12.0, colour, bold: false, align }
    }

    /// Numbers at an axis.
    pub(crate) const fn tick(align: Align) -> Self {
        Self { size: 11.0, colour: GREY, bold: false, align }
    }

    /// The same in bold.
    pub(crate) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// The same in another size.
    pub(crate) const fn size(self, size: f64) -> Self {
        Self { size, ..self }
    }
}

/// A sheet to draw on.
pub(crate) struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

/// Draws on a sheet of the given size and gives the SVG elements, without their frame.
pub(crate) fn draw(width: f64, height: f64, paint: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut svg = String::new();
    let size = ((width * FINE) as u32, (height * FINE) as u32);
    paint(&mut Canvas { backend: SVGBackend::with_string(&mut svg, size) });
    let inner = svg.split_once('\n').map_or("", |(_frame, inner)| inner);
    inner.trim_end().strip_suffix("</svg>").unwrap_or(inner).to_owned()
}

fn fine((x, y): Point) -> BackendCoord {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn stroke(colour: RGBAColor, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour, filled: false, stroke_width: (width * FINE).round() as u32 }
}

fn fill(colour: RGBAColor) -> ShapeStyle {
    ShapeStyle { color: colour, filled: true, stroke_width: 0 }
}

fn solid(colour: RGBColor) -> RGBAColor {
    faint(colour, 1.0)
}

fn faint(RGBColor(r, g, b): RGBColor, opacity: f64) -> RGBAColor {
    RGBAColor(r, g, b, opacity)
}

// Each call below writes into a string, which cannot fail; plotters' answer carries nothing.
impl Canvas<'_> {
    /// A straight line.
    pub(crate) fn line(&mut self, from: Point, to: Point, colour: RGBColor, width: f64) {
        let _ = self.backend.draw_line(fine(from), fine(to), &stroke(solid(colour), width));
    }

    /// A thin grid line.
    pub(crate) fn grid(&mut self, from: Point, to: Point) {
        self.line(from, to, GRID, 1.0);
    }

    /// A line through points.
    pub(crate) fn path(&mut self, points: &[Point], colour: RGBColor, width: f64) {
        let points: Vec<BackendCoord> = points.iter().copied().map(fine).collect();
        let _ = self.backend.draw_path(points, &stroke(solid(colour), width));
    }

    /// A line of dashes through points; `dash` pixels on, as many off.
    pub(crate) fn dashes(&mut self, points: &[Point], colour: RGBColor, width: f64, dash: f64) {
        let mut travelled = 0.0;
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let length = (x1 - x0).hypot(y1 - y0);
            let mut at = 0.0;
            while at < length {
                let phase = (travelled + at) % (2.0 * dash);
                let rest = if phase < dash { dash - phase } else { 2.0 * dash - phase };
                let end = (at + rest.max(0.1)).min(length);
                if phase < dash {
                    let on = |d: f64| (x0 + (x1 - x0) * d / length, y0 + (y1 - y0) * d / length);
                    self.line(on(at), on(end), colour, width);
                }
                at = end;
            }
            travelled += length;
        }
    }

    /// A filled rectangle from its upper left to its lower right corner.
    pub(crate) fn block(&mut self, from: Point, to: Point, colour: RGBColor, opacity: f64) {
        let _ = self.backend.draw_rect(fine(from), fine(to), &fill(faint(colour, opacity)), true);
    }

    /// The outline of a rectangle.
    pub(crate) fn frame(&mut self, from: Point, to: Point, colour: RGBColor, width: f64) {
        let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
        self.path(&corners, colour, width);
    }

    /// A rectangle of slanting lines, for what must differ from a filled one without colour.
    pub(crate) fn hatch(&mut self, from: Point, to: Point, colour: RGBColor) {
        let height = to.1 - from.1;
        let mut x = from.0 - height;
        while x < to.0 {
            let (left, right) = (x.max(from.0), (x + height).min(to.0));
            if right > left {
                self.line((left, to.1 - (left - x)), (right, to.1 - (right - x)), colour, 1.0);
            }
            x += 5.0;
        }
        self.frame(from, to, colour, 1.0);
    }

    /// A filled polygon.
    pub(crate) fn area(&mut self, points: &[Point], colour: RGBColor, opacity: f64) {
        let points: Vec<BackendCoord> = points.iter().copied().map(fine).collect();
        let _ = self.backend.fill_polygon(points, &fill(faint(colour, opacity)));
    }

    /// A disc.
    pub(crate) fn disc(&mut self, at: Point, radius: f64, colour: RGBColor, opacity: f64) {
        let radius = (radius * FINE) as u32;
        let _ = self.backend.draw_circle(fine(at), radius, &fill(faint(colour, opacity)), true);
    }

    /// A circle line around white.
    pub(crate) fn ring(&mut self, at: Point, radius: f64, colour: RGBColor) {
        self.disc(at, radius, WHITE, 1.0);
        let style = stroke(solid(colour), 1.8);
        let _ = self.backend.draw_circle(fine(at), (radius * FINE) as u32, &style, false);
    }

    /// A point mark.
    pub(crate) fn mark(&mut self, mark: Mark, (x, y): Point, r: f64, colour: RGBColor) {
        match mark {
            Mark::Disc => self.disc((x, y), r, colour, 1.0),
            Mark::Ring => self.ring((x, y), r, colour),
            Mark::Square => {
                let (from, to) = ((x - r, y - r), (x + r, y + r));
                self.block(from, to, WHITE, 1.0);
                self.frame(from, to, colour, 1.8);
            }
            Mark::Triangle => {
                self.area(&[(x, y - r), (x + r, y + r), (x - r, y + r)], colour, 1.0);
            }
            Mark::Diamond => {
                let r = 1.25 * r;
                self.area(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour, 1.0);
            }
        }
    }

    /// Words on one line, their middle height at the point.
    pub(crate) fn words(&mut self, text: &str, at: Point, kind: Type) {
        self.set(text, at, kind);
    }

    /// Words on one line, shortened in their middle when they are wider than `room`.
    pub(crate) fn fitted(&mut self, text: &str, at: Point, room: f64, kind: Type) {
        self.words(&font::fit(text, kind.size, kind.bold, room), at, kind);
    }

    fn set(&mut self, text: &str, at: Point, kind: Type) {
        let style = if kind.bold { FontStyle::Bold } else { FontStyle::Normal };
        // The backend divides by 1.24 what it writes as font size.
        let font = FontDesc::new(FontFamily::Name(font::STACK), kind.size * FINE * 1.24, style);
        let side = match kind.align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = TextStyle::from(font).color(&kind.colour).pos(Pos::new(side, VPos::Center));
        // Control characters would make the file ill-formed XML.
        let _ = self.backend.draw_text(&clean(text), &style, fine(at));
    }
}

/// Width of every chart in pixels.
pub(crate) const WIDTH: f64 = 800.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::draw::palette::BLUE;

    #[test]
    fn words_cannot_leave_their_element() {
        let svg = draw(10.0, 10.0, |canvas| {
            canvas.words("</text><script>x", (1.0, 1.0), Type::label(BLUE, Align::Left));
        });
        assert!(svg.contains("&lt;/text&gt;&lt;script&gt;x"), "{svg}");
        assert!(!svg.contains("<script>"));
    }

    #[test]
    fn dashes_cover_about_half_of_a_line_and_end_with_it() {
        let svg = draw(120.0, 10.0, |canvas| {
            canvas.dashes(&[(0.0, 5.0), (100.0, 5.0)], BLUE, 1.0, 5.0);
        });
        assert_eq!(svg.matches("<line").count(), 10);
        assert!(svg.contains("x1=\"900\"") && !svg.contains("x2=\"1000\""), "{svg}");
    }
}
