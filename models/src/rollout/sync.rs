//! The rules of Kubernetes' deployment controller, as functions of counts.
//!
//! One sync first tries to grow the new set, as far as the surge leaves room, and only if that was not to
//! be done shrinks the old ones, as far as enough pods stay available. Whatever comes in between (pods
//! that never start, a scale in the middle of it) is taken care of by the same two rules.
//!
//! Source: kubernetes/kubernetes, pkg/controller/deployment/{rolling,sync,progress}.go and
//! util/deployment_util.go. Left out: paused deployments.

use serde::{Deserialize, Serialize};
use sim_core::Span;

use super::SetView;
use crate::amount::Amount;

/// Pods above the wanted number during an update, by default.
pub const MAX_SURGE: Amount = Amount::Percent(25);
/// Pods missing below the wanted number during an update, by default.
pub const MAX_UNAVAILABLE: Amount = Amount::Percent(25);
/// Without progress for longer than this an update has failed, by default.
pub const PROGRESS_DEADLINE: Span = Span::from_secs(600);
/// Old sets that are kept, by default.
pub const REVISION_HISTORY_LIMIT: u32 = 10;
/// How long a pod must be ready to be available, by default.
pub const MIN_READY: Span = Span::ZERO;
/// Pods of a deployment that does not say how many, by default.
pub const REPLICAS: u32 = 1;

/// The surge, rounded up, and how many may be unavailable, rounded down. If both come out as zero nothing
/// could ever move, so one may be unavailable.
pub fn fenceposts(max_surge: Amount, max_unavailable: Amount, replicas: u32) -> (u32, u32) {
    match (max_surge.of_rounded_up(replicas), max_unavailable.of_rounded_down(replicas)) {
        (0, 0) => (0, 1),
        posts => posts,
    }
}

