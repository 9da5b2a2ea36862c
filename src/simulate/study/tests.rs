//! The study itself, on few worlds.
