//! A chart with everything that belongs to it: drawing, words, table.

use super::canvas::{Align, Canvas, FINE, Type, WIDTH};
use super::palette::{GREY, INK};
use super::{bitmap, canvas, font, layout};
use crate::report::formatter::{Formatter, clean};
use crate::report::sheets::table::Table;

/// A chart with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Its file name, without ending.
    pub name: &'static str,
    /// What it finds, in a sentence.
    pub title: String,
    /// What is drawn: quantity, unit, period.
    pub subtitle: String,
    /// What a person who cannot see it must know.
    pub alternative: String,
    /// Its numbers.
    pub table: Table,
    /// Width of the drawing in pixels.
    width: f64,
    /// Height of the drawing in pixels, without the head.
    height: f64,
    /// SVG elements of the drawing.
    body: String,
}

/// The words of a chart, by the keys `chart-<name>-title`, `-sub` and `-alt`.
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) alternative: String,
}

impl Words {
    pub(crate) fn new(formatter: &Formatter, name: &str, arguments: &[(&str, &str)]) -> Self {
        Self::variant(formatter, name, [""; 3], arguments)
    }

    /// The same in the variant of title, subtitle and alternative text that the facts ask for:
    /// `-alone` for `chart-<name>-title-alone`, nothing for the usual one.
    pub(crate) fn variant(
        formatter: &Formatter,
        name: &str,
        [title, subtitle, alternative]: [&str; 3],
        arguments: &[(&str, &str)],
    ) -> Self {
        let say = |part: &str, variant: &str| {
            formatter.say(&format!("chart-{name}-{part}{variant}"), arguments)
        };
        Self {
            title: say("title", title),
            subtitle: say("sub", subtitle),
            alternative: say("alt", alternative),
        }
    }
}

impl Chart {
    pub(crate) fn new(
        name: &'static str,
        words: Words,
        table: Table,
        height: f64,
        paint: impl FnOnce(&mut Canvas<'_>),
    ) -> Self {
        Self::sized(name, words, table, (WIDTH, height), paint)
    }

    pub(crate) fn sized(
        name: &'static str,
        words: Words,
        table: Table,
        (width, height): (f64, f64),
        paint: impl FnOnce(&mut Canvas<'_>),
    ) -> Self {
        let body = canvas::draw(width, height, paint);
        let Words { title, subtitle, alternative } = words;
        Self { name, title, subtitle, alternative, table, width, height, body }
    }

    /// Height of the drawing in pixels, without title and subtitle.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The drawing alone, for a page that shows title and subtitle itself.
    #[must_use]
    pub fn inline(&self) -> String {
        self.frame(self.height, &self.body)
    }

    /// The drawing with its title and subtitle, as a file of its own.
    #[must_use]
    pub fn standalone(&self) -> String {
        let head = Head::of(self);
        let words = canvas::draw(self.width, head.height, |canvas| head.paint(canvas));
        let down = head.height * FINE;
        let body = format!("{words}<g transform=\"translate(0 {down})\">\n{}</g>\n", self.body);
        self.frame(head.height + self.height, &body)
    }

    fn frame(&self, height: f64, body: &str) -> String {
        let (name, width) = (self.name, self.width);
        let (view_width, view_height) = (width * FINE, height * FINE);
        let (title, text) = (escape(&self.title), escape(&self.alternative));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {view_width} {view_height}\" role=\"img\" \
             aria-labelledby=\"{name}-title {name}-desc\">\n\
             <title id=\"{name}-title\">{title}</title>\n<desc id=\"{name}-desc\">{text}</desc>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n{body}</svg>\n"
        )
    }

    /// The standalone drawing as a PNG, twice as many pixels each way.
    ///
    /// # Errors
    ///
    /// A text of the SVG library, should it refuse what plotters wrote.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        bitmap::png(&self.standalone())
    }
}

/// Title and subtitle above a standalone drawing.
pub(crate) struct Head {
    title: Vec<String>,
    subtitle: Vec<String>,
    height: f64,
}

impl Head {
    const TITLE: Type = Type { size: 19.0, colour: INK, bold: true, align: Align::Left };
    const SUBTITLE: Type = Type { size: 13.0, colour: GREY, bold: false, align: Align::Left };

    fn of(chart: &Chart) -> Self {
        let room = chart.width - 2.0 * layout::MARGIN;
        let title = font::wrap(&chart.title, Self::TITLE.size, true, room);
        let subtitle = font::wrap(&chart.subtitle, Self::SUBTITLE.size, false, room);
        let height = 24.0 + 25.0 * title.len() as f64 + 18.0 * subtitle.len() as f64;
        Self { title, subtitle, height }
    }

    fn paint(&self, canvas: &mut Canvas<'_>) {
        let mut y = 24.0;
        for line in &self.title {
            canvas.words(line, (layout::MARGIN, y), Self::TITLE);
            y += 25.0;
        }
        y -= 2.0;
        for line in &self.subtitle {
            canvas.words(line, (layout::MARGIN, y), Self::SUBTITLE);
            y += 18.0;
        }
    }
}

pub(crate) fn escape(text: &str) -> String {
    let text = clean(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
