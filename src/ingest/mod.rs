//! Files → rows: recognise the format, decode, map columns, check, report every bad line.
