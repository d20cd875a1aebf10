//! Recorded traffic, read from CSV files with a header.
//!
//! A column of times carries its unit at the end of its name: `t_s`, `t_ms`, `t_us` or `t_ns`.
//! Every mistake is answered with the file and its line, for these files are often made by a script
//! in a hurry. Compressed files are not read.

use std::fmt;
use std::fs::File;
use std::io::{Read, Take};
use std::path::Path;

use csv::{ErrorKind, Reader, StringRecord};
use models::traffic::{CountTrace, TimeTrace};
use sim_core::{Span, Time};

/// What is wrong with a trace file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1 with the header; none if it is about the file as a whole.
    pub line: Option<u64>,
    /// The complaint.
    pub message: String,
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for TraceError {}

/// The largest recording that is read, in bytes: 1 GiB.
const SIZE_MAX: u64 = 1 << 30;

/// The units that the name of a time column may end in, and their nanoseconds.
const UNITS: [(&str, u64); 4] = [("_s", 1_000_000_000), ("_ms", 1_000_000), ("_us", 1_000), ("_ns", 1)];

/// More requests than this could not be counted exactly by a float.
const REQUESTS_MAX: u64 = 1 << 53;

/// Reads requests per interval: the first column of `t_s`, `t_ms`, `t_us`, `t_ns` holds the
/// beginning of each interval, `column` the counts.
///
/// # Errors
///
/// If the file cannot be read, holds fewer than two intervals, or a line of it makes no sense.
pub fn read_counts(path: &Path, column: &str) -> Result<CountTrace, TraceError> {
    let mut rows = Rows::open(path)?;
    let (time, nanos) = rows.time_column()?;
    let count = rows.column(column)?;
    let (mut interval, mut last, mut total) = (None, None, 0_u64);
    let mut counts = Vec::new();
    while rows.advance()? {
        let begin = rows.time(time, nanos)?;
        if let Some(last) = last {
            rows.check_order(last, begin)?;
            let length = begin.since(last);
            let expected = *interval.get_or_insert(length);
            if length != expected || length == Span::ZERO {
                return Err(rows.wrong(format!("the interval before it is {length} long; the first is {expected}")));
            }
        }
        last = Some(begin);
        let requests = rows.count(count)?;
        total = total.saturating_add(requests);
        if total > REQUESTS_MAX {
            return Err(rows.wrong(format!("too many requests: {total} up to here, 2^53 at most")));
        }
        counts.push(requests);
    }
    let interval = interval.ok_or_else(|| {
        let found = if counts.is_empty() { "nothing but its header" } else { "a single interval" };
        rows.wrong_file(format!("the file holds {found}; at least two intervals are needed, to know their length"))
    })?;
    if interval * counts.len() as u64 == Span::MAX {
        return Err(rows.wrong_file("the trace is longer than 584 years".to_owned()));
    }
    Ok(CountTrace { interval, counts })
}

/// Reads arrival times from `column`, whose name ends in their unit.
///
/// # Errors
///
/// If the file cannot be read, holds no arrivals, or a line of it makes no sense.
pub fn read_times(path: &Path, column: &str) -> Result<TimeTrace, TraceError> {
    let mut rows = Rows::open(path)?;
    let index = rows.column(column)?;
    let nanos = rows.unit_of(column)?;
    let mut times = Vec::new();
    while rows.advance()? {
        let time = rows.time(index, nanos)?;
        if let Some(&last) = times.last() {
            rows.check_order(last, time)?;
        }
        times.push(time);
    }
    if times.is_empty() {
        return Err(rows.wrong_file("the file holds nothing but its header".to_owned()));
    }
    Ok(TimeTrace { times })
}

/// Reads durations in any order from `column`, or from the first one; the column's name ends in
/// their unit. The result is in seconds.
///
/// # Errors
///
/// If the file cannot be read, holds no durations, or a line of it makes no sense.
pub fn read_seconds(path: &Path, column: Option<&str>) -> Result<Vec<f64>, TraceError> {
    let mut rows = Rows::open(path)?;
    let (index, nanos) = match column {
        Some(column) => (rows.column(column)?, rows.unit_of(column)?),
        None => (0, rows.unit_of(&rows.header[0])?),
    };
    let mut seconds = Vec::new();
    while rows.advance()? {
        seconds.push(rows.time(index, nanos)?.as_secs_f64());
    }
    if seconds.is_empty() {
        return Err(rows.wrong_file("the file holds nothing but its header".to_owned()));
    }
    Ok(seconds)
}

fn unit(column: &str) -> Option<u64> {
    UNITS.iter().find(|(suffix, _)| column.ends_with(suffix)).map(|&(_, nanos)| nanos)
}

fn too_large() -> String {
    format!("a recording has at most {} GiB; this file has more", SIZE_MAX >> 30)
}

/// A CSV file, row by row.
struct Rows {
    file: String,
    reader: Reader<Take<File>>,
    header: StringRecord,
    row: StringRecord,
}

