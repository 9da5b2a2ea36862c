//! Tables on a terminal: they fit it, no number and no word is broken, long names are shortened in
//! the middle.

use std::borrow::Cow;
use std::fmt;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::language;

/// Columns of text where neither the terminal nor `COLUMNS` tells.
const USUAL: usize = 80;
/// Room that a column needs beside its content, and what stands between two columns.
const BESIDE: usize = 2;
const BETWEEN: usize = 1;
/// A column of words keeps at least so many characters beside numbers.
const LEAST_WORDS: usize = 16;
/// A name takes at most so many lines.
const NAME_LINES: usize = 2;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Names: a long one is shortened in the middle.
    Name,
    /// Sentences: they take the lines they need.
    Words,
    /// Numbers: flush right, never broken.
    Number,
}

/// A table of names and words, and numbers beside them.
///
/// Where the terminal is too narrow for all columns, the words of a row stand on a line of their
/// own above its numbers; where even the numbers do not fit, they follow one another, each behind its
/// head.
#[derive(Debug, Clone)]
pub(crate) struct Framed {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    kinds: Vec<Kind>,
}

/// A table of names first and numbers from column `numbers` on.
pub(crate) fn framed(header: Vec<String>, rows: Vec<Vec<String>>, numbers: usize) -> Framed {
    let kind = |column| if column < numbers { Kind::Name } else { Kind::Number };
    let kinds = (0..header.len()).map(kind).collect();
    of(header, rows, kinds)
}

/// A table whose columns are of the given kinds.
pub(crate) fn of(header: Vec<String>, mut rows: Vec<Vec<String>>, kinds: Vec<Kind>) -> Framed {
    for cell in rows.iter_mut().flatten() {
        if let Cow::Owned(fits) = language::shortened(cell) {
            *cell = fits;
        }
    }
    Framed { header, rows, kinds }
}

impl Framed {
    /// The last column holds words.
    pub(crate) fn with_remark(mut self) -> Self {
        if let Some(last) = self.kinds.last_mut() {
            *last = Kind::Words;
        }
        self
    }

    /// The table in lines of at most `width` characters.
    fn write(&self, width: usize) -> String {
        if let Some(widths) = self.widths(width) {
            return self.table(&widths).to_string();
        }
        let numbers = self.only(|kind| kind == Kind::Number);
        match numbers.widths(width) {
            Some(widths) if !widths.is_empty() => self.stacked(&numbers.table(&widths), width),
            _ => self.listed(width),
        }
    }

    /// The columns of some kinds alone.
    fn only(&self, keep: impl Fn(Kind) -> bool) -> Self {
        let kept = |cells: &[String]| -> Vec<String> {
            let cells = cells.iter().zip(&self.kinds).filter(|(_, kind)| keep(**kind));
            cells.map(|(cell, _)| cell.clone()).collect()
        };
        Self {
            header: kept(&self.header),
            rows: self.rows.iter().map(|row| kept(row)).collect(),
            kinds: self.kinds.iter().copied().filter(|kind| keep(*kind)).collect(),
        }
    }

    /// Widths of the contents of all columns, when nothing needs to be broken.
    fn widths(&self, width: usize) -> Option<Vec<usize>> {
        let columns = 0..self.header.len();
        let n = self.header.len();
        let room = width.checked_sub(BESIDE * n + BETWEEN * n.saturating_sub(1))?;
        let natural: Vec<usize> =
            columns.clone().map(|column| self.widest(column, false)).collect();
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        let least = |column: usize| match self.kinds[column] {
            Kind::Number => self.widest(column, true),
            Kind::Name | Kind::Words => {
                let head = longest_word(&self.header[column]);
                natural[column].min(LEAST_WORDS).max(head)
            }
        };
        let mut widths: Vec<usize> = columns.map(least).collect();
        let mut left = room.checked_sub(widths.iter().sum())?;
        // What is left goes to the columns that lack most, one character after the other.
        while left > 0 {
            let lacks = |column: &usize| natural[*column].saturating_sub(widths[*column]);
            let Some(column) = (0..widths.len()).rev().max_by_key(lacks) else { break };
            if lacks(&column) == 0 {
                break;
            }
            widths[column] += 1;
            left -= 1;
        }
        Some(widths)
    }

