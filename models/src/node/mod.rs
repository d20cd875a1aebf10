//! Nodes: what pods run on, and the rules by which one is given up.

pub mod defaults;
pub mod lifecycle;
mod zone;

#[cfg(test)]
mod tests;