impl Rows {
    fn open(path: &Path) -> Result<Rows, TraceError> {
        let file = path.display().to_string();
        let error = |message: String| TraceError { file: file.clone(), line: None, message };
        let opened = File::open(path).map_err(|cause| error(format!("cannot be read: {cause}")))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(opened.take(SIZE_MAX));
        let header = reader.headers().cloned().map_err(|cause| explain(&file, &cause))?;
        if reader.position().byte() >= SIZE_MAX {
            return Err(error(too_large()));
        }
        if header.is_empty() {
            return Err(error("the file is empty".to_owned()));
        }
        Ok(Rows { file, reader, header, row: StringRecord::new() })
    }

    /// Moves on to the next row; false at the end.
    fn advance(&mut self) -> Result<bool, TraceError> {
        let more = self.reader.read_record(&mut self.row).map_err(|cause| explain(&self.file, &cause))?;
        if !more && self.reader.position().byte() >= SIZE_MAX {
            return Err(self.wrong_file(too_large()));
        }
        Ok(more)
    }

    fn column(&self, name: &str) -> Result<usize, TraceError> {
        self.header.iter().position(|header| header == name).ok_or_else(|| {
            let header: Vec<&str> = self.header.iter().collect();
            self.wrong_line(1, format!("no column {name:?}; the header has {}", header.join(", ")))
        })
    }

    /// The unit in nanoseconds that the name of `column` ends in.
    fn unit_of(&self, column: &str) -> Result<u64, TraceError> {
        unit(column).ok_or_else(|| {
            let message = format!("column {column:?} does not say its unit: its name must end in _s, _ms, _us or _ns");
            self.wrong_line(1, message)
        })
    }

    /// The column with the intervals' beginnings, and its unit in nanoseconds.
    fn time_column(&self) -> Result<(usize, u64), TraceError> {
        let is_time =
            |header: &str| header.strip_prefix('t').is_some_and(|rest| UNITS.iter().any(|unit| unit.0 == rest));
        let found = self.header.iter().enumerate().find(|(_, header)| is_time(header));
        let found = found.and_then(|(index, header)| Some((index, unit(header)?)));
        found.ok_or_else(|| {
            let header: Vec<&str> = self.header.iter().collect();
            self.wrong_line(1, format!("no time column t_s, t_ms, t_us or t_ns; the header has {}", header.join(", ")))
        })
    }

    /// The time in column `index` of the present row.
    fn time(&self, index: usize, nanos: u64) -> Result<Time, TraceError> {
        let text = &self.row[index];
        if let Ok(whole) = text.parse::<u64>() {
            let nanos = whole.checked_mul(nanos);
            return nanos
                .map(Time::from_nanos)
                .ok_or_else(|| self.wrong(format!("{text} is too large: over 584 years")));
        }
        match self.number(index)? {
            negative if negative < 0.0 => Err(self.wrong(format!("the time {text} is negative"))),
            large if large * nanos as f64 >= u64::MAX as f64 => {
                Err(self.wrong(format!("{text} is too large: over 584 years")))
            }
            time => Ok(Time::ZERO + Span::from_nanos_f64(time * nanos as f64)),
        }
    }

    /// The count in column `index` of the present row.
    fn count(&self, index: usize) -> Result<u64, TraceError> {
        let text = &self.row[index];
        if let Ok(count) = text.parse() {
            return Ok(count);
        }
        match self.number(index)? {
            negative if negative < 0.0 => Err(self.wrong(format!("the count {text} is negative"))),
            whole if whole.fract() != 0.0 => Err(self.wrong(format!("the count {text} is not a whole number"))),
            large if large > REQUESTS_MAX as f64 => Err(self.wrong(format!("the count {text} is too large"))),
            // Written as 60.0 or 6e1.
            whole => Ok(whole as u64),
        }
    }

    fn number(&self, index: usize) -> Result<f64, TraceError> {
        let text = &self.row[index];
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.wrong(format!("{text:?} in column {:?} is not a number", &self.header[index])))
    }

    fn check_order(&self, last: Time, time: Time) -> Result<(), TraceError> {
        if time >= last {
            return Ok(());
        }
        Err(self.wrong(format!("not sorted: {time} comes after {last}")))
    }

    /// An error about the present row.
    fn wrong(&self, message: String) -> TraceError {
        let line = self.row.position().map(csv::Position::line);
        TraceError { file: self.file.clone(), line, message }
    }

    fn wrong_line(&self, line: u64, message: String) -> TraceError {
        TraceError { file: self.file.clone(), line: Some(line), message }
    }

    fn wrong_file(&self, message: String) -> TraceError {
        TraceError { file: self.file.clone(), line: None, message }
    }
}

