//! The codes of all diagnostics: stable, so that scripts can tell one mistake from another.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $about:literal])+ $name:ident = $text:literal,)+) => {
        /// What kind of mistake a [`Diagnostic`](super::Diagnostic) is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $about])+ $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as messages show it: `E001`.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)+
                }
            }
        }
    };
}

codes! {
    /// A field that its struct does not have.
    UnknownField = "E001",
    /// A variant that its enum does not have.
    UnknownVariant = "E002",
    /// A field without a default is absent.
    MissingField = "E003",
    /// A value of another type than expected: text for a number, a list for a map.
    WrongType = "E004",
    /// A quantity without a unit, or with one that does not fit.
    Unit = "E005",
    /// A field or key is given twice.
    Duplicate = "E006",
    /// A value of the right type that makes no sense: zero replicas, all weights zero.
    InvalidValue = "E007",
    /// A name that stands for nothing: an unknown service, region or endpoint.
    UnknownReference = "E008",
    /// Calls that lead back to where they began.
    Cycle = "E009",
    /// Text that is not RON: an unclosed bracket, a missing comma.
    Syntax = "E010",
    /// Brackets nested deeper than any scenario needs.
    Nesting = "E011",
    /// A file that cannot be read: missing, a folder, no permission.
    Io = "E012",
    /// A file that is not UTF-8 text.
    Encoding = "E013",
    /// A file too large to be a scenario.
    Size = "E014",
    /// A file with nothing in it, or only comments.
    Empty = "E015",
    /// A trace file that is missing, unsorted, or holds values that make no sense.
    TraceFile = "E016",
    /// A `--set path=value` that fits nothing in the file.
    Override = "E017",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_distinct() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.text()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
