//! SVG → PNG, with the shipped font and nothing from the system.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::font;

/// Pixels of the bitmap per pixel of the drawing.
const SCALE: f32 = 2.0;

/// An SVG whose every text the shipped font can draw.
fn drawable(svg: &str) -> String {
    let mut drawn = String::with_capacity(svg.len());
    for part in svg.split_inclusive('>') {
        // Names stand between tags; as attributes there are none.
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        let plain = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if plain.is_ascii() {
            drawn.push_str(text);
        } else {
            drawn.push_str(&font::drawable(text));
        }
        drawn.push_str(tag);
    }
    drawn
}

/// Draws an SVG as a PNG.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, String> {
    let svg = &drawable(svg);
    let options = Options {
        fontdb: font::database(),
        font_family: font::FAMILY.to_owned(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size();
    let (width, height) = ((size.width() * SCALE) as u32, (size.height() * SCALE) as u32);
    let mut pixels = Pixmap::new(width.max(1), height.max(1)).ok_or("the chart has no size")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::report::formatter::Formatter;
    use crate::report::{chart, example};

    #[test]
    fn no_bitmap_asks_for_a_letter_that_its_font_lacks() {
        let mut report_data = example::report_data(12);
        let names =
            ["Lycéens 🎓", "北京 · 学生", "👩🏽‍🎓", "서울 청년", "हिन्दी", "שלום", "ไทย", "日本の若者"];
        for (i, row) in report_data.plan.rows.iter_mut().enumerate() {
            row.segment = format!("{} {i}", names[i % names.len()]);
            row.attributes.insert("interest".to_owned(), names[i % names.len()].to_owned());
        }
        let formatter = Formatter::new(&report_data, Language::Fr);
        for chart in chart::all(&report_data, &formatter) {
            let svg = chart.standalone();
            let shown = drawable(&svg);
            let lacking: Vec<char> =
                shown.chars().filter(|c| !c.is_whitespace() && !font::draws(*c)).collect();
            assert!(lacking.is_empty(), "{}: {lacking:?}", chart.name);
            if chart.name == "budget-change" {
                // A reader's own fonts have them: the drawing keeps the names.
                assert!(svg.contains("北京") && svg.contains("🎓"), "{svg}");
                assert!(shown.contains("Bei Jing") && shown.contains("Lycéens"), "{shown}");
                assert_eq!(shown.matches('<').count(), svg.matches('<').count());
            }
        }
    }
}
