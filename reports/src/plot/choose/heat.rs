//! Fields over time: where there are many services or regions, when each was slow, full or failing.
//!
//! Lines of more than a handful of subjects cannot be told apart; rows of colours can.

use sim_core::results::{Group, Series};

use super::Chooser;
use crate::plot::chart::{Caption, Chart, HeatChart, HeatColumns};
use crate::words;

/// Rows that a reader can be asked to look at, the busiest.
const ROWS_MAX: usize = 24;
/// Values that span more than this are coloured by magnitude.
const WIDE_SPAN: f64 = 10.0;

/// A field: of which series, which column as a share of which other, and its title.
struct Field {
    name: &'static str,
    series: &'static str,
    kind: &'static str,
    column: &'static str,
    /// What `column` is divided by, for a percentage.
    of: Option<&'static str>,
    title: &'static str,
    /// With fewer subjects lines show the same better.
    least: usize,
}

const FIELDS: [Field; 5] = [
    Field {
        name: "region-failures",
        series: "regions",
        kind: "region",
        column: "failed",
        of: Some("offered"),
        title: "Failed requests, by the customers' region",
        least: 3,
    },
    Field {
        name: "region-latency",
        series: "region_latency",
        kind: "region",
        column: "p99",
        of: None,
        title: "99th percentile of latency, by the customers' region",
        least: 3,
    },
    Field {
        name: "service-cpu",
        series: "utilisation",
        kind: "service",
        column: "cpu",
        of: None,
        title: "CPU in use, by service",
        least: 5,
    },
    Field {
        name: "service-busy",
        series: "utilisation",
        kind: "service",
        column: "busy",
        of: None,
        title: "Workers busy, by service",
        least: 5,
    },
    Field {
        name: "service-failures",
        series: "calls",
        kind: "service",
        column: "failed",
        of: Some("calls"),
        title: "Failed calls, by service",
        least: 5,
    },
];

impl Chooser<'_> {
    /// Every field in which something changes.
    pub(super) fn fields(&self) -> Vec<Chart> {
        FIELDS.iter().filter_map(|field| self.field(field)).collect()
    }

    fn field(&self, field: &Field) -> Option<Chart> {
        let series = self.series(field.series, field.kind)?;
        let mut rows: Vec<(&Group, Vec<f64>)> =
            self.busiest(series).into_iter().filter_map(|group| Some((group, values(series, group, field)?))).collect();
        rows.retain(|(_, values)| values.iter().any(|value| value.is_finite()));
        let all = rows.len();
        rows.truncate(ROWS_MAX);
        let known = || rows.iter().flat_map(|(_, values)| values).copied().filter(|value| value.is_finite());
        let (least, most) = known().fold((f64::INFINITY, 0.0_f64), |(a, b), value| (a.min(value), b.max(value)));
        if all < field.least || most <= least {
            return None;
        }
        let unit = match field.of {
            Some(_) => "%".to_owned(),
            None => series.columns.iter().find(|column| column.name == field.column)?.unit.clone(),
        };
        let ends = rows.iter().map(|(group, _)| &group.t_s).max_by_key(|ends| ends.len())?.clone();
        let logarithmic = least > 0.0 && most > WIDE_SPAN * least;
        let notes = [
            if self.results.replications > 1 { "the first replication is shown".to_owned() } else { String::new() },
            super::busiest_of(all, ROWS_MAX, field.kind),
            if logarithmic { "colours by magnitude".to_owned() } else { String::new() },
        ];
        let caption = Caption {
            name: format!("{}-over-time", field.name),
            title: format!("{}, over time", field.title),
            subtitle: self.subtitle(&notes),
        };
        let (subjects, values) = rows.into_iter().map(|(group, values)| (group.subject.clone(), values)).unzip();
        Some(Chart::Heat(HeatChart {
            caption,
            unit: words::printable(&unit),
            rows: subjects,
            columns: HeatColumns::Time(ends),
            values,
            framed: Vec::new(),
            logarithmic,
        }))
    }
}

/// The column of a subject, or its share of another.
fn values(series: &Series, group: &Group, field: &Field) -> Option<Vec<f64>> {
    let column = |name: &str| {
        let at = series.columns.iter().position(|column| column.name == name)?;
        group.values.get(at)
    };
    let values = column(field.column)?;
    Some(match field.of {
        Some(of) => values.iter().zip(column(of)?).map(|(part, all)| 100.0 * part / all).collect(),
        None => values.clone(),
    })
}
