//! Parquet → the same text that a CSV panel has, so that one reader judges both; columns → Parquet.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::PanelError;
use super::table::{Table, Values, day_of};
use super::write::neutral;

/// The table of a Parquet file as CSV.
///
/// # Errors
///
/// [`PanelError::Parquet`] when the file is damaged or a column is a list, a map or a structure.
pub(super) fn as_csv(file: File, path: &Path) -> Result<Vec<u8>, PanelError> {
    let told = |detail: String| PanelError::Parquet { path: path.to_path_buf(), detail };
    let failed = |error: parquet::errors::ParquetError| match error.to_string() {
        text if text.ends_with("time: zstd") => PanelError::NeedsZstd { path: path.to_path_buf() },
        text => told(text),
    };
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = |error: csv::Error| told(error.to_string());
    writer.write_record(&names).map_err(written)?;
    for row in reader.get_row_iter(None).map_err(failed)? {
        let row = row.map_err(failed)?;
        let mut cells = Vec::with_capacity(names.len());
        for (name, field) in row.get_column_iter() {
            let cell = text(field).ok_or_else(|| told(format!("`{name}`: {field}")))?;
            let is_text = matches!(field, Field::Str(_) | Field::Bytes(_));
            cells.push(if is_text { neutral(&cell).into_owned() } else { cell });
        }
        writer.write_record(&cells).map_err(written)?;
    }
    writer.into_inner().map_err(|error| told(error.to_string()))
}

/// A value as a CSV has it; `None` for what no cell of a table can hold.
fn text(field: &Field) -> Option<String> {
    const DAY: i64 = 86_400;
    Some(match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok()?.to_owned(),
        Field::Date(days) => day_of(i64::from(*days)).to_string(),
        Field::TimestampMillis(time) => day_of(time.div_euclid(1_000 * DAY)).to_string(),
        Field::TimestampMicros(time) => day_of(time.div_euclid(1_000_000 * DAY)).to_string(),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => return None,
        // Numbers, decimals and flags are shown as a CSV writes them.
        plain => plain.to_string(),
    })
}

/// Rows per group: what a reader of a part must take at once.
const GROUP: usize = 1 << 18;

/// Writes a table: columns that may be null, Snappy.
///
/// # Errors
///
/// What the writer said.
pub(crate) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let schema = Arc::new(schema(table)?);
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    for start in (0..table.rows).step_by(GROUP) {
        let rows = start..(start + GROUP).min(table.rows);
        let mut group = writer.next_row_group()?;
        for (_, values) in &table.columns {
            let mut column = group.next_column()?.ok_or(io::ErrorKind::InvalidData)?;
            match values {
                Values::Text(own) => {
                    put::<ByteArrayType, _>(&mut column, &own[rows.clone()], |text| {
                        text.as_str().into()
                    })
                }
                Values::Day(own) => {
                    put::<Int32Type, _>(&mut column, &own[rows.clone()], |day| *day)
                }
                Values::Number(own) => {
                    put::<DoubleType, _>(&mut column, &own[rows.clone()], |n| *n)
                }
                Values::Flag(own) => {
                    put::<BoolType, _>(&mut column, &own[rows.clone()], |flag| *flag)
                }
            }?;
            column.close()?;
        }
        group.close()?;
    }
    writer.close()?;
    out.write_all(&bytes)
}

fn put<T: DataType, V>(
    column: &mut SerializedColumnWriter<'_>,
    own: &[Option<V>],
    value: impl Fn(&V) -> T::T,
) -> parquet::errors::Result<usize> {
    let there: Vec<i16> = own.iter().map(|own| i16::from(own.is_some())).collect();
    let values: Vec<T::T> = own.iter().flatten().map(value).collect();
    column.typed::<T>().write_batch(&values, Some(&there), None)
}

fn schema(table: &Table) -> parquet::errors::Result<Type> {
    let field = |(name, values): &(String, Values)| {
        let (physical, logical) = match values {
            Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Values::Day(_) => (Physical::INT32, Some(LogicalType::Date)),
            Values::Number(_) => (Physical::DOUBLE, None),
            Values::Flag(_) => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        field.build().map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<parquet::errors::Result<_>>()?;
    Type::group_type_builder("panel").with_fields(fields).build()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use parquet::data_type::{ByteArray, Int64Type};
    use parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::panel::{Panel, Period};

    /// Two weeks of two segments, as a warehouse writes them: dates as days, text in UTF-8.
    fn write(path: &Path) {
        let schema = "message panel { required binary segment (UTF8); optional binary age (UTF8); \
             required int32 start (DATE); required int32 end (DATE); required double spend; \
             optional int64 shares; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer =
            SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let texts = |all: [&str; 3]| all.map(ByteArray::from);
        let mut at = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            match at {
                0 => column.typed::<ByteArrayType>().write_batch(
                    &texts(["é · 18-24", "é · 18-24", "b"]),
                    None,
                    None,
                ),
                1 => column.typed::<ByteArrayType>().write_batch(
                    &texts(["18-24", "18-24", ""])[..2],
                    Some(&[1, 1, 0]),
                    None,
                ),
                2 => column.typed::<Int32Type>().write_batch(&[19_723, 19_730, 19_723], None, None),
                3 => column.typed::<Int32Type>().write_batch(&[19_729, 19_736, 19_729], None, None),
                4 => column.typed::<DoubleType>().write_batch(&[1.5, 1e-7, 3.0], None, None),
                _ => column.typed::<Int64Type>().write_batch(&[7, 2], Some(&[1, 0, 1]), None),
            }
            .unwrap();
            column.close().unwrap();
            at += 1;
        }
        group.close().unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn a_parquet_panel_is_read_as_its_csv_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel.parquet");
        write(&path);
        let (panel, _) = Panel::read_csv(&path).unwrap();
        let csv = "segment,age,start,end,spend,shares\n\
             é · 18-24,18-24,2024-01-01,2024-01-07,1.5,7\n\
             é · 18-24,18-24,2024-01-08,2024-01-14,0.0000001,\nb,,2024-01-01,2024-01-07,3,2\n";
        let (expected, _) = Panel::read_csv_from(csv.as_bytes(), &path, &[]).unwrap();
        assert_eq!(panel, expected);
        let week = Period { start: date(2024, 1, 1), end: date(2024, 1, 7) };
        assert_eq!(panel.cells[0].period, Some(week));
    }

    #[test]
    fn a_cut_parquet_panel_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel.parquet");
        write(&path);
        let bytes = std::fs::read(&path).unwrap();
        for length in [4, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(matches!(Panel::read_csv(&path), Err(PanelError::Parquet { .. })), "{length}");
        }
    }
}
