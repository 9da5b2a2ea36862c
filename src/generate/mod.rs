//! Exports and worlds whose truth is known.
