//! x
#![allow(dead_code)]
#[path = "../../tests/swarm/author.rs"]
mod author;
#[path = "../../tests/swarm/cluster.rs"]
mod cluster;
use models::world::{Fact, World};
use sim_core::{Observer, Seed, Sim, Span, Time};
use std::collections::BTreeMap;
#[derive(Default)]
struct S(BTreeMap<String, u64>);
impl Observer<World> for S {
    fn fact(&mut self, _: Time, fact: &Fact) {
        let k = match fact {
            Fact::Healed(h) => format!("healed {:?} {:?} {}", h.ailment.cause, h.ailment.action, h.success),
            Fact::Scaled { from, to, reason, .. } => {
                format!("scaled {} {reason:?}", if to > from { "up" } else { "down" })
            }
            Fact::Struck { victims, .. } => format!("struck {}", if *victims > 0 { "some" } else { "none" }),
            Fact::Probed { kind, ok, .. } => format!("probed {kind:?} {ok}"),
            Fact::Applied { command, effective, .. } => {
                format!("applied {} {effective}", format!("{command:?}").split(' ').next().unwrap())
            }
            Fact::Answered { outcome, .. } => format!("answered {outcome:?}"),
            Fact::Mended { .. } => "mended".into(),
            Fact::Unschedulable { .. } => "unschedulable".into(),
            _ => return,
        };
        *self.0.entry(k).or_default() += 1;
    }
}
#[test]
fn stats() {
    let mut all = BTreeMap::new();
    let mut events = 0;
    let mut ail = BTreeMap::<String, u64>::new();
    let mut most = (0, 0);
    for seed in 0..500 {
        let text = cluster::Cluster::new(seed).scenario();
        let source = scenarios::file::Source::new("x", text);
        let loaded = scenarios::parse(&source, std::path::Path::new(".")).unwrap();
        let world = scenarios::assemble::assemble(&loaded.scenario, &loaded.inputs, Seed::new(1));
        let mut sim = Sim::new(world, S::default());
        sim.prime(World::start);
        sim.run_until(Time::ZERO + Span::from_secs(600));
        events += sim.events();
        most = most.max((sim.events(), seed));
        for a in sim.world().ailments() {
            *ail.entry(format!("{:?} {:?}", a.cause, a.action)).or_default() += 1;
        }
        for (k, v) in sim.into_parts().1.0 {
            let e = all.entry(k).or_insert((0, 0));
            e.0 += v;
            e.1 += 1;
        }
    }
    for (k, (v, s)) in all {
        println!("{k:45} {v:9} in {s} seeds");
    }
    println!("{events} events, most {most:?}\n{ail:#?}");
}
