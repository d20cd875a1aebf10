use sim_core::Seed;

use super::*;
use crate::place::{NodeId, RegionId, ZoneId};

fn place(region: u16, zone: u16, node: u32) -> Place {
    Place { region: RegionId(region), zone: ZoneId(zone), node: NodeId(node) }
}

fn region(name: &str, city: Option<&str>) -> (String, Region) {
    (name.to_owned(), Region { city: city.map(str::to_owned), ..Region::default() })
}

fn constant(millis: u64) -> Distribution {
    Distribution::Constant(Span::from_millis(millis))
}

fn near(millis: u64) -> NetworkSettings {
    NetworkSettings { same_zone: constant(millis), ..NetworkSettings::default() }
}

fn network(settings: &NetworkSettings) -> Network {
    Network::new(settings, &[], &Recordings::default())
}

#[test]
fn latency_follows_from_where_the_places_are() {
    let regions = [region("us", Some("new-york")), region("eu", Some("london")), region("uk", Some("london"))];
    let link = Link { between: ("eu".to_owned(), "us".to_owned()), latency: constant(40) };
    let settings = NetworkSettings { wan: vec![link], ..NetworkSettings::default() };
    assert_eq!(settings.check(&regions), Ok(()));
    let network = Network::new(&settings, &regions, &Recordings::default());
    let home = place(0, 0, 0);
    for (other, micros) in [
        (place(0, 0, 0), 20),
        (place(0, 0, 1), 100),
        (place(0, 1, 4), 500),
        (place(1, 3, 9), 40_000),
        (place(2, 6, 18), 38_500),
    ] {
        let expected = Some(Span::from_micros(micros));
        for (from, to) in [(home, other), (other, home)] {
            let route = network.route(from, to);
            assert!(network.routes().any(|known| known == route));
            assert_eq!(network.fixed(route), expected, "{from:?} to {to:?}");
            assert_eq!(network.delay(route, &mut Draws::new(1)), expected);
        }
    }
    let micros: Vec<Vec<u64>> =
        network.distances().iter().map(|row| row.iter().map(|span| span.as_nanos() / 1000).collect()).collect();
    assert_eq!(micros, [[500, 40_000, 38_500], [40_000, 500, 500], [38_500, 500, 500]]);
}

#[test]
fn without_regions_nothing_takes_time_or_draws() {
    let network = Network::instant();
    let mut draws = Draws::new(7);
    for other in [place(0, 0, 0), place(0, 0, 5), place(0, 2, 9)] {
        let route = network.route(place(0, 0, 0), other);
        assert_eq!(network.fixed(route), Some(Span::ZERO));
        assert_eq!(network.delay(route, &mut draws), Some(Span::ZERO));
    }
    assert_eq!(draws, Draws::new(7));
    assert_eq!(network.distances(), [[Span::ZERO]]);
}

#[test]
fn jitter_adds_its_share_on_average_and_never_less_than_nothing() {
    let network = network(&NetworkSettings { jitter: Ratio::new(0.25), ..near(8) });
    let route = network.route(place(0, 0, 0), place(0, 0, 1));
    assert_eq!(network.fixed(route), None);
    let mut draws = Draws::new(3);
    let delays: Vec<f64> = (0..100_000).map(|_| network.delay(route, &mut draws).unwrap().as_millis_f64()).collect();
    assert!(delays.iter().all(|&delay| delay >= 8.0));
    let mean = delays.iter().sum::<f64>() / delays.len() as f64;
    assert!((mean - 10.0).abs() < 0.04, "{mean} ms");
}

#[test]
fn a_lost_message_costs_a_round_trip_and_the_least_timeout() {
    let network = network(&NetworkSettings { loss: Ratio::new(0.5), ..near(8) });
    let route = network.route(place(0, 0, 0), place(0, 0, 1));
    let mut draws = Seed::new(1).stream("loss");
    let mut counts = [0; 3];
    for _ in 0..10_000 {
        let delay = network.delay(route, &mut Draws::new(sim_core::Draw::next_u64(&mut draws))).unwrap();
        // 216 ms, then 432 ms, then 864 ms on top of the 8 ms that got through.
        match delay.as_nanos() / 1_000_000 {
            8 => counts[0] += 1,
            224 => counts[1] += 1,
            656 => counts[2] += 1,
            more => assert!(more >= 1520, "{more} ms"),
        }
    }
    for (count, expected) in counts.into_iter().zip([5_000_i32, 2_500, 1_250]) {
        assert!((count - expected).abs() < 180, "{count}, not {expected}");
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    let check = |settings: &NetworkSettings, regions: &[(String, Region)]| settings.check(regions).unwrap_err();
    let plain = NetworkSettings::default();
    let unzoned = ("us".to_owned(), Region { city: None, zones: 0 });
    assert!(check(&plain, &[unzoned]).starts_with("regions.us.zones: a region needs"));
    let lost = check(&plain, &[region("us", Some("new-yrok"))]);
    assert!(lost.starts_with("regions.us.city: unknown city \"new-yrok\"; known are tokyo, "), "{lost}");
    let far = check(&plain, &[region("us", None), region("eu", Some("paris"))]);
    assert!(far.starts_with("regions: how far is \"us\" from \"eu\"?"), "{far}");
    assert!(check(&NetworkSettings { loss: Ratio::new(1.01), ..plain.clone() }, &[]).starts_with("network.loss: 101%"));
    let link = Link { between: ("us".to_owned(), "moon".to_owned()), latency: constant(1_280) };
    let moon = check(&NetworkSettings { wan: vec![link], ..plain }, &[region("us", None)]);
    assert_eq!(moon, "network.wan[0].between: unknown region \"moon\"");
}

#[test]
fn settings_read_with_defaults() {
    let settings: NetworkSettings =
        ron::from_str(r#"(same_zone: Exponential(mean: "1ms"), jitter: "10%", wan: [(between: ("a", "b"), latency: Constant("9ms"))])"#)
            .unwrap();
    assert_eq!(settings.same_zone, Distribution::Exponential { mean: Span::from_millis(1) });
    assert_eq!(settings.same_node, NetworkSettings::default().same_node);
    assert_eq!(ron::from_str::<Region>("()").unwrap().zones, 3);
    assert!(ron::from_str::<Region>("(citty: None)").is_err());
}
