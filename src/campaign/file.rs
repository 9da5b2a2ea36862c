//! The campaign file as written.
