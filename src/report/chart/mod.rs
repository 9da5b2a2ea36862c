//! Charts, one per file: each is drawn once as SVG, and its PNG is made from that SVG.
//!
//! A chart is a finding: its title says what it shows, its alternative text what to see in it,
//! and its table holds every number. To add one, copy [`weekly_fan`], and name it in [`all`].

mod active_or_followers;
mod bitmap;
mod budget_change;
mod budget_curve;
mod calibration;
mod canvas;
mod carbon_frontier;
mod compare_promise;
mod compare_split;
mod font;
mod heat_map;
mod layout;
mod marginal_return;
mod outcome_distribution;
mod palette;
mod predicted_observed;
mod promise_kept;
mod response_curves;
mod review_causes;
mod review_segments;
mod scale;
mod split;
mod week_on_week;
mod weekly_fan;
mod weight_sensitivity;

use rayon::prelude::*;

use self::canvas::{Align, Canvas, FINE, Type};
use self::palette::{GREY, INK};
use super::compare::Run;
use super::dossier::Dossier;
use super::table::Table;
use super::voice::{Voice, clean};
use crate::review::Review;

/// Width of every chart in pixels.
pub const WIDTH: f64 = 800.0;

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

type Drawer = fn(&Dossier, &Voice) -> Option<Chart>;

/// All charts that a dossier has data for, in the order of the report.
#[must_use]
pub fn all(dossier: &Dossier, voice: &Voice) -> Vec<Chart> {
    let drawers: [Drawer; 15] = [
        split::chart,
        budget_change::chart,
        response_curves::chart,
        marginal_return::chart,
        outcome_distribution::chart,
        weekly_fan::chart,
        budget_curve::chart,
        carbon_frontier::chart,
        weight_sensitivity::chart,
        active_or_followers::chart,
        heat_map::chart,
        week_on_week::chart,
        predicted_observed::chart,
        calibration::chart,
        promise_kept::chart,
    ];
    let charts: Vec<Option<Chart>> =
        drawers.par_iter().map(|drawer| drawer(dossier, voice)).collect();
    charts.into_iter().flatten().collect()
}

/// The charts of a finished flight: why it differs from its promise, and where.
#[must_use]
pub fn of_review(review: &Review, voice: &Voice) -> Vec<Chart> {
    let segments = review_segments::chart(review, voice);
    [review_causes::chart(review, voice)].into_iter().chain(segments).collect()
}

/// The promises of several runs.
#[must_use]
pub fn of_promises(runs: &[Run<'_>], voice: &Voice) -> Option<Chart> {
    compare_promise::chart(runs, voice)
}

/// What two runs give to each segment.
#[must_use]
pub fn of_splits(before: &Run<'_>, after: &Run<'_>, voice: &Voice) -> Option<Chart> {
    compare_split::chart(before, after, voice)
}

/// The words of a chart, by the keys `chart-<name>-title`, `-sub` and `-alt`.
struct Words {
    title: String,
    subtitle: String,
    alternative: String,
}

impl Words {
    fn new(voice: &Voice, name: &str, arguments: &[(&str, &str)]) -> Self {
        Self::variant(voice, name, [""; 3], arguments)
    }

    /// The same in the variant of title, subtitle and alternative text that the facts ask for:
    /// `-alone` for `chart-<name>-title-alone`, nothing for the usual one.
    fn variant(
        voice: &Voice,
        name: &str,
        [title, subtitle, alternative]: [&str; 3],
        arguments: &[(&str, &str)],
    ) -> Self {
        let say = |part: &str, variant: &str| {
            voice.say(&format!("chart-{name}-{part}{variant}"), arguments)
        };
        Self {
            title: say("title", title),
            subtitle: say("sub", subtitle),
            alternative: say("alt", alternative),
        }
    }
}

impl Chart {
    fn new(
        name: &'static str,
        words: Words,
        table: Table,
        height: f64,
        paint: impl FnOnce(&mut Canvas<'_>),
    ) -> Self {
        Self::sized(name, words, table, (WIDTH, height), paint)
    }

    fn sized(
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
struct Head {
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

fn escape(text: &str) -> String {
    let text = clean(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
