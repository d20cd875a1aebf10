//! Results as CSV: one tidy table of figures and one file a series.
//!
//! Made for programs: numbers are the shortest decimal that reads back as the same float, what was
//! not observed is empty, names are quoted where CSV needs it. Nothing is rounded; what people read
//! is [`crate::terminal`] and [`crate::html`].

mod study;

use sim_core::results::{Results, Series};

pub use study::study;

/// The tidy table of figures: `kind,subject,metric,value,low,high,unit`, a row a metric.
pub fn summary(results: &Results) -> String {
    let mut table = Table::new(&["kind", "subject", "metric", "value", "low", "high", "unit"]);
    for metric in &results.metrics {
        let ends = [Some(metric.value), metric.low, metric.high].map(|end| number(end.unwrap_or(f64::NAN)));
        let [value, low, high] = &ends;
        table.row(&[&metric.kind, &metric.subject, &metric.name, value, low, high, &metric.unit]);
    }
    table.text()
}

/// One series: `t_s,<kind>,<columns>`, a row an interval, one subject after the other.
///
/// The run itself has no name, so a series of kind "run" has no column for it.
pub fn series(series: &Series) -> String {
    let named = series.kind != "run";
    let mut header = vec!["t_s"];
    header.extend(named.then_some(series.kind.as_str()));
    header.extend(series.columns.iter().map(|column| column.name.as_str()));
    let mut table = Table::new(&header);
    for group in &series.groups {
        for (at, t_s) in group.t_s.iter().enumerate() {
            let values = group.values.iter().map(|column| number(column.get(at).copied().unwrap_or(f64::NAN)));
            let row: Vec<String> =
                std::iter::once(number(*t_s)).chain(named.then(|| group.subject.clone())).chain(values).collect();
            table.row(&row.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    table.text()
}

/// Every series as (file name, text). A series is called after its name; where two share it, those
/// that are not about the run as a whole add their kind: `traffic.csv`, `traffic-by-workload.csv`.
pub fn all_series(results: &Results) -> Vec<(String, String)> {
    let shared = |name: &str| results.series.iter().filter(|other| other.name == name).count() > 1;
    let file = |one: &Series| match one.kind != "run" && shared(&one.name) {
        true => format!("{}-by-{}.csv", one.name, one.kind),
        false => format!("{}.csv", one.name),
    };
    results.series.iter().map(|one| (file(one), series(one))).collect()
}

/// Every table that has entries as (file name, text).
pub fn all_tables(results: &Results) -> Vec<(String, String)> {
    let tables = results.tables.iter().filter(|table| !table.rows.is_empty());
    let text = |table: &sim_core::results::Table| {
        let mut written = Table::new(&table.columns.iter().map(String::as_str).collect::<Vec<_>>());
        table.rows.iter().for_each(|row| written.row(&row.iter().map(String::as_str).collect::<Vec<_>>()));
        written.text()
    };
    tables.map(|table| (format!("{}.csv", table.name), text(table))).collect()
}

/// The shortest decimal that reads back as `value`; empty for not-a-number; no negative zero.
fn number(value: f64) -> String {
    if value.is_nan() { String::new() } else { (value + 0.0).to_string() }
}

/// A CSV text in the making. Writing to memory cannot fail, which is why nothing here does.
struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn new(header: &[&str]) -> Table {
        let mut table = Table(csv::Writer::from_writer(Vec::new()));
        table.row(header);
        table
    }

    fn row(&mut self, cells: &[&str]) {
        self.0.write_record(cells).expect("rows of one width, written to memory");
    }

    fn strings(&mut self, cells: &[String]) {
        self.row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn text(self) -> String {
        let bytes = self.0.into_inner().expect("memory needs no flush");
        String::from_utf8(bytes).expect("made of strings")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn headers_are_a_promise() {
        let results = sample::outage();
        assert_eq!(summary(&results).lines().next(), Some("kind,subject,metric,value,low,high,unit"));
        let files = all_series(&results);
        let headers: Vec<String> =
            files.iter().map(|(file, text)| format!("{file}: {}", text.lines().next().unwrap_or_default())).collect();
        insta::assert_snapshot!(headers.join("\n"), @r"
        traffic.csv: t_s,offered,ok,failed
        traffic-by-workload.csv: t_s,workload,offered,ok,failed
        latency.csv: t_s,workload,p50,p95,p99
        calls.csv: t_s,service,calls,ok,failed
        service_latency.csv: t_s,service,p50,p95,p99
        utilisation.csv: t_s,service,busy,cpu
        queue.csv: t_s,service,waiting,in_flight
        replicas.csv: t_s,service,desired,ready
        ");
    }

    #[test]
    fn numbers_are_shortest_and_gaps_are_empty() {
        let shown = [0.1 + 0.2, 1e21, -0.0, 1.0 / 3.0, 5.0, f64::NAN].map(number);
        assert_eq!(shown.join(" "), "0.30000000000000004 1000000000000000000000 0 0.3333333333333333 5 ");
    }

    #[test]
    fn names_are_quoted_and_every_row_reads_back() {
        let mut results = sample::outage();
        results.metrics[0].subject = "a,\"b\"\nc".to_owned();
        let text = summary(&results);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("well-formed");
        assert_eq!(rows.len(), results.metrics.len());
        for (row, metric) in rows.iter().zip(&results.metrics) {
            assert_eq!(&row[1], metric.subject);
            assert_eq!(row[3].parse::<f64>().ok(), Some(metric.value));
        }
    }
}
