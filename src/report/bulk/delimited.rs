//! Delimited text whose cells can be replaced while every other byte stays.

use std::ops::Range;

use super::BulkError;

/// How the file's bytes make text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// UTF-8, with or without its mark.
    Utf8,
    /// UTF-16, little end first, with its mark.
    Utf16Le,
    /// UTF-16, big end first, with its mark.
    Utf16Be,
}

/// A delimited file: its text, and where each cell stands in it.
#[derive(Debug, Clone)]
pub(super) struct Delimited {
    encoding: Encoding,
    text: String,
    separator: char,
    /// Rows of cells, the head first: place of each cell in the text, quotes included.
    rows: Vec<Vec<Range<usize>>>,
    /// Cells as they read, without quotes.
    values: Vec<Vec<String>>,
    /// Line of the file on which each row starts, from 1.
    lines: Vec<usize>,
}

impl Delimited {
    /// Reads a file and finds its separator by the head that must be there.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, BulkError> {
        let (encoding, text) = decode(bytes).ok_or(BulkError::Encoding)?;
        let first = text.lines().next().unwrap_or_default();
        let separator = ['\t', ';', ',']
            .into_iter()
            .max_by_key(|separator| (first.matches(*separator).count(), *separator == ','))
            .unwrap_or(',');
        let mut file = Self {
            encoding,
            text,
            separator,
            rows: Vec::new(),
            values: Vec::new(),
            lines: Vec::new(),
        };
        file.find_cells();
        let wide = file.rows.first().map_or(0, Vec::len);
        match file.rows.iter().position(|row| row.len() != wide) {
            Some(row) => Err(BulkError::Ragged {
                line: file.lines[row],
                found: file.rows[row].len(),
                expected: wide,
            }),
            None => Ok(file),
        }
    }

    fn find_cells(&mut self) {
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        let mark = self.mark();
        let (mut row, mut cell, mut line) = (Vec::new(), mark, 1);
        let (mut quoted, mut started) = (false, 1);
        for (at, letter) in self.text.char_indices().filter(|(at, _)| *at >= mark) {
            match letter {
                '"' => quoted = !quoted,
                _ if letter == self.separator && !quoted => {
                    row.push(cell..at);
                    cell = at + 1;
                }
                '\n' if !quoted => {
                    let has_return = self.text[cell..at].ends_with('\r');
                    row.push(cell..at - usize::from(has_return));
                    rows.push(std::mem::take(&mut row));
                    lines.push(started);
                    cell = at + 1;
                    started = line + 1;
                }
                _ => {}
            }
            line += usize::from(letter == '\n');
        }
        if cell < self.text.len() || !row.is_empty() {
            row.push(cell..self.text.len());
            rows.push(row);
            lines.push(started);
        }
        let read = |range: &Range<usize>| unquote(&self.text[range.clone()]);
        self.values = rows.iter().map(|row| row.iter().map(read).collect()).collect();
        self.rows = rows;
        self.lines = lines;
    }

    /// Bytes of the mark at the start of the text.
    fn mark(&self) -> usize {
        if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }

    /// Position of a column by its head, whatever its case.
    pub(super) fn column(&self, head: &str) -> Option<usize> {
        self.values.first()?.iter().position(|own| own.trim().eq_ignore_ascii_case(head))
    }

    /// A column's head.
    pub(super) fn head(&self, column: usize) -> &str {
        &self.values[0][column]
    }

    /// Positions of the rows below the head.
    pub(super) fn rows(&self) -> Range<usize> {
        1..self.rows.len().max(1)
    }

    /// A cell as it reads.
    pub(super) fn get(&self, row: usize, column: usize) -> &str {
        &self.values[row][column]
    }

    /// The line of the file on which a row starts.
    pub(super) fn line(&self, row: usize) -> usize {
        self.lines[row]
    }

    /// Replaces cells; a cell that was quoted stays quoted.
    pub(super) fn replace(&mut self, cells: &[(usize, usize, String)]) {
        let mut edits: Vec<(Range<usize>, &String)> = cells
            .iter()
            .map(|(row, column, text)| (self.rows[*row][*column].clone(), text))
            .collect();
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, text) in edits {
            let was_quoted = self.text[range.clone()].starts_with('"');
            let needs = text.contains([self.separator, '"', '\n', '\r']);
            let written = if was_quoted || needs {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            };
            self.text.replace_range(range, &written);
        }
    }

    /// The file's bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf8 => self.text.clone().into_bytes(),
            Encoding::Utf16Le => self.text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => self.text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// Text of the bytes, its mark included; `None` unless writing it again gives the same bytes.
fn decode(bytes: &[u8]) -> Option<(Encoding, String)> {
    let wide = |read: fn([u8; 2]) -> u16| -> Option<String> {
        let units = bytes.chunks(2).map(|pair| Some(read(pair.try_into().ok()?)));
        String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
    };
    match bytes {
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Le, wide(u16::from_le_bytes)?)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Be, wide(u16::from_be_bytes)?)),
        _ => Some((Encoding::Utf8, String::from_utf8(bytes.to_vec()).ok()?)),
    }
}

fn unquote(cell: &str) -> String {
    match cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\""),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reading_and_writing_is_the_identity_and_cells_are_those_of_a_csv_reader(
            rows in proptest::collection::vec(
                proptest::collection::vec("[a-z;\" \n=é€😀-]{0,6}", 3), 1..6,
            ),
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["x,", "y", "z"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let mut file = Delimited::read(&bytes).unwrap();
            prop_assert_eq!(file.bytes(), bytes);
            prop_assert_eq!(file.rows().len(), rows.len());
            for (i, row) in rows.iter().enumerate() {
                for (j, cell) in row.iter().enumerate() {
                    prop_assert_eq!(file.get(i + 1, j), cell);
                }
            }
            file.replace(&[(1, 1, "9,5".to_owned())]);
            let again = Delimited::read(&file.bytes()).unwrap();
            prop_assert_eq!(again.get(1, 1), "9,5");
            prop_assert_eq!(again.get(1, 2), rows[0][2].as_str());
        }
    }
}
