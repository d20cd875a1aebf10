//! PHOLD (Fujimoto 1990), the yardstick of event engines: each of N objects holds one event, which
//! moves on to an object picked at random after an exponential delay.
use sim_core::{Cx, Draw, Rng, Seed, Sim, Span, Time, World, ziggurat};

const OBJECTS: u32 = 1_024;

struct Objects {
    rng: Rng,
    visits: Vec<u32>,
}

impl World for Objects {
    type Event = u32; // the object that it visits
    type Fact = ();
    fn handle(&mut self, cx: &mut Cx<'_, Self>, object: u32) {
        self.visits[object as usize] += 1;
        let next = self.rng.below(self.visits.len()) as u32;
        cx.after(Span::from_secs_f64(ziggurat::exponential(&mut self.rng)), next);
    }
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() {
    let world = Objects { rng: Seed::new(1).stream("phold"), visits: vec![0; OBJECTS as usize] };
    let mut sim = Sim::new(world, ());
    sim.prime(|_, cx| (0..OBJECTS).for_each(|object| _ = cx.after(Span::ZERO, object)));
    sim.run_until(Time::ZERO + Span::from_secs(10_000));
    let (least, most) = (sim.world().visits.iter().min().unwrap(), sim.world().visits.iter().max().unwrap());
    println!("{} events, digest {:016x}", sim.events(), sim.digest());
    println!("visits an object: {least} to {most}, about 10000 expected");
}
