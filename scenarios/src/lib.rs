//! The scenario file: read, checked, assembled into a world, run and measured.

pub mod trace;
