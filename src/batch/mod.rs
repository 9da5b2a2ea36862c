//! Many campaigns at once.
