//! Rows of a CSV file by the names in its header.

use std::collections::BTreeMap;

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    /// All rows of a file.
    pub(crate) fn all(file: &str) -> Result<Vec<Row>, String> {
        let rows: Result<Vec<_>, _> = csv::Reader::from_reader(file.as_bytes()).deserialize().collect();
        match rows {
            Ok(rows) if rows.is_empty() => Err("no rows".to_owned()),
            Ok(rows) => Ok(rows.into_iter().map(Row).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The text in a column.
    pub(crate) fn text(&self, column: &str) -> Result<&str, String> {
        self.0.get(column).map(String::as_str).ok_or_else(|| format!("no column {column:?}"))
    }

    /// The number in a column; "inf" is one.
    pub(crate) fn number(&self, column: &str) -> Result<f64, String> {
        let text = self.text(column)?;
        text.trim().parse().map_err(|_| format!("{column}: {text:?} is not a number"))
    }

    /// The whole number in a column.
    pub(crate) fn count(&self, column: &str) -> Result<u32, String> {
        let text = self.text(column)?;
        text.trim().parse().map_err(|_| format!("{column}: {text:?} is not a count"))
    }

    /// The columns whose names begin with `prefix`: the rest of the name, and the number.
    pub(crate) fn numbers_after<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = Result<(&'a str, f64), String>> {
        self.0.keys().filter_map(move |column| {
            let rest = column.strip_prefix(prefix)?;
            Some(self.number(column).map(|number| (rest, number)))
        })
    }
}
