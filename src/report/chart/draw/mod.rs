//! How every chart is drawn: canvas, letters, colours, scales, axes, and the bitmap of the same.

pub(crate) mod bitmap;
pub(crate) mod canvas;
pub(crate) mod figure;
pub(crate) mod font;
pub(crate) mod layout;
pub(crate) mod palette;
pub(crate) mod scale;
