//! Tables on a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// A table as wide as the terminal; `otherwise` columns wide where there is none.
pub(super) fn fitting(otherwise: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(otherwise);
    }
    table
}

/// A framed table that fits the terminal; numbers stand on the right from column `numbers` on.
pub(super) fn framed(header: Vec<String>, rows: Vec<Vec<String>>, numbers: usize) -> Table {
    let columns = header.len();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header)
        .add_rows(rows);
    for column in numbers..columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