    /// The widest cell of a column; of its head only the longest word where `folded`.
    fn widest(&self, column: usize, folded: bool) -> usize {
        let head = &self.header[column];
        let head = if folded { longest_word(head) } else { head.width() };
        let line = |cell: &str| cell.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0);
        self.rows.iter().map(|row| line(&row[column])).max().unwrap_or(0).max(head)
    }

    fn table(&self, widths: &[usize]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX);
        table.set_header(&self.header);
        for row in &self.rows {
            let cells = row.iter().zip(&self.kinds).zip(widths);
            table.add_row(cells.map(|((cell, kind), width)| match kind {
                Kind::Number => cell.clone(),
                Kind::Name => within(&shortened(cell, NAME_LINES * width), *width),
                Kind::Words => within(cell, *width),
            }));
        }
        for ((i, kind), width) in self.kinds.iter().enumerate().zip(widths) {
            let Some(column) = table.column_mut(i) else { continue };
            let width = u16::try_from(width + BESIDE).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            if *kind == Kind::Number {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    /// What stands above the numbers of each row, the heads first.
    fn above(&self, width: usize) -> impl Iterator<Item = Vec<String>> {
        let words = self.only(|kind| kind != Kind::Number);
        let kinds = words.kinds.clone();
        std::iter::once(words.header).chain(words.rows).map(move |row| {
            let told = row.iter().zip(&kinds).filter(|(cell, _)| !cell.is_empty());
            let told: Vec<String> = told
                .map(|(cell, kind)| match kind {
                    Kind::Name => shortened(cell, NAME_LINES * (width - 1)),
                    _ => cell.clone(),
                })
                .collect();
            wrapped(&told.join(" · "), width - 1)
                .into_iter()
                .map(|line| format!(" {line}"))
                .collect()
        })
    }

    /// Words above numbers.
    fn stacked(&self, numbers: &Table, width: usize) -> String {
        let mut above = self.above(width);
        let mut lines: Vec<String> = Vec::new();
        for line in numbers.lines() {
            let ends = line.starts_with(['─', '═']);
            lines.push(line);
            if ends && let Some(row) = above.next() {
                lines.extend(row);
            }
        }
        lines.join("\n")
    }

    /// Words, then the numbers in a sentence, each behind its head.
    fn listed(&self, width: usize) -> String {
        let numbers = self.only(|kind| kind == Kind::Number);
        let (rule, room) = ("─".repeat(width), width.saturating_sub(3).max(1));
        let mut lines = vec![rule.clone()];
        for (words, row) in self.above(width).skip(1).zip(&numbers.rows) {
            lines.extend(words);
            let figure = |(head, number): (&String, &String)| {
                let whole = number.replace(' ', "\u{a0}");
                format!("{head} {}", if whole.width() <= room { &whole } else { number })
            };
            let figures: Vec<String> = numbers.header.iter().zip(row).map(figure).collect();
            let told = wrapped(&figures.join(" · "), room);
            lines.extend(told.into_iter().map(|line| format!("   {line}")));
            lines.push(rule.clone());
        }
        lines.join("\n")
    }
}

impl fmt::Display for Framed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(room()))
    }
}

/// Columns of the terminal; those that `COLUMNS` tells where the answer goes elsewhere.
fn room() -> usize {
    let told = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let width = Table::new().width().map(usize::from).or_else(told);
    width.filter(|width| *width >= 20).unwrap_or(USUAL)
}

/// A text in lines that fit the terminal, the first begun with `first`, the others with `next`.
pub(crate) fn paragraph(text: &str, first: &str, next: &str) -> String {
    let width = room().saturating_sub(first.width().max(next.width())).max(1);
    let lines = wrapped(text, width).into_iter().enumerate();
    let begun = |(i, line): (usize, String)| format!("{}{line}", if i == 0 { first } else { next });
    lines.map(begun).collect::<Vec<_>>().join("\n").replace(GLUE, " ")
}

