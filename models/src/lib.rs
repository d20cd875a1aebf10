//! The parts of a distributed system as plain state machines, and the world that joins them.
//!
//! No files, no wall clocks, no metrics, no plots: models are told the time and answer with effects.

pub mod amount;
pub mod balance;
pub mod call;
pub mod chaos;
pub mod check;
pub mod cluster;
pub mod cluster_autoscaler;
pub mod defaults;
pub mod heal;
pub mod network;
pub mod node;
pub mod outcome;
pub mod place;
pub mod plan;
pub mod pod;
pub mod policy;
pub mod rollout;
pub mod scale;
pub mod schedule;
pub mod service;
pub mod slots;
pub mod task;
pub mod traffic;
pub mod workload;
pub mod world;
