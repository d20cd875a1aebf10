//! The ratio of what is used to what should be.
//!
//! Percentages and averages are cut to whole numbers before the division by the target, as in
//! metrics/utilization.go: 65.9 % counts as 65 %.

use super::measure::Failure;

/// How usage stands to its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// What is, by what should be.
    pub ratio: f64,
    /// Percent of the requests, for metrics with requests.
    pub utilization: Option<i32>,
    /// The mean of a pod.
    pub average: i64,
}

/// Usage as a share of requests, given what each pod uses and requests; pods that are not known
/// request nothing and are left out.
pub fn utilization(pods: &[(i64, Option<i64>)], target: i32) -> Result<Usage, Failure> {
    let known = pods.iter().filter_map(|&(used, request)| Some((i128::from(used), i128::from(request?))));
    let (used, requested, count) =
        known.fold((0, 0, 0), |(used, requested, count), (u, r)| (used + u, requested + r, count + 1));
    if requested == 0 {
        return Err(Failure::Unmatched);
    }
    let percent = (used * 100 / requested).clamp(i128::from(i32::MIN), i128::from(i32::MAX)) as i32;
    let ratio = f64::from(percent) / f64::from(target);
    Ok(Usage { ratio, utilization: Some(percent), average: narrow(used / count) })
}

/// The mean of what the pods report, against a target; there must be at least one.
pub fn average(pods: &[(i64, Option<i64>)], target: i64) -> Usage {
    assert!(!pods.is_empty(), "a mean of no pods");
    let used: i128 = pods.iter().map(|&(used, _)| i128::from(used)).sum();
    let average = narrow(used / pods.len() as i128);
    Usage { ratio: average as f64 / target as f64, utilization: None, average }
}

fn narrow(wide: i128) -> i64 {
    wide.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}
