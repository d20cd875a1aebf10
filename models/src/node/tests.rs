use insta::assert_snapshot;
use sim_core::{Span, Time};

use super::lifecycle::{Effect, Lifecycle, LifecycleSettings, NodeView};
use crate::place::{NodeId, ZoneId};

fn at(secs: u64) -> Time {
    Time::ZERO + Span::from_secs(secs)
}

/// Zones of so many nodes each, numbered through; `down` tells from when to when, in seconds, a
/// node's lease is not renewed. Looks every 5 s, and tells what happened, equal effects together.
fn script(zones: &[u32], until: u64, down: impl Fn(u16, u32) -> Option<(u64, u64)>) -> String {
    let mut lifecycle = Lifecycle::new(LifecycleSettings::default());
    let mut views = Vec::new();
    for (zone, &nodes) in zones.iter().enumerate() {
        for _ in 0..nodes {
            let node = NodeId(views.len() as u32);
            views.push(NodeView { node, zone: ZoneId(zone as u16), created: Time::ZERO, heartbeat: None });
        }
    }
    let mut told = String::new();
    for second in (0..=until).step_by(5) {
        if second % 10 == 0 {
            for view in &mut views {
                if !down(view.zone.0, view.node.0).is_some_and(|(from, to)| (from..to).contains(&second)) {
                    view.heartbeat = Some((at(second), true));
                }
            }
        }
        let mut effects = Vec::new();
        lifecycle.monitor(at(second), &views, &mut effects);
        for line in lines(&effects) {
            told += &format!("{:>8}  {line}\n", at(second).to_string());
        }
    }
    told
}

fn lines(effects: &[Effect]) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<u32>)> = Vec::new();
    let mut others = Vec::new();
    for &effect in effects {
        let (name, NodeId(id)) = match effect {
            Effect::Unreachable { node } => ("unreachable", node),
            Effect::NotReady { node } => ("not ready", node),
            Effect::Ready { node } => ("ready", node),
            Effect::Taint { node } => ("taint", node),
            Effect::Untaint { node } => ("untaint", node),
            Effect::Evict { node } => ("evict", node),
            Effect::Zone { zone, state } => {
                others.push(format!("zone {}: {state:?}", zone.0));
                continue;
            }
        };
        match lines.iter_mut().find(|(other, _)| *other == name) {
            Some((_, ids)) => ids.push(id),
            None => lines.push((name, vec![id])),
        }
    }
    let line = |(name, ids): (&str, Vec<u32>)| format!("{name} {ids:?}");
    lines.into_iter().map(line).chain(others).collect()
}

#[test]
fn a_node_is_given_up_and_comes_back() {
    assert_snapshot!(script(&[3, 3], 500, |_, node| (node == 1).then_some((60, 450))), @r"
         0s  ready [0, 1, 2, 3, 4, 5]
         0s  zone 0: Normal
         0s  zone 1: Normal
    1min35s  unreachable [1]
    1min40s  taint [1]
    6min40s  evict [1]
    7min30s  ready [1]
    7min30s  untaint [1]
    ");
}

#[test]
fn a_zone_that_is_gone_loses_its_pods_one_node_in_ten_seconds() {
    assert_snapshot!(script(&[4, 4], 420, |zone, _| (zone == 0).then_some((60, 1_000))), @r"
         0s  ready [0, 1, 2, 3, 4, 5, 6, 7]
         0s  zone 0: Normal
         0s  zone 1: Normal
    1min35s  unreachable [0, 1, 2, 3]
    1min35s  zone 0: FullDisruption
    1min40s  taint [0]
    1min50s  taint [1]
       2min  taint [2]
    2min10s  taint [3]
    6min40s  evict [0]
    6min50s  evict [1]
       7min  evict [2]
    ");
}

#[test]
fn a_zone_that_is_mostly_gone_loses_none_if_it_is_small() {
    assert_snapshot!(script(&[8, 4], 300, |_, node| (node < 5).then_some((60, 200 + 10 * u64::from(node)))), @r"
         0s  ready [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
         0s  zone 0: Normal
         0s  zone 1: Normal
    1min35s  unreachable [0, 1, 2, 3, 4]
    1min35s  zone 0: PartialDisruption
    3min20s  ready [0]
    3min20s  zone 0: Normal
    3min30s  ready [1]
    3min30s  taint [2]
    3min40s  ready [2]
    3min40s  untaint [2]
    3min40s  taint [3]
    3min50s  ready [3]
    3min50s  untaint [3]
    3min50s  taint [4]
       4min  ready [4]
       4min  untaint [4]
    ");
}

#[test]
fn a_large_one_loses_them_slowly() {
    let told = script(&[51, 4], 400, |_, node| (node < 30).then_some((60, 1_000)));
    let taints: Vec<&str> = told.lines().filter(|line| line.contains("taint")).collect();
    assert_snapshot!(taints.join("\n"), @r"
    1min40s  taint [0]
    3min20s  taint [1]
       5min  taint [2]
    6min40s  taint [3]
    ");
}

#[test]
fn nobody_leaves_when_all_zones_are_gone() {
    assert_snapshot!(script(&[2, 2], 300, |zone, node| {
        // One zone later than the other: what has been tainted by then is untainted.
        Some((if zone == 0 { 60 } else { 100 }, if node == 3 { 1_000 } else { 200 }))
    }), @r"
         0s  ready [0, 1, 2, 3]
         0s  zone 0: Normal
         0s  zone 1: Normal
    1min35s  unreachable [0, 1]
    1min35s  zone 0: FullDisruption
    1min40s  taint [0]
    1min50s  taint [1]
    2min15s  unreachable [2, 3]
    2min15s  untaint [0, 1]
    2min15s  zone 1: FullDisruption
    3min20s  ready [0, 1, 2]
    3min20s  zone 0: Normal
    3min20s  zone 1: Normal
    3min30s  taint [3]
    ");
}

#[test]
fn a_node_that_never_says_anything_has_a_minute() {
    let mut lifecycle = Lifecycle::new(LifecycleSettings::default());
    let view = |node, heartbeat| NodeView { node: NodeId(node), zone: ZoneId(0), created: Time::ZERO, heartbeat };
    let mut told = String::new();
    for second in (0..=80).step_by(5) {
        let mut effects = Vec::new();
        // The other one says that it is not ready from 30 s on.
        let nodes = [view(0, None), view(1, Some((at(second), second < 30))), view(2, Some((at(second), true)))];
        lifecycle.monitor(at(second), &nodes, &mut effects);
        for line in lines(&effects) {
            told += &format!("{second} {line}\n");
        }
    }
    assert_snapshot!(told, @r"
    0 ready [1, 2]
    0 zone 0: Normal
    30 not ready [1]
    30 taint [1]
    65 unreachable [0]
    65 taint [0]
    ");
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    let usual = LifecycleSettings::default();
    assert_eq!(usual.check(), Ok(()));
    let hasty = LifecycleSettings { monitor_grace_period: Span::from_secs(4), ..usual.clone() };
    assert!(hasty.check().unwrap_err().starts_with("monitor_grace_period: "));
    let read: LifecycleSettings =
        ron::from_str("(eviction_rate: \"6/min\", unhealthy_zone_threshold: \"55%\")").unwrap();
    assert_eq!(read, usual);
}
