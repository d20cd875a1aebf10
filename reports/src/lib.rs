//! Results as files that people show around.