/// Stands in the place of a space at which [`paragraph`] breaks no line.
pub(crate) const GLUE: char = '\u{e000}';

/// Pieces that may stand on lines of their own; a no-break space keeps its neighbours together.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n'])
}

fn longest_word(text: &str) -> usize {
    pieces(text).map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// A text of at most `width` columns: its beginning and its end, which tell names apart.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let fitting = |letters: &mut dyn Iterator<Item = char>, room: usize| -> String {
        let mut used = 0;
        letters
            .take_while(|letter| {
                used += letter.width().unwrap_or(0);
                used <= room
            })
            .collect()
    };
    let start = fitting(&mut text.chars(), room.div_ceil(2));
    let end: String = fitting(&mut text.chars().rev(), room / 2).chars().rev().collect();
    format!("{start}…{end}")
}

/// A text whose every piece fits in `width` columns.
fn within(text: &str, width: usize) -> String {
    if longest_word(text) <= width {
        return text.to_owned();
    }
    let line = |line: &str| {
        line.split(' ').map(|piece| shortened(piece, width)).collect::<Vec<_>>().join(" ")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A text in lines of at most `width` columns.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(&within(text, width)) {
        let last = lines.last_mut().expect("there is a line from the start");
        if last.is_empty() {
            last.push_str(piece);
        } else if last.width() + 1 + piece.width() > width {
            lines.push(piece.to_owned());
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
        let header = ["campagne", "publicité", "dépense", "impressions", "taux d’engagement"];
        let row = |name: &str, spend: &str, n: &str| {
            [name, "Et après le bac ? 💬", spend, n, "4,46\u{a0}%"].map(str::to_owned).to_vec()
        };
        let rows = vec![
            row("Transports jeunes – Instagram", "15,30\u{a0}€", "1\u{202f}736"),
            row(&"2026_orientation_lycée_".repeat(12), "15,30\u{a0}€", "1\u{202f}736"),
            row("東京都 若者 ".repeat(9).trim(), "1\u{202f}238,64\u{a0}€", "5\u{202f}400"),
        ];
        framed(header.map(str::to_owned).to_vec(), rows, 2)
    }

    #[test]
    fn a_table_fits_and_breaks_neither_number_nor_head() {
        for width in [20, 24, 32, 40, 48, 56, 60, 64, 72, 80, 100, 160, 1000] {
            let text = posts().write(width);
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width, "{widest} > {width}:\n{text}");
            let whole = ["1\u{202f}238,64\u{a0}€", "1\u{202f}736", "4,46\u{a0}%", "impressions"];
            for word in whole.into_iter().chain(["dépense", "d’engagement"]) {
                assert!(text.contains(word), "{width}: {word} is broken:\n{text}");
            }
        }
    }

    #[test]
    fn words_stand_above_their_numbers_where_columns_do_not_fit() {
        let text = posts().write(48);
        let at = |part: &str| text.lines().position(|line| line.contains(part)).unwrap();
        assert!(at("Transports") < at("15,30") && at("15,30") < at("2026_"), "{text}");
        assert!(at("campagne · publicité") < at("impressions"), "{text}");
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("orientation_2026_video", 11), "orien…video");
        assert_eq!(shortened("東京都若者向け広告", 9), "東京…広告");
        assert_eq!(shortened("court", 5), "court");
    }

    #[test]
    fn sentences_keep_all_their_words() {
        let reason = "Le prochain euro rapporte moins ici qu’ailleurs. ".repeat(6);
        let rows = vec![vec!["tiktok · 18-24".to_owned(), "12\u{a0}€".to_owned(), reason.clone()]];
        let header = ["Audience", "Budget", "Pourquoi"].map(str::to_owned).to_vec();
        let text = framed(header, rows, 1).with_remark().write(60);
        assert_eq!(text.matches("rapporte").count(), 6, "{text}");
        assert!(text.lines().all(|line| line.width() <= 60), "{text}");
    }
}
