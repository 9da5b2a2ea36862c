//! Tables on a terminal.

use std::fmt;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Table, TableStyle, Width, presets,
};
use unicode_width::UnicodeWidthStr;

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

/// A framed table of words, then numbers, then maybe a remark.
///
/// A number is never broken. Where the terminal is too narrow for all columns, the words of a row
/// stand on a line of their own above its numbers, so that nothing is cut and numbers stay aligned.
#[derive(Debug, Clone)]
pub(super) struct Framed {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Leading columns of words.
    words: usize,
    /// Whether the last column is a remark.
    remark: bool,
}

/// Room that a column needs beside its content: padding and a line.
const BESIDE: usize = 3;
/// A word of a header is broken beyond so many characters, the first that fits.
const HEADS: [usize; 4] = [usize::MAX, 12, 10, 8];

/// A framed table; numbers stand on the right from column `numbers` on.
pub(super) fn framed(header: Vec<String>, rows: Vec<Vec<String>>, numbers: usize) -> Framed {
    Framed { header, rows, words: numbers, remark: false }
}

impl Framed {
    /// The last column holds words.
    pub(super) fn with_remark(self) -> Self {
        Self { remark: true, ..self }
    }

    /// The table in lines of at most `width` characters; in its natural width without one.
    fn write(&self, width: Option<u16>) -> String {
        let Some(width) = width else {
            return self.table(presets::UTF8_FULL_CONDENSED).to_string();
        };
        // With words of the header broken in two, words above numbers read better.
        match self.narrow(width, &HEADS[..2]) {
            Some(least) => self.fitted(presets::UTF8_FULL_CONDENSED, width, &least).to_string(),
            None => self.stacked(width),
        }
    }

    /// The least widths that fit, breaking as little of the header as that takes.
    fn narrow(&self, width: u16, heads: &[usize]) -> Option<Vec<usize>> {
        let fits = |least: &Vec<usize>| {
            least.iter().map(|least| least + BESIDE).sum::<usize>() < usize::from(width)
        };
        heads.iter().map(|heads| self.least(*heads)).find(fits)
    }

    /// The widest unbreakable piece of each column; pieces of the header count up to `heads`.
    fn least(&self, heads: usize) -> Vec<usize> {
        (0..self.header.len())
            .map(|column| {
                let body = self.rows.iter().map(|row| longest_word(&row[column])).max();
                body.unwrap_or(0).max(longest_word(&self.header[column]).min(heads))
            })
            .collect()
    }

    fn table(&self, preset: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(preset).set_header(&self.header).add_rows(&self.rows);
        for column in self.words..self.header.len() - usize::from(self.remark) {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn fitted(&self, preset: TableStyle, width: u16, least: &[usize]) -> Table {
        let mut table = self.table(preset);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        for (column, least) in least.iter().enumerate() {
            if let Some(column) = table.column_mut(column) {
                let least = u16::try_from(least + BESIDE - 1).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        table
    }

    /// Words above numbers.
    fn stacked(&self, width: u16) -> String {
        let end = self.header.len() - usize::from(self.remark);
        let numbers = Self {
            header: self.header[self.words..end].to_vec(),
            rows: self.rows.iter().map(|row| row[self.words..end].to_vec()).collect(),
            words: 0,
            remark: false,
        };
        let words = |row: &[String]| {
            let told = row[..self.words].iter().chain(&row[end..]);
            let told: Vec<&str> =
                told.map(String::as_str).filter(|told| !told.is_empty()).collect();
            wrapped(&told.join(" · "), width.into())
        };
        let least = numbers.narrow(width, &HEADS).unwrap_or_else(|| numbers.least(0));
        let table = numbers.fitted(presets::UTF8_HORIZONTAL_ONLY, width, &least);
        let mut above = std::iter::once(&self.header).chain(&self.rows);
        let mut lines: Vec<String> = Vec::new();
        for line in table.lines() {
            let ends = line.starts_with(['─', '═']);
            lines.push(line);
            if ends && let Some(row) = above.next() {
                lines.extend(words(row));
            }
        }
        lines.join("\n")
    }
}

impl fmt::Display for Framed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(Table::new().width()))
    }
}

/// Pieces that may stand on lines of their own; a no-break space keeps its neighbours together.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n'])
}

fn longest_word(text: &str) -> usize {
    pieces(text).map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// A text in lines of at most `width` characters, one space in from the left.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(text) {
        let last = lines.last_mut().expect("there is a line from the start");
        if !last.is_empty() && last.width() + 1 + piece.width() > width {
            lines.push(format!(" {piece}"));
        } else {
            last.push(' ');
            last.push_str(piece);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts() -> Framed {
        let header = ["campagne", "publicité", "dépense", "impressions", "taux"];
        let row = |name: &str, spend: &str, n: &str| {
            [name, "Et après le bac ? 💬", spend, n, "4,46\u{a0}%"].map(str::to_owned).to_vec()
        };
        let rows = vec![
            row("Transports jeunes – Instagram", "15,30\u{a0}€", "1\u{202f}736"),
            row("Santé", "1\u{202f}238,64\u{a0}€", "5\u{202f}400"),
        ];
        framed(header.map(str::to_owned).to_vec(), rows, 2)
    }

    #[test]
    fn a_table_fits_and_never_breaks_a_number() {
        let natural = posts().write(None);
        for width in [48, 56, 64, 80, 100, 160] {
            let text = posts().write(Some(width));
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width.into(), "{widest} > {width}:\n{text}");
            for number in ["1\u{202f}238,64\u{a0}€", "1\u{202f}736", "4,46\u{a0}%"] {
                assert!(text.contains(number), "{width}: {number} is broken:\n{text}");
            }
        }
        assert_eq!(posts().write(Some(160)), natural);
    }

    #[test]
    fn words_stand_above_their_numbers_where_columns_do_not_fit() {
        let text = posts().write(Some(48));
        let at = |part: &str| text.lines().position(|line| line.contains(part)).unwrap();
        assert!(at("Transports") < at("15,30") && at("15,30") < at("Santé"), "{text}");
        assert!(at("campagne · publicité") < at("impressi"), "{text}");
    }
}
