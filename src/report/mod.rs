//! Results → HTML, charts, XLSX, CSV, JSON. It formats; it never computes a statistic.

pub mod chart;