/// The CSV reader's error in our words, which name the line once.
fn explain(file: &str, cause: &csv::Error) -> TraceError {
    let line = cause.position().map(csv::Position::line);
    let message = match cause.kind() {
        ErrorKind::Io(cause) => format!("cannot be read: {cause}"),
        ErrorKind::Utf8 { .. } => "not text in UTF-8".to_owned(),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} columns, where the header has {expected_len}")
        }
        _ => cause.to_string(),
    };
    TraceError { file: file.to_owned(), line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `read` makes of a file of that content, under a name of its own.
    fn read<T>(name: &str, content: &[u8], read: impl Fn(&Path) -> T) -> T {
        let path = std::env::temp_dir().join(format!("gameday-trace-{}-{name}.csv", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let result = read(&path);
        std::fs::remove_file(&path).unwrap();
        result
    }

    #[test]
    fn counts_are_read_with_their_interval() {
        let content = b"name,t_ms, requests\nx,500,3\ny,750,0\nz,1000,12.0\n";
        let trace = read("counts", content, |path| read_counts(path, "requests"));
        assert_eq!(trace, Ok(CountTrace { interval: Span::from_millis(250), counts: vec![3, 0, 12] }));
    }

    #[test]
    fn times_are_read_in_their_unit() {
        let content = b"t_ms,tokens\n0,1\n681,2\n681,3\n4995.25,4\n";
        let trace = read("times", content, |path| read_times(path, "t_ms"));
        let nanos = [0, 681_000_000, 681_000_000, 4_995_250_000];
        assert_eq!(trace, Ok(TimeTrace { times: nanos.map(Time::from_nanos).to_vec() }));
    }

    /// The message after the file's name.
    fn complaint<T: fmt::Debug>(result: Result<T, TraceError>) -> String {
        let error = result.unwrap_err();
        error.to_string().strip_prefix(&error.file).unwrap().to_owned()
    }

    #[test]
    fn every_mistake_in_counts_names_its_line() {
        for (name, content, expected) in [
            ("empty", &b""[..], ": the file is empty"),
            ("header", b"t_s,requests\n", ": the file holds nothing but its header; at least"),
            ("single", b"t_s,requests\n0,1\n", ": the file holds a single interval; at least two"),
            (
                "no-time",
                b"time,requests\n0,1\n",
                ":1: no time column t_s, t_ms, t_us or t_ns; the header has time, req",
            ),
            ("no-count", b"t_s,hits\n0,1\n", ":1: no column \"requests\"; the header has t_s, hits"),
            (
                "unequal",
                b"t_s,requests\n0,1\n60,1\n180,1\n",
                ":4: the interval before it is 2min long; the first is 1min",
            ),
            ("same", b"t_s,requests\n60,1\n60,1\n", ":3: the interval before it is 0s long"),
            ("unsorted", b"t_s,requests\n60,1\n0,1\n", ":3: not sorted: 0s comes after 1min"),
            ("negative", b"t_s,requests\n0,1\n60,-4\n", ":3: the count -4 is negative"),
            ("text", b"t_s,requests\n0,many\n", ":2: \"many\" in column \"requests\" is not a number"),
            ("nan", b"t_s,requests\nNaN,1\n", ":2: \"NaN\" in column \"t_s\" is not a number"),
            ("half", b"t_s,requests\n0,1.5\n", ":2: the count 1.5 is not a whole number"),
            ("large", b"t_s,requests\n0,1e300\n", ":2: the count 1e300 is too large"),
            ("late", b"t_s,requests\n18446744074,1\n", ":2: 18446744074 is too large: over 584 years"),
            ("total", b"t_s,requests\n0,9007199254740992\n1,1\n", ":3: too many requests"),
            ("short", b"t_s,requests\n0,1\n60\n", ":3: 1 columns, where the header has 2"),
            ("binary", b"t_s,requests\n0,1\n60,\xff\n", ":3: not text in UTF-8"),
        ] {
            let got = complaint(read(name, content, |path| read_counts(path, "requests")));
            assert!(got.starts_with(expected), "{name}: {got}");
        }
        let missing = complaint(read_counts(Path::new("/nowhere/log.csv"), "requests"));
        assert!(missing.starts_with(": cannot be read: "), "{missing}");
    }

    #[test]
    fn every_mistake_in_times_names_its_line() {
        for (name, content, column, expected) in [
            ("none", &b"t_s\n"[..], "t_s", ": the file holds nothing but its header"),
            ("unitless", b"time\n1\n", "time", ":1: column \"time\" does not say its unit"),
            ("before", b"t_s\n1\n0.5\n", "t_s", ":3: not sorted: 500ms comes after 1s"),
            ("minus", b"t_s\n-1\n", "t_s", ":2: the time -1 is negative"),
            ("far", b"t_s\n1e12\n", "t_s", ":2: 1e12 is too large"),
        ] {
            let got = complaint(read(name, content, |path| read_times(path, column)));
            assert!(got.starts_with(expected), "{name}: {got}");
        }
    }
}
