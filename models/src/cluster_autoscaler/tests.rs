//! The loop as stories.

use sim_core::{Bytes, Cores, Seed, Span, Time};

use super::*;
use crate::place::NodeId;
use crate::pod::Resources;
use crate::schedule::{
    ClassId, ClassSpec, Cluster, DefaultSpread, NodeSpec, Owner, PodKey, Requests, SchedulerSettings, Selector,
    Unplaced,
};

fn resources(cpu: u64) -> Resources {
    Resources { cpu: Cores::milli(cpu), memory: Bytes::new(cpu << 20) }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

/// A cluster of pools, looked at every ten seconds.
struct Story {
    cluster: Cluster,
    autoscaler: ClusterAutoscaler,
    nodes: Vec<NodeView>,
    starting: Vec<Starting>,
    pending: Vec<Unplaced>,
    seconds: u64,
}

impl Story {
    /// Pools with nodes of the given processors, from one to ten nodes each; `nodes` of the first.
    fn new(pools: &[u64], nodes: u32) -> Story {
        let pool = |&cpu: &u64| Pool {
            template: NodeSpec::new("", "r", "a", resources(cpu)),
            min: 1,
            max: 10,
            price: cpu as f64,
        };
        let pools: Vec<Pool> = pools.iter().map(pool).collect();
        let mut cluster = Cluster::new(DefaultSpread::System);
        let join = |index: u32| NodeView {
            node: cluster.add_node(&pools[0].template.named(&format!("node-{index}"))),
            pool: PoolId(0),
            ready: true,
            scale_down_disabled: false,
            deleting: None,
        };
        let nodes = (0..nodes).map(join).collect();
        let settings = ClusterAutoscalerSettings::default();
        settings.check().expect("the defaults make sense");
        let filters = SchedulerSettings::default().filters;
        let autoscaler = ClusterAutoscaler::new(&settings, pools, &filters, Seed::new(3).stream("autoscaler"));
        Story { cluster, autoscaler, nodes, starting: Vec::new(), pending: Vec::new(), seconds: 0 }
    }

    fn class(&mut self, cpu: u64) -> ClassId {
        let labels = [("app".to_owned(), "web".to_owned())].into();
        self.cluster.add_class(ClassSpec { labels, requests: Requests::from(resources(cpu)), ..ClassSpec::default() })
    }

    fn wait(&mut self, class: ClassId, pods: std::ops::Range<u64>) {
        let since = at(self.seconds);
        self.pending.extend(pods.map(|pod| Unplaced { pod: PodKey(pod), class, since }));
    }

    fn look(&mut self) -> Vec<Action> {
        let view =
            View { cluster: &self.cluster, nodes: &self.nodes, starting: &self.starting, pending: &self.pending };
        self.autoscaler.step(at(self.seconds), &view)
    }

    /// Looks until something is to be done, and tells when that was.
    fn look_until(&mut self, end: u64) -> Option<(u64, Vec<Action>)> {
        while self.seconds < end {
            self.seconds += 10;
            let actions = self.look();
            if !actions.is_empty() {
                return Some((self.seconds, actions));
            }
        }
        None
    }
}

const POOL: PoolId = PoolId(0);

#[test]
fn pods_that_wait_bring_nodes_and_nodes_on_their_way_count() {
    let mut story = Story::new(&[1_000], 0);
    let class = story.class(400);
    story.wait(class, 0..5);
    assert_eq!(story.look(), [Action::Add { pool: POOL, count: 3 }]);
    story.starting = vec![Starting { pool: POOL, since: at(0) }; 3];
    assert_eq!(story.look(), []);
    story.wait(class, 5..100);
    assert_eq!(story.look(), [Action::Add { pool: POOL, count: 7 }], "ten is the most");
}

#[test]
fn the_pool_with_the_least_waste_grows() {
    let mut story = Story::new(&[8_000, 1_000, 500], 0);
    let class = story.class(900);
    story.wait(class, 0..2);
    assert_eq!(story.look(), [Action::Add { pool: PoolId(1), count: 2 }]);
}

#[test]
fn a_pod_that_fits_no_template_brings_nothing() {
    let mut story = Story::new(&[1_000], 1);
    let class = story.class(1_001);
    story.wait(class, 0..1);
    assert_eq!(story.look(), []);
}

#[test]
fn nodes_that_do_not_come_are_given_up_and_their_pool_rests() {
    let mut story = Story::new(&[1_000], 0);
    let class = story.class(400);
    story.wait(class, 0..1);
    assert_eq!(story.look().len(), 1);
    story.starting.push(Starting { pool: POOL, since: at(0) });
    assert_eq!(story.look_until(2_000), Some((910, vec![Action::GiveUp { pool: POOL, count: 1 }])));
    story.starting.clear();
    assert_eq!(story.look_until(2_000), Some((1_210, vec![Action::Add { pool: POOL, count: 1 }])));
}

#[test]
fn an_idle_node_goes_after_ten_minutes_without_a_break() {
    let mut story = Story::new(&[1_000], 2);
    let class = story.class(600);
    story.cluster.bind(PodKey(0), class, NodeId(0), at(0));
    assert_eq!(story.look_until(300), None);
    // For a moment it is needed.
    story.cluster.bind(PodKey(1), class, NodeId(1), at(300));
    assert_eq!(story.look_until(310), None);
    story.cluster.unbind(PodKey(1), NodeId(1));
    assert_eq!(story.look_until(2_000), Some((930, vec![Action::Remove { node: NodeId(1) }])));
}

#[test]
fn a_node_is_emptied_only_if_its_pods_fit_elsewhere_and_budgets_allow() {
    let mut story = Story::new(&[1_000], 2);
    let class = story.class(300);
    let budget = story.cluster.add_budget("default", Selector::labels([("app", "web")]));
    (0..2).for_each(|pod| story.cluster.bind(PodKey(pod), class, NodeId(pod as u32), at(0)));
    assert_eq!(story.look_until(1_000), None, "the budget allows nothing");
    story.cluster.set_allowed(budget, 1);
    let (when, actions) = story.look_until(3_000).expect("a node goes");
    // The last failed look was at 910, the next after five minutes.
    assert_eq!((when, actions), (1_820, vec![Action::Remove { node: NodeId(0) }]));

    let mut full = Story::new(&[1_000], 2);
    let (small, large) = (full.class(300), full.class(800));
    full.cluster.bind(PodKey(0), small, NodeId(0), at(0));
    full.cluster.bind(PodKey(1), large, NodeId(1), at(0));
    assert_eq!(full.look_until(2_000), None, "the small pod fits nowhere else");
}

#[test]
fn pods_that_nobody_replaces_hold_their_node_and_daemons_do_not() {
    let mut story = Story::new(&[1_000], 3);
    for (node, owner) in [(0, Owner::Nobody), (1, Owner::DaemonSet), (2, Owner::Nobody)] {
        let requests = Requests::from(resources(100));
        let class = story.cluster.add_class(ClassSpec { owner, requests, ..ClassSpec::default() });
        story.cluster.bind(PodKey(node), class, NodeId(node as u32), at(0));
    }
    assert_eq!(story.look_until(2_000), Some((620, vec![Action::Remove { node: NodeId(1) }])));
}

#[test]
fn no_node_goes_soon_after_one_came() {
    let mut story = Story::new(&[1_000], 2);
    story.seconds = 600;
    let class = story.class(900);
    story.wait(class, 0..3);
    assert_eq!(story.look(), [Action::Add { pool: POOL, count: 1 }]);
    story.pending.clear();
    assert_eq!(story.look_until(3_000), Some((1_220, vec![Action::Remove { node: NodeId(0) }])));
}

#[test]
fn empty_nodes_go_together_down_to_the_fewest() {
    let mut story = Story::new(&[1_000], 5);
    let (_, actions) = story.look_until(2_000).expect("nodes go");
    assert_eq!(actions.len(), 4);
}

#[test]
fn with_half_of_the_nodes_lost_nothing_is_done() {
    let mut story = Story::new(&[1_000], 8);
    story.nodes.iter_mut().take(4).for_each(|node| node.ready = false);
    assert_eq!(story.look_until(4_000), None);
    story.nodes[0].ready = true;
    let seconds = story.seconds;
    let (when, actions) = story.look_until(8_000).expect("what is well and idle goes first");
    assert_eq!((when - seconds, actions.len()), (620, 5));
    assert!(!actions.contains(&Action::Remove { node: NodeId(1) }));
}