/// Whether an update within these bounds can move at all: what Kubernetes' API server refuses.
///
/// # Errors
///
/// Which of the two is wrong, and why.
pub(super) fn check_bounds(max_surge: Amount, max_unavailable: Amount) -> Result<(), String> {
    let is_none = |amount| matches!(amount, Amount::Count(0) | Amount::Percent(0));
    match max_unavailable {
        Amount::Percent(percent @ 101..) => Err(format!("max_unavailable: {percent}% is more than all of them")),
        amount if is_none(amount) && is_none(max_surge) => {
            Err("max_unavailable: with no pod more and no pod less nothing can move; one of the two is above 0"
                .to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether there is time to get on: a pod counts only after `min_ready`.
///
/// # Errors
///
/// Why there is none.
pub(super) fn check_deadline(progress_deadline: Span, min_ready: Span) -> Result<(), String> {
    match progress_deadline > min_ready {
        true => Ok(()),
        false => {
            let why =
                format!("{progress_deadline} is over before any pod can count; it is more than min_ready, {min_ready}");
            Err(format!("progress_deadline: {why}"))
        }
    }
}

/// How many may be unavailable of a deployment that is updated so: no more than there are.
pub fn unavailable_max(max_surge: Amount, max_unavailable: Amount, replicas: u32) -> u32 {
    fenceposts(max_surge, max_unavailable, replicas).1.min(replicas)
}

/// When pods that are ending leave their place to others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PodReplacement {
    /// As soon as they have been told.
    #[default]
    TerminationStarted,
    /// When they are gone.
    TerminationComplete,
}

/// How many pods a set takes up.
pub fn occupied(set: &SetView, replacement: PodReplacement) -> u32 {
    match replacement {
        PodReplacement::TerminationStarted => set.spec,
        PodReplacement::TerminationComplete => set.spec.max(set.pods) + set.ending,
    }
}

/// What the new set shall have when all sets, itself included, take up `occupied` pods.
pub fn grown(replicas: u32, surge: u32, new: u32, occupied: u32) -> u32 {
    if new >= replicas {
        return replicas;
    }
    let room = (replicas.saturating_add(surge)).saturating_sub(occupied);
    new + room.min(replicas - new)
}

/// What the old sets (newest first) shall have: first go pods that are of no use, oldest set first, then as
/// many as can be spared.
pub fn shrunk(replicas: u32, unavailable: u32, new: &SetView, old: &[SetView]) -> Vec<u32> {
    let mut sizes: Vec<u32> = old.iter().map(|set| set.spec).collect();
    let available_min = i64::from(replicas) - i64::from(unavailable);
    let all: i64 = i64::from(new.spec) + sizes.iter().map(|&size| i64::from(size)).sum::<i64>();
    let new_unavailable = i64::from(new.spec) - i64::from(new.available);
    let budget = all - available_min - new_unavailable;
    if budget > 0 {
        clean_up(old, &mut sizes, budget as u32);
        let available: u32 = new.available + old.iter().map(|set| set.available).sum::<u32>();
        spare(&mut sizes, i64::from(available) - available_min);
    }
    sizes
}

/// Takes at most `most` pods that are not available from the old sets, oldest first; says how many.
pub fn clean_up(old: &[SetView], sizes: &mut [u32], most: u32) -> u32 {
    let mut cleaned = 0;
    for (set, size) in old.iter().zip(sizes).rev() {
        let useless = size.saturating_sub(set.available).min(most - cleaned);
        *size -= useless;
        cleaned += useless;
    }
    cleaned
}

/// Takes as many pods from the old sets, oldest first, as there are available beyond what must be.
pub fn spare(sizes: &mut [u32], beyond: i64) {
    let mut left = u32::try_from(beyond).unwrap_or(0);
    for size in sizes.iter_mut().rev() {
        let gone = left.min(*size);
        *size -= gone;
        left -= gone;
    }
}

/// A set that is scaled in the middle of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaled {
    /// Pods it shall have so far.
    pub size: u32,
    /// Replicas and surge of the deployment when the set was last scaled, if it is known.
    pub max_before: Option<u32>,
}

/// By how much a set changes when its deployment is scaled, in proportion to its size.
///
/// `pods` is how many the deployment has, which stands in for what is not known of the set.
pub fn fraction(set: Scaled, replicas: u32, surge: u32, pods: u32) -> i64 {
    if replicas == 0 {
        return -i64::from(set.size);
    }
    let before = set.max_before.filter(|max| *max > 0).unwrap_or(pods);
    if before == 0 {
        return 0;
    }
    let exact = f64::from(set.size) * (f64::from(replicas) + f64::from(surge)) / f64::from(before);
    (exact + 0.5).floor() as i64 - i64::from(set.size)
}

/// What the sets shall have when their deployment is scaled in the middle of an update.
///
/// The new set, if there is one, stands first, the others follow newest first; `available` is of the new set.
pub fn proportional(sets: &[Scaled], has_new: bool, available: u32, replicas: u32, surge: u32, pods: u32) -> Vec<u32> {
    let mut sizes: Vec<u32> = sets.iter().map(|set| set.size).collect();
    let mut active: Vec<usize> = (0..sets.len()).filter(|&index| sets[index].size > 0).collect();
    if active.len() <= 1 {
        // Only one has pods, or none: the newest one takes them all.
        if let Some(size) = sizes.get_mut(active.first().copied().unwrap_or(0)) {
            *size = replicas;
        }
        return sizes;
    }
    if has_new && sets[0].size == replicas && available == replicas {
        sizes[1..].fill(0);
        return sizes;
    }
    let allowed = if replicas > 0 { i64::from(replicas) + i64::from(surge) } else { 0 };
    let change = allowed - sizes.iter().map(|&size| i64::from(size)).sum::<i64>();
    // Larger sets first; among equals the newest when growing, the oldest when shrinking.
    active.sort_by_key(|&index| {
        (std::cmp::Reverse(sets[index].size), if change > 0 { index } else { sets.len() - index })
    });
    let mut left = change;
    for &index in &active {
        let wish = fraction(sets[index], replicas, surge, pods);
        let part = if change > 0 { wish.min(left) } else { wish.max(left) };
        let part = if left == 0 { 0 } else { part };
        sizes[index] = (i64::from(sizes[index]) + part) as u32;
        left -= part;
    }
    let first = &mut sizes[active[0]];
    *first = (i64::from(*first) + left).max(0) as u32;
    sizes
}

/// How a deployment stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// All pods.
    pub replicas: u32,
    /// Pods of the new version.
    pub updated: u32,
    /// Pods that are ready.
    pub ready: u32,
    /// Pods that are available.
    pub available: u32,
}

impl Status {
    /// Whether the new version is all there is, and all of it available.
    pub fn is_complete(&self, desired: u32) -> bool {
        [self.updated, self.replicas, self.available] == [desired; 3]
    }

    /// Whether anything got better since `before`.
    pub fn is_progress(&self, before: &Status) -> bool {
        let old = |status: &Status| status.replicas.saturating_sub(status.updated);
        self.updated > before.updated
            || old(self) < old(before)
            || self.ready > before.ready
            || self.available > before.available
    }
}

/// Whether an update has failed that made its last progress `since` ago; one that is through never does.
pub fn is_late(deadline: Option<Span>, since: Span, through: bool) -> bool {
    deadline.is_some_and(|deadline| !through && since > deadline)
}

/// Which of the old sets (newest first; wanted and actual pods) are forgotten: of those beyond the limit,
/// the oldest, such as have no pods.
pub fn forgotten(old: &[(u32, u32)], limit: usize) -> Vec<usize> {
    (limit.min(old.len())..old.len()).filter(|&index| old[index] == (0, 0)).collect()
}
