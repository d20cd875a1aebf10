//! Every scenario of the library runs, loses no request, and tells its story in numbers; and the cluster in
//! small scenarios of its own.
//!
//! A story is asserted on the file as it is, or on a part of it where the whole takes minutes without
//! optimisation. The summaries in snapshots/ are of the glimpses in support/; after a change that is
//! meant to move them: `INSTA_UPDATE=always cargo test --test library`.

#[path = "../support/mod.rs"]
mod support;

mod black_friday;
mod chaos;
mod cluster;
mod every_file;
mod figures;
mod outages;
mod releases;
mod requests;
mod scaling;
