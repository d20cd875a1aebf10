use std::f64::consts::TAU;

use proptest::prelude::*;
use sim_core::strategy::Build;
use sim_core::units::{Rate, Ratio};
use sim_core::{Rng, Seed, Span, Time};

use super::*;

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

fn rate(per_second: f64) -> Rate {
    Rate::per_second(per_second)
}

fn percent(value: f64) -> Ratio {
    Ratio::new(value / 100.0)
}

fn rng() -> Rng {
    Seed::new(1).stream("arrivals")
}

fn at(profile: &Profile) -> Surroundings {
    Surroundings { profile: Some(profile.clone()), traces: Traces::default() }
}

/// Arrival times in seconds, up to `limit` of them.
fn times(arrivals: &impl Build<dyn Arrive, Surroundings>, surroundings: &Surroundings, limit: usize) -> Vec<f64> {
    let mut running = arrivals.build(surroundings);
    let mut rng = rng();
    std::iter::from_fn(|| running.next(&mut rng)).take(limit).map(Time::as_secs_f64).collect()
}

/// A daily wave in miniature, with a ramp and a spike on it; the formula below is written independently.
fn busy() -> Profile {
    Profile::Shaped {
        rate: rate(50.0),
        by: vec![
            Shape::Wave { amplitude: percent(60.0), period: span("40s"), peak_at: span("13s") },
            Shape::Ramp(vec![(span("10s"), percent(50.0)), (span("90s"), percent(150.0))]),
            Shape::Spike {
                peak: percent(400.0),
                at: span("30s"),
                rise: span("2s"),
                hold: span("10s"),
                fall: Span::ZERO,
            },
        ],
    }
}

fn busy_rate(t: f64) -> f64 {
    let wave = 1.0 + 0.6 * libm::cos(TAU * (t - 13.0) / 40.0);
    let ramp = 0.5 + (t.clamp(10.0, 90.0) - 10.0) / 80.0;
    let spike = if (30.0..42.0).contains(&t) { 1.0 + 3.0 * ((t - 30.0) / 2.0).min(1.0) } else { 1.0 };
    50.0 * wave * ramp * spike
}

/// The integral of [`busy_rate`] at each of `times`, which rise.
fn busy_areas(times: &[f64]) -> Vec<f64> {
    const STEP: f64 = 1e-4;
    let (mut area, mut steps) = (0.0, 0u32);
    let integral = |&time: &f64| {
        while f64::from(steps + 1) * STEP <= time {
            area += busy_rate((f64::from(steps) + 0.5) * STEP) * STEP;
            steps += 1;
        }
        let begin = f64::from(steps) * STEP;
        area + busy_rate((begin + time) / 2.0) * (time - begin)
    };
    times.iter().map(integral).collect()
}

/// The Kolmogorov-Smirnov distance of `values` from a distribution, times the root of their number;
/// above 1.95 in one of 1,000 samples.
fn kolmogorov_smirnov(mut values: Vec<f64>, cumulative: impl Fn(f64) -> f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as f64;
    let distance = values.iter().enumerate().map(|(index, &value)| {
        let expected = cumulative(value);
        (expected - index as f64 / count).max((index + 1) as f64 / count - expected)
    });
    distance.fold(0.0, f64::max) * count.sqrt()
}

#[test]
fn evenly_spaced_arrivals_come_where_the_integral_reaches_whole_numbers() {
    let ramp = Profile::Ramp(vec![(Span::ZERO, rate(0.0)), (span("100s"), rate(100.0))]);
    for (index, time) in times(&Deterministic {}, &at(&ramp), 5_000).into_iter().enumerate() {
        let expected = (2.0 * (index + 1) as f64).sqrt();
        assert!((time - expected).abs() < 1e-8, "arrival {index}: {time}, not {expected}");
    }
    let even = times(&Deterministic {}, &at(&Profile::Constant(rate(3000.0))), 1_000_000);
    for (index, time) in even.into_iter().enumerate() {
        assert!((time - (index + 1) as f64 / 3000.0).abs() < 2e-9, "arrival {index} at {time}");
    }
    let busy_times = times(&Deterministic {}, &at(&busy()), 10_000);
    for (index, area) in busy_areas(&busy_times).into_iter().enumerate() {
        // The chords of the wave are off by a few parts in 100,000.
        let expected = (index + 1) as f64;
        assert!((area - expected).abs() < 3e-5 * expected + 0.01, "arrival {index} at an integral of {area}");
    }
}

#[test]
fn the_rate_follows_the_formula_and_its_mean_the_integral() {
    for tenth in 0..1200 {
        let (now, t) = (Time::from_nanos(tenth * 100_000_000), tenth as f64 / 10.0);
        let (got, expected) = (busy().rate_at(now), busy_rate(t));
        assert!((got - expected).abs() < 1e-9 * expected, "at {t}: {got}, not {expected}");
    }
    let mean = busy().rate_mean(Time::ZERO + span("25s"), Time::ZERO + span("60s"));
    let areas = busy_areas(&[25.0, 60.0]);
    assert!((mean - (areas[1] - areas[0]) / 35.0).abs() < 1e-3 * mean);
}

