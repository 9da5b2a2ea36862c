//! Colours and marks that stay apart for every eye, on screen and in print.
//!
//! Hues after Okabe and Ito (2008), darkened until each has a contrast of at least 4.5 : 1 with
//! white, so that the same colour serves marks and words (WCAG 2.1, 1.4.3 and 1.4.11). What a
//! colour says, a shape or a word says too.

use plotters::style::RGBColor;

/// Words and strong lines.
pub(crate) const INK: RGBColor = RGBColor(0x1b, 0x1b, 0x1f);
/// Secondary words and axes.
pub(crate) const GREY: RGBColor = RGBColor(0x5b, 0x5b, 0x63);
/// Grid lines: decoration, read by nobody.
pub(crate) const GRID: RGBColor = RGBColor(0xdd, 0xdf, 0xe3);
/// Lines that only accompany a mark: what they say, the mark says too.
pub(crate) const FAINT: RGBColor = RGBColor(0xb4, 0xb9, 0xc2);
/// What the history has already seen.
pub(crate) const SEEN: RGBColor = RGBColor(0xee, 0xf0, 0xf3);
/// The plan.
pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x62, 0x9b);
/// The last split, and what was.
pub(crate) const ORANGE: RGBColor = RGBColor(0xb3, 0x4a, 0x00);
/// A third series.
pub(crate) const GREEN: RGBColor = RGBColor(0x00, 0x73, 0x55);
/// A fourth series.
pub(crate) const PURPLE: RGBColor = RGBColor(0x8a, 0x3a, 0x78);
/// Paper.
pub(crate) const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// Shapes of point marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A filled disc.
    Disc,
    /// A hollow square.
    Square,
    /// A filled triangle.
    Triangle,
    /// A filled diamond.
    Diamond,
    /// A hollow ring.
    Ring,
}

/// Colour and mark of the `n`-th series: the pair never repeats within what a chart shows.
pub(crate) fn series(n: usize) -> (RGBColor, Mark) {
    let colours = [BLUE, ORANGE, GREEN, PURPLE, GREY];
    let marks = [Mark::Disc, Mark::Square, Mark::Triangle, Mark::Diamond, Mark::Ring];
    (colours[n % colours.len()], marks[(n + n / colours.len()) % marks.len()])
}

/// The colour at `share` (0 to 1) of a single-hue scale from pale to dark.
pub(crate) fn ramp(share: f64) -> RGBColor {
    let stops = [(0xe8, 0xf1, 0xf8), (0x9c, 0xc7, 0xe3), (0x3b, 0x8d, 0xc2), (0x00, 0x4b, 0x7d)];
    let place = share.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let from = (place as usize).min(stops.len() - 2);
    let t = place - from as f64;
    let mix = |a: i32, b: i32| (f64::from(a) + t * f64::from(b - a)).round() as u8;
    let (low, high) = (stops[from], stops[from + 1]);
    RGBColor(mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}

/// Contrast ratio of two colours (WCAG 2.1, "contrast ratio").
pub(crate) fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Black or white: one of them always has a contrast of at least 4.58 : 1 with a background.
pub(crate) fn readable_on(background: RGBColor) -> RGBColor {
    let black = RGBColor(0, 0, 0);
    if contrast(black, background) >= contrast(WHITE, background) { black } else { WHITE }
}

/// Relative luminance of sRGB (WCAG 2.1).
fn luminance(RGBColor(r, g, b): RGBColor) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_has_its_published_ends() {
        // WCAG 2.1: black on white is 21 : 1; #767676 on white is the lightest grey of 4.54 : 1.
        assert!((contrast(RGBColor(0, 0, 0), WHITE) - 21.0).abs() < 1e-9);
        assert!((contrast(RGBColor(0x76, 0x76, 0x76), WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_colour_of_words_and_marks_can_be_read_on_paper_and_on_what_was_seen() {
        for colour in [INK, GREY, BLUE, ORANGE, GREEN, PURPLE] {
            for ground in [WHITE, SEEN] {
                assert!(contrast(colour, ground) >= 4.5, "{colour:?} on {ground:?}");
            }
        }
        for step in 0..=20 {
            let ground = ramp(f64::from(step) / 20.0);
            assert!(contrast(readable_on(ground), ground) >= 4.5, "{step}");
        }
    }

    #[test]
    fn series_differ_in_colour_and_in_shape() {
        for n in 0..4 {
            assert_ne!(series(n).0, series(n + 1).0);
            assert_ne!(series(n).1, series(n + 1).1);
        }
        assert_ne!(series(0), series(5));
    }
}
