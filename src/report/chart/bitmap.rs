//! SVG → PNG, with the shipped font and nothing from the system.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::font;

/// Pixels of the bitmap per pixel of the drawing.
const SCALE: f32 = 2.0;

/// Draws an SVG as a PNG.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, String> {
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