#[test]
fn poisson_gaps_are_exponential_on_the_clock_of_the_rate() {
    let areas = busy_areas(&times(&Poisson {}, &at(&busy()), 20_000));
    let gaps = areas.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let distance = kolmogorov_smirnov(gaps, |gap| -libm::expm1(-gap));
    assert!(distance < 1.95, "{distance}");
}

#[test]
fn a_sum_adds_and_a_zero_part_ends() {
    let night = Profile::Shaped {
        rate: rate(20.0),
        by: vec![
            Shape::Wave { amplitude: percent(100.0), period: span("1ms"), peak_at: Span::ZERO },
            Shape::Steps(vec![(Span::ZERO, percent(100.0)), (span("10s"), percent(0.0))]),
        ],
    };
    let bursty = Bursty { phases: vec![phase(0.0, "10ms"), phase(100.0, "10ms")] };
    assert!((150..250).contains(&times(&Poisson {}, &at(&night), 1_000).len()));
    assert!((100..300).contains(&times(&bursty, &at(&night), 1_000).len()));
    let sum = Profile::Sum(vec![night, Profile::Constant(rate(0.0)), Profile::Constant(rate(5.0))]);
    assert!((sum.rate_mean(Time::ZERO, Time::ZERO + span("20s")) - 15.0).abs() < 1e-6);
}

fn phase(factor: f64, mean: &str) -> Phase {
    Phase { factor: percent(factor), mean: span(mean) }
}

#[test]
fn bursts_keep_the_mean_and_have_the_dispersion_of_theory() {
    let bursty = Bursty { phases: vec![phase(50.0, "300ms"), phase(400.0, "100ms")] };
    let windows = 5_000;
    let mut counts = vec![0.0; windows];
    for time in times(&bursty, &at(&Profile::Constant(rate(40.0))), 3_000_000) {
        match counts.get_mut((time / 10.0) as usize) {
            Some(count) => *count += 1.0,
            None => break,
        }
    }
    let mean = counts.iter().sum::<f64>() / windows as f64;
    let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / windows as f64;
    assert!((mean - 400.0).abs() < 5.0, "{mean} in 10 s");
    // Heffes and Lucantoni: 1 + 2 (a - b)^2 p q / ((p + q)^2 (a q + b p)) with rates a, b left at p, q;
    // a window of 10 s is 133 times the memory of 1 / (p + q), which takes 1/133 off.
    let (a, b, p, q) = (40.0 * 0.5 / 1.375, 40.0 * 4.0 / 1.375, 1.0 / 0.3, 1.0 / 0.1);
    let dispersion = 1.0 + 2.0 * (a - b) * (a - b) * p * q / ((p + q) * (p + q) * (a * q + b * p));
    let got = variance / mean;
    assert!((got - dispersion).abs() < 0.08 * dispersion, "{got}, not {dispersion}");
}

#[test]
fn recorded_times_are_replayed_from_the_middle_and_faster() {
    let mut surroundings = Surroundings::default();
    let recorded = [0, 681, 681, 4_995, 9_000].map(|ms| Time::ZERO + Span::from_millis(ms));
    surroundings.traces.insert_times("a.csv", "t_ms", TimeTrace { times: recorded.to_vec() });
    let settings = |from: &str, speed| Times {
        file: "a.csv".to_owned(),
        column: "t_ms".to_owned(),
        from: span(from),
        speed: percent(speed),
    };
    assert_eq!(times(&settings("0s", 100.0), &surroundings, 9), [0.0, 0.681, 0.681, 4.995, 9.0]);
    assert_eq!(times(&settings("681ms", 200.0), &surroundings, 9), [0.0, 0.0, 2.157, 4.1595]);
    assert_eq!(settings("9s", 100.0).check(&surroundings.traces), Ok(()));
    assert!(settings("10s", 100.0).check(&surroundings.traces).unwrap_err().starts_with("from: 10s is after"));
}

fn read(text: &str) -> Profile {
    ron::from_str(text).unwrap()
}

#[test]
fn profiles_read_as_documented() {
    let profile = read(
        r#"Shaped(rate: "1000/s", by: [
            Wave(amplitude: "60%", period: "1d", peak_at: "20h"),
            Wave(amplitude: "15%", period: "7d"),
            Spike(peak: "400%", at: "4d20h", hold: "30min"),
        ])"#,
    );
    assert_eq!(profile.check(), Ok(()));
    let peak = profile.rate_at(Time::ZERO + span("4d20h"));
    assert!((peak - 1000.0 * 1.6 * 4.0 * (1.0 + 0.15 * libm::cos(TAU * 116.0 / 168.0))).abs() < 1e-6, "{peak}");
    let steps = read(r#"Steps([("0s", "1000/s"), ("5min", "14000/s"), ("20min", "1000/s")])"#);
    let rates = ["0s", "299s", "5min", "20min", "1d"].map(|time| steps.rate_at(Time::ZERO + span(time)));
    assert_eq!(rates, [1e3, 1e3, 14e3, 1e3, 1e3]);
    assert_eq!(ron::from_str::<Profile>(&ron::to_string(&profile).unwrap()), Ok(profile));
}

