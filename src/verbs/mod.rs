//! One file a verb.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod run;
pub(crate) mod snapshot;
pub(crate) mod sweep;
pub(crate) mod tune;
