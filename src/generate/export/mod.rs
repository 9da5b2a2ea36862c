//! A world's history in the platforms' own formats, one file per format.

mod generic;
mod linkedin;
mod meta;
mod snapchat;
mod table;
mod tiktok;
mod view;
mod x;

pub use view::ExportFile;

use view::Shown;

use rust_xlsxwriter::XlsxError;

use super::delivery::deliver;
use super::world::World;

/// What the exports tell, once each ad and day is counted once.
#[derive(Debug, Clone, PartialEq)]
pub struct Exports {
    /// The files, sorted by name.
    pub files: Vec<ExportFile>,
    /// Money by segment, in cents.
    pub cents: Vec<i64>,
}

/// Writes a world's history as exports of about `rows` rows in all.
///
/// # Errors
///
/// [`XlsxError`] when a sheet would not fit a workbook.
pub fn exports(world: &World, rows: usize) -> Result<Exports, XlsxError> {
    let delivery = deliver(world, rows);
    let told = Shown { world, delivery: &delivery };
    let mut files = Vec::new();
    files.extend(meta::facebook(&told)?);
    files.extend(meta::instagram(&told)?);
    files.extend(linkedin::files(&told));
    files.extend(x::files(&told));
    files.extend(tiktok::files(&told)?);
    files.extend(snapchat::files(&told));
    files.extend(generic::files(&told));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut cents = vec![0; world.segments().len()];
    for line in &delivery.lines {
        cents[line.segment] += line.cents;
    }
    Ok(Exports { files, cents })
}
