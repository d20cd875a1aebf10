//! The command line of gameday.

fn main() {}
