//! Values recorded elsewhere, by file and column; whoever reads files fills it, models only draw.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::time::Span;

/// What an empirical distribution draws from: a column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recording<'a> {
    /// The file, as the scenario names it.
    pub file: &'a str,
    /// The column's header; `None` for the first column.
    pub column: Option<&'a str>,
}

/// Recorded durations, sorted; a clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Recordings(BTreeMap<(String, Option<String>), Arc<[Span]>>);

impl Recordings {
    /// Keeps the values of a recording, in seconds, in any order; replaces what was there.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong, if there are none or one is negative or not finite.
    pub fn insert(&mut self, recording: Recording<'_>, seconds: &[f64]) -> Result<(), String> {
        if seconds.is_empty() {
            return Err("the recording holds no values".to_owned());
        }
        if let Some(index) = seconds.iter().position(|value| !value.is_finite() || *value < 0.0) {
            let (value, ordinal) = (seconds[index], index + 1);
            return Err(format!("value {ordinal} of the recording is {value}; a duration is finite and not negative"));
        }
        let mut values: Vec<Span> = seconds.iter().map(|value| Span::from_secs_f64(*value)).collect();
        values.sort_unstable();
        let key = (recording.file.to_owned(), recording.column.map(str::to_owned));
        self.0.insert(key, values.into());
        Ok(())
    }

    /// The values of a recording, from short to long.
    pub fn get(&self, recording: Recording<'_>) -> Option<&[Span]> {
        self.0.get(&(recording.file.to_owned(), recording.column.map(str::to_owned))).map(AsRef::as_ref)
    }

    /// The values of a recording that is known to be here, shared; panics if it is not.
    pub(super) fn shared(&self, file: &str, column: Option<&str>) -> Arc<[Span]> {
        let key = (file.to_owned(), column.map(str::to_owned));
        let values = self.0.get(&key).unwrap_or_else(|| panic!("the recording {file:?} has not been loaded"));
        Arc::clone(values)
    }
}
