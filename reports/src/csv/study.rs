//! Studies as CSV: what was measured where, what differs, who wins, and every single replication.

use sim_core::study::{Comparison, StudyResults};

use super::{Table, number};

/// Every file of a study as (file name, text); files that would be empty are left out.
pub fn study(results: &StudyResults) -> Vec<(String, String)> {
    let mut files = vec![("sweep.csv", sweep(results)), ("replications.csv", replications(results))];
    if !results.comparisons.is_empty() {
        files.push(("differences.csv", differences(results)));
    }
    if !results.winners.is_empty() {
        files.push(("winners.csv", winners(results)));
    }
    files.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// `point,<factors or label>,metric,unit,mean,half_width,n,median,median_low,median_high`, a row a figure.
fn sweep(results: &StudyResults) -> String {
    let tail = ["metric", "unit", "mean", "half_width", "n", "median", "median_low", "median_high"];
    let mut table = header(results, &["point"], &tail);
    for (index, point) in results.points.iter().enumerate() {
        for (metric, estimate) in results.metrics.iter().zip(&point.estimates) {
            let mut row = vec![index.to_string()];
            row.extend(settings(results, index));
            let median = estimate.median.unwrap_or([f64::NAN; 3]);
            let n = estimate.samples.iter().filter(|value| !value.is_nan()).count();
            row.extend([metric.name.clone(), metric.unit.clone(), number(estimate.mean)]);
            row.extend([number(estimate.half_width.unwrap_or(f64::NAN)), n.to_string()]);
            row.extend(median.map(number));
            table.strings(&row);
        }
    }
    table.text()
}

/// `point,<factors or label>,replication,metric,unit,value`, a row a figure of a run.
fn replications(results: &StudyResults) -> String {
    let mut table = header(results, &["point"], &["replication", "metric", "unit", "value"]);
    for (index, point) in results.points.iter().enumerate() {
        for (metric, estimate) in results.metrics.iter().zip(&point.estimates) {
            for (replication, value) in estimate.samples.iter().enumerate() {
                let mut row = vec![index.to_string()];
                row.extend(settings(results, index));
                row.extend([replication.to_string(), metric.name.clone(), metric.unit.clone(), number(*value)]);
                table.strings(&row);
            }
        }
    }
    table.text()
}

/// What the columns of a comparison are called.
const DIFFERENCE: [&str; 12] = [
    "metric",
    "unit",
    "difference",
    "low",
    "high",
    "relative",
    "relative_low",
    "relative_high",
    "p_holm",
    "pairs",
    "gain",
    "verdict",
];

/// `baseline,point,<factors or label of the point>,` and the difference, a row a comparison.
fn differences(results: &StudyResults) -> String {
    let mut table = header(results, &["baseline", "point"], &DIFFERENCE);
    for one in &results.comparisons {
        let mut row = vec![one.baseline.to_string(), one.other.to_string()];
        row.extend(settings(results, one.other));
        row.extend(difference(results, one));
        table.strings(&row);
    }
    table.text()
}

/// `winner,rival,<factors or label of the rival>,` and the difference, a row a point that did not win.
fn winners(results: &StudyResults) -> String {
    let mut table = header(results, &["winner", "winner_label", "rival"], &DIFFERENCE);
    for winner in &results.winners {
        for one in &winner.comparisons {
            let best = &results.points[winner.best];
            let mut row = vec![winner.best.to_string(), best.label.clone(), one.other.to_string()];
            row.extend(settings(results, one.other));
            row.extend(difference(results, one));
            table.strings(&row);
        }
    }
    table.text()
}

fn difference(results: &StudyResults, one: &Comparison) -> Vec<String> {
    let metric = &results.metrics[one.metric];
    let (low, high) = one.interval.unwrap_or((f64::NAN, f64::NAN));
    let (relative, relative_low, relative_high) = one.relative.unwrap_or((f64::NAN, f64::NAN, f64::NAN));
    let mut cells = vec![metric.name.clone(), metric.unit.clone()];
    let p = one.p.unwrap_or(f64::NAN);
    cells.extend([one.difference, low, high, relative, relative_low, relative_high, p].map(number));
    cells.extend([one.pairs.to_string(), number(one.gain.unwrap_or(f64::NAN)), one.verdict.words().to_owned()]);
    cells
}

fn header(results: &StudyResults, before: &[&str], after: &[&str]) -> Table {
    let factors: Vec<&str> = results.factors.iter().map(|factor| factor.name.as_str()).collect();
    let middle = if factors.is_empty() { vec!["label"] } else { factors };
    Table::new(&[before, &middle, after].concat())
}

/// The settings of a point, or its label where nothing has factors.
fn settings(results: &StudyResults, point: usize) -> Vec<String> {
    let point = &results.points[point];
    if results.factors.is_empty() {
        return vec![point.label.clone()];
    }
    let level = |(factor, level): (&sim_core::study::Factor, &usize)| factor.levels[*level].label.clone();
    results.factors.iter().zip(&point.levels).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_study::balancers;

    #[test]
    fn headers_are_a_promise() {
        let files = study(&balancers());
        let begin = |(name, text): &(String, String)| {
            let lines: Vec<&str> = text.lines().take(2).collect();
            format!("{name}\n{}\n", lines.join("\n"))
        };
        insta::assert_snapshot!(files.iter().map(begin).collect::<String>(), @r#"
        sweep.csv
        point,rate,balancer,metric,unit,mean,half_width,n,median,median_low,median_high
        0,100/s,Random,latency.p99,ms,51,1.02,2,,,
        replications.csv
        point,rate,balancer,replication,metric,unit,value
        0,100/s,Random,0,latency.p99,ms,50
        differences.csv
        baseline,point,rate,balancer,metric,unit,difference,low,high,relative,relative_low,relative_high,p_holm,pairs,gain,verdict
        0,1,100/s,LeastConnections,latency.p99,ms,-1,-2,0,-0.01,-0.02,0,0.4,2,12,inconclusive
        winners.csv
        winner,winner_label,rival,rate,balancer,metric,unit,difference,low,high,relative,relative_low,relative_high,p_holm,pairs,gain,verdict
        1,"100/s, LeastConnections",0,100/s,Random,latency.p99,ms,1,0,2,0.01,0,0.02,0.4,2,12,inconclusive
        "#);
    }
}