#[test]
fn arrivals_read_with_defaults() {
    let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES);
    let read = |text: &str| options.from_str::<Arrivals>(text).unwrap();
    assert_eq!(read("Poisson()"), Arrivals::default());
    let (file, column, from) = ("log.csv".to_owned(), "requests".to_owned(), span("7h"));
    let counts = Counts { file, column, scale: percent(100.0), from };
    assert_eq!(read(r#"Counts(file: "log.csv", from: "7h")"#), Arrivals::Counts(counts));
    let phases = vec![phase(20.0, "40s"), phase(500.0, "10s")];
    let text = r#"Bursty(phases: [(factor: "20%", mean: "40s"), (factor: "500%", mean: "10s")])"#;
    assert_eq!(read(text), Arrivals::Bursty(Bursty { phases }));
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, complaint) in [
        (r#"Steps([])"#, "[0]: at least one point"),
        (r#"Steps([("5s", "1/s")])"#, "[0]: the first step must be at 0s, not at 5s"),
        (r#"Ramp([("5s", "1/s"), ("5s", "2/s")])"#, "[1]: 5s must come after"),
        (r#"Wave(mean: "1/s", amplitude: "101%", period: "1d")"#, "amplitude: 101% is above"),
        (r#"Sum([Constant("1/s"), Wave(mean: "1/s", amplitude: "1%", period: "0s")])"#, "Sum[1].period: must"),
        (r#"Shaped(rate: "1/s", by: [Spike(peak: "2%", at: "0s", hold: "0s")])"#, "by[0].hold: a spike"),
        (r#"Shaped(rate: "1/s", by: [Steps([("1s", "2%")])])"#, "by[0][0]: the first step"),
    ] {
        let wrong = read(text).check().unwrap_err();
        assert!(wrong.starts_with(complaint), "{text}: {wrong}");
    }
    let wrong = Arrivals::default().check(&Surroundings::default()).unwrap_err();
    assert_eq!(wrong, "rate: Poisson arrivals need one");
    let bursty = Arrivals::Bursty(Bursty { phases: vec![phase(0.0, "1s")] });
    assert!(bursty.check(&at(&busy())).unwrap_err().starts_with("phases: one of them"));
}

/// Profiles of every kind, zero rates and jumps included.
fn profiles() -> impl Strategy<Value = Profile> {
    let points = prop::collection::vec((1..5_000_u64, 0..3_u32), 1..6).prop_map(|points| {
        let mut now = 0;
        let point = |(gap, level)| {
            let at = Span::from_millis(now);
            now += gap;
            (at, Ratio::new(f64::from(level)))
        };
        points.into_iter().map(point).collect::<Vec<_>>()
    });
    let wave = (1..10_000_u64, 0..=100_u32, 0..20_000_u64).prop_map(|(period, amplitude, peak_at)| Shape::Wave {
        amplitude: percent(f64::from(amplitude)),
        period: Span::from_millis(period),
        peak_at: Span::from_millis(peak_at),
    });
    let shape = prop_oneof![points.clone().prop_map(Shape::Steps), points.prop_map(Shape::Ramp), wave.boxed()].boxed();
    let shaped = (0.1..1e3_f64, prop::collection::vec(shape, 0..3))
        .prop_map(|(per_second, by)| Profile::Shaped { rate: rate(per_second), by });
    prop::collection::vec(shaped, 1..3).prop_map(Profile::Sum)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn arrivals_never_go_back_and_are_as_many_as_expected(profile in profiles(), seed: u64) {
        prop_assert_eq!(profile.check(), Ok(()));
        let end = Time::ZERO + Span::from_secs(20);
        let expected = profile.rate_mean(Time::ZERO, end) * 20.0;
        let kinds = [
            (Arrivals::Deterministic(Deterministic {}), 1.0),
            (Arrivals::default(), 6.0 * expected.sqrt() + 6.0),
            (Arrivals::Bursty(Bursty { phases: vec![phase(0.0, "50ms"), phase(100.0, "50ms")] }), f64::INFINITY),
        ];
        for (arrivals, tolerance) in kinds {
            let mut rng = Seed::new(seed).stream("arrivals");
            let mut running = arrivals.build(&at(&profile));
            let (mut last, mut count) = (Time::ZERO, 0.0);
            while let Some(time) = running.next(&mut rng).filter(|&time| time <= end) {
                prop_assert!(time >= last);
                (last, count) = (time, count + 1.0);
            }
            prop_assert!((count - expected).abs() <= tolerance, "{} {count}, not {expected}", arrivals.name());
        }
    }
}
