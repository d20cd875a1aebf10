//! How many pods canary and stable shall have: Argo Rollouts' rules.
//!
//! Without a router the endpoints divide the traffic, so the numbers of pods must come as near to the weight
//! as whole numbers can, within surge and unavailability. With one the canary needs only as many pods as
//! its traffic does, and the stable set stays whole, or follows its own share.
//!
//! Source: argoproj/argo-rollouts, utils/replicaset/canary.go.

use super::super::SetView;

/// A split by numbers of pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Pods of the canary.
    pub canary: u32,
    /// Pods of the stable version.
    pub stable: u32,
}

/// The whole numbers that come closest to a weight, over `replicas` pods, or one more where `surge` allows it.
///
/// Of equals the larger canary wins. Neither side is empty with 1 to 99 % and two pods or more.
pub fn approximate(replicas: u32, weight: u32, weight_max: u32, surge: bool) -> Counts {
    if replicas == 0 {
        return Counts { canary: 0, stable: 0 };
    }
    let (weight, weight_max) = (u64::from(weight), u64::from(weight_max));
    let zero_allowed = weight == 0 || weight == weight_max || (replicas == 1 && !surge);
    let mut best: Option<(u64, u64)> = None;
    for total in (u64::from(replicas)..).take(if surge { 2 } else { 1 }) {
        let (floor, ceil) = (total * weight / weight_max, (total * weight).div_ceil(weight_max));
        let is_tied = 2 * (total * weight % weight_max) == weight_max;
        let options = [
            (ceil < total || zero_allowed).then_some(ceil),
            (!is_tied && (floor != 0 || zero_allowed)).then_some(floor),
        ];
        for canary in options.into_iter().flatten() {
            // Off by |canary/total - weight/max|; compared without fractions.
            let off = |(canary, total): (u64, u64)| (canary * weight_max).abs_diff(weight * total);
            let is_closer = |other: (u64, u64)| off((canary, total)) * other.1 < off(other) * total;
            if best.is_none_or(is_closer) {
                best = Some((canary, total));
            }
        }
    }
    let (canary, total) = best.unwrap_or((0, u64::from(replicas)));
    Counts { canary: canary as u32, stable: (total - canary) as u32 }
}

/// As many pods as a share of the traffic needs, rounded up.
pub fn weight_to_replicas(replicas: u32, weight: u32, weight_max: u32) -> u32 {
    (u64::from(replicas) * u64::from(weight)).div_ceil(u64::from(weight_max)) as u32
}

/// A split without a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basic {
    /// Pods that are wanted in all.
    pub replicas: u32,
    /// The canary's share.
    pub weight: u32,
    /// What would be all.
    pub weight_max: u32,
    /// Pods above the wanted number.
    pub surge: u32,
    /// Pods missing below the wanted number.
    pub unavailable: u32,
}

impl Basic {
    /// One step towards the split; `older` is what other sets shall have so far.
    pub fn step(&self, stable: &SetView, canary: &SetView, older: u32) -> Counts {
        let wish = approximate(self.replicas, self.weight, self.weight_max, self.surge > 0);
        let most = self.replicas + self.surge;
        let mut room = most.saturating_sub(stable.spec + canary.spec + older);
        let mut next = Counts { canary: canary.spec, stable: stable.spec };
        // The stable version takes its room first.
        let grow = |spec: u32, wish: u32, room: &mut u32| {
            let more = wish.saturating_sub(spec).min(*room);
            *room -= more;
            spec + more
        };
        next.stable = grow(stable.spec, wish.stable, &mut room);
        next.canary = grow(canary.spec, wish.canary, &mut room);
        if older > 0 {
            return next;
        }
        let least = self.replicas.saturating_sub(self.unavailable);
        // Of the side that is drained it does not matter who is available: it might never be.
        let drains_stable = wish.canary >= canary.spec;
        let safe = counted(canary, !drains_stable) + counted(stable, drains_stable);
        let Some(spare) = safe.checked_sub(least).filter(|spare| *spare > 0) else { return next };
        if drains_stable {
            next.stable = drained(stable, wish.stable, spare, next.stable);
            next.canary = within_limits(stable, canary, next.stable, next.canary, (least, most));
        } else {
            next.canary = drained(canary, wish.canary, spare, next.canary);
            next.stable = within_limits(canary, stable, next.canary, next.stable, (least, most));
        }
        next
    }
}

/// How many pods of a set count when others are taken away.
fn counted(set: &SetView, whether_available_or_not: bool) -> u32 {
    if whether_available_or_not { set.spec } else { set.spec.min(set.available) }
}

fn drained(set: &SetView, wish: u32, spare: u32, next: u32) -> u32 {
    if set.spec > wish { set.spec.saturating_sub(spare).max(wish) } else { next }
}

/// What the side that is not drained may keep, so that there are neither too many pods nor too few.
fn within_limits(drain: &SetView, other: &SetView, drained: u32, next: u32, (least, most): (u32, u32)) -> u32 {
    let over = (drained + next).saturating_sub(most);
    let kept = next.saturating_sub(over);
    let available = drain.available.min(drained) + other.available.min(kept);
    let lost = other.available.saturating_sub(kept);
    kept + lost.min(least.saturating_sub(available))
}

/// What a step says of the canary's size, besides its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// So many pods.
    Replicas(u32),
    /// As many as this share of the traffic would need.
    Weight(u32),
}

/// A split by a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routed<'a> {
    /// Pods that are wanted in all.
    pub replicas: u32,
    /// The canary's share.
    pub weight: u32,
    /// What would be all.
    pub weight_max: u32,
    /// The canary's size, if a step has set it.
    pub scale: Option<Scale>,
    /// A side that is not empty has no fewer pods than this.
    pub pods_min: u32,
    /// Whether the stable set follows its share, and the weights of all steps.
    pub dynamic: Option<&'a [u32]>,
    /// Whether it goes back.
    pub aborted: bool,
}

impl Routed<'_> {
    /// The sizes; `actual` is the canary's share of the traffic at present, if it is known.
    pub fn counts(&self, actual: Option<u32>) -> Counts {
        let pods = |weight| weight_to_replicas(self.replicas, weight, self.weight_max);
        let enough = |count: u32| if count == 0 { 0 } else { count.max(self.pods_min.min(self.replicas)) };
        let mut weight = self.weight;
        let mut canary = match self.scale {
            Some(Scale::Replicas(replicas)) => replicas,
            Some(Scale::Weight(scale)) => {
                weight = scale;
                enough(pods(scale))
            }
            None => enough(pods(weight)),
        };
        let Some(steps) = self.dynamic else {
            return Counts { canary, stable: self.replicas };
        };
        let mut stable = pods(self.weight_max.saturating_sub(weight));
        if let Some(actual) = actual {
            if self.aborted {
                // The stable set grows by steps, as it shrank; the canary stays while it has traffic.
                let lower = steps.iter().rev().copied().find(|step| *step < actual).unwrap_or(0);
                stable = pods(self.weight_max - lower.min(self.weight_max));
                canary = canary.max(pods(actual));
            }
            stable = stable.max(pods(self.weight_max.saturating_sub(actual)));
        }
        Counts { canary: enough(canary), stable: enough(stable) }
    }
}
