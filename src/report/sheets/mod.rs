//! Tables: as values, as CSV files, as a workbook.

pub mod spreadsheet;
pub mod table;
pub mod tables;
pub mod workbook;
