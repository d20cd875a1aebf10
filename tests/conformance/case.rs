//! One case of a family, after it was run.

/// A case and whether the models agree with it.
pub(crate) struct Case {
    /// What tells it from the other cases of its family.
    pub(crate) name: String,
    /// If they disagree: how.
    pub(crate) verdict: Result<(), String>,
}

impl Case {
    /// The case that the file's entry `name` describes, run by `run`.
    pub(crate) fn new(name: impl Into<String>, run: impl FnOnce() -> Result<(), String>) -> Case {
        Case { name: name.into(), verdict: run() }
    }

    /// A file that could not be read as its family's: one failed case.
    pub(crate) fn unreadable(error: impl std::fmt::Display) -> Vec<Case> {
        vec![Case { name: "the file".to_owned(), verdict: Err(error.to_string()) }]
    }
}
