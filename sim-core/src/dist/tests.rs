//! Every distribution against its exact moments, its known quantiles and its written form.

use super::*;
use crate::rng::{Draw, Draws};

const OPTIONS: ron::extensions::Extensions =
    ron::extensions::Extensions::IMPLICIT_SOME.union(ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES);

fn read(text: &str) -> Result<Distribution, ron::error::SpannedError> {
    ron::Options::default().with_default_extension(OPTIONS).from_str(text)
}

fn recordings() -> Recordings {
    let mut recordings = Recordings::default();
    let recording = Recording { file: "web.csv", column: Some("latency") };
    recordings.insert(recording, &[0.3, 0.1, 0.2, 0.9]).unwrap();
    recordings
}

const EXAMPLES: &[&str] = &[
    r#"Constant("5ms")"#,
    r#"Uniform(low:"1ms",high:"5ms")"#,
    r#"Exponential(mean:"5ms")"#,
    r#"Normal(mean:"5ms",sd:"1ms")"#,
    r#"Normal(mean:"1ms",sd:"5ms")"#,
    r#"Normal(mean:"0s",sd:"5ms")"#,
    r#"LogNormal(mean:"20ms",cv:0.8)"#,
    r#"LogNormal(mean:"20ms",cv:0.0)"#,
    r#"Gamma(mean:"20ms",cv:0.5)"#,
    r#"Gamma(mean:"20ms",cv:1.0)"#,
    r#"Gamma(mean:"20ms",cv:1.7)"#,
    r#"Weibull(mean:"20ms",shape:0.7)"#,
    r#"Weibull(mean:"20ms",shape:3.0)"#,
    r#"Pareto(low:"10ms",alpha:5.5)"#,
    r#"Pareto(low:"100ms",alpha:1.5,high:"10s")"#,
    r#"Pareto(low:"100ms",alpha:1.0,high:"1s")"#,
    r#"Pareto(low:"100ms",alpha:2.0,high:"1s")"#,
    r#"Empirical(file:"web.csv",column:"latency")"#,
    r#"Mixture([(9.0,Constant("1ms")),(0.0,Constant("1d")),(1.0,Exponential(mean:"10ms"))])"#,
];

#[test]
fn files_are_read_as_they_are_written() {
    let options = ron::Options::default().with_default_extension(OPTIONS);
    for text in EXAMPLES {
        let distribution = read(text).unwrap();
        assert_eq!(options.to_string(&distribution).unwrap(), *text);
        assert_eq!(distribution.check(), Ok(()), "{text}");
        assert!(text.starts_with(distribution.name()), "{text}");
    }
}

#[test]
fn means_and_squares_are_those_of_many_draws() {
    const DRAWS: usize = 100_000;
    let recordings = recordings();
    for (index, text) in EXAMPLES.iter().enumerate() {
        let distribution = read(text).unwrap();
        let sampler = distribution.sampler(&recordings);
        let mut draws = Draws::new(1_000 + index as u64);
        let seconds: Vec<f64> = (0..DRAWS).map(|_| sampler.draw(&mut draws).as_secs_f64()).collect();
        for (power, exact) in [(1, distribution.mean(&recordings)), (2, distribution.mean_square(&recordings))] {
            let raised = seconds.iter().map(|x| if power == 1 { *x } else { x * x });
            let sample: crate::stats::Welford = raised.collect();
            let (exact, error) = (exact.unwrap(), sample.standard_error().unwrap());
            // Rounding to nanoseconds moves a constant by half of one.
            let slack = 4.0 * error + 1e-9;
            assert!((sample.mean() - exact).abs() <= slack, "{text}^{power}: {} is not {exact}", sample.mean());
        }
    }
}

#[test]
fn shapes_have_their_exact_quantiles() {
    // Share of draws below a point, where the distribution function is simple.
    for (text, point, exact) in [
        (r#"Uniform(low:"1ms",high:"5ms")"#, "2ms", 0.25),
        (r#"Exponential(mean:"5ms")"#, "10ms", -libm::expm1(-2.0)),
        (r#"LogNormal(mean:"20ms",cv:1.0)"#, "14142136ns", 0.5),
        // Two stages of 10 ms: 1 - e^-x (1 + x).
        (r#"Gamma(mean:"20ms",cv:0.7071067811865476)"#, "10ms", 1.0 - 2.0 * libm::exp(-1.0)),
        // Half a degree of freedom is the square of a normal number: its median is 0.4549 of its mean.
        (r#"Gamma(mean:"20ms",cv:1.4142135623730951)"#, "9098728ns", 0.5),
        // Shape 2 has the mean scale sqrt(pi) / 2.
        (r#"Weibull(mean:"20ms",shape:2.0)"#, "20ms", -libm::expm1(-std::f64::consts::FRAC_PI_4)),
        (r#"Pareto(low:"10ms",alpha:0.5)"#, "40ms", 0.5),
        (r#"Pareto(low:"100ms",alpha:1.0,high:"400ms")"#, "200ms", 2.0 / 3.0),
        (r#"Normal(mean:"0s",sd:"5ms")"#, "5ms", libm::erf(std::f64::consts::FRAC_1_SQRT_2)),
        (r#"Empirical(file:"web.csv",column:"latency")"#, "250ms", 0.5),
        (r#"Mixture([(3,Constant("1ms")),(1,Constant("9ms"))])"#, "5ms", 0.75),
    ] {
        const DRAWS: usize = 40_000;
        let sampler = read(text).unwrap().sampler(&recordings());
        let point: Span = point.parse().unwrap();
        let mut draws = Draws::new(7);
        let below = (0..DRAWS).filter(|_| sampler.draw(&mut draws) < point).count() as f64 / DRAWS as f64;
        let error = (exact * (1.0 - exact) / DRAWS as f64).sqrt();
        assert!((below - exact).abs() < 4.0 * error, "{text}: {below} is not {exact}");
    }
}

#[test]
fn moments_that_diverge_are_none_and_those_close_to_it_are_exact() {
    let none = Recordings::default();
    let moments = |text| {
        let distribution = read(text).unwrap();
        (distribution.mean(&none), distribution.mean_square(&none))
    };
    assert_eq!(moments(r#"Pareto(low:"1s",alpha:1.0)"#), (None, None));
    assert_eq!(moments(r#"Pareto(low:"1s",alpha:1.5)"#), (Some(3.0), None));
    assert_eq!(moments(r#"Mixture([(1,Constant("1s")),(0,Pareto(low:"1s",alpha:0.5))])"#), (Some(1.0), Some(1.0)));
    // The bounded Pareto on 1 to e: continuous through the logarithmic case alpha = 1.
    let at_one = 1.0 / -libm::expm1(-1.0);
    let close = moments(r#"Pareto(low:"1000s",alpha:1.0000000001,high:"2718.281828459s")"#).0.unwrap();
    assert!((close / 1e3 - at_one).abs() < 1e-9, "{close}");
    // As published with the M/G/1 cases.
    let (mean, square) = moments(r#"Pareto(low:"100ms",alpha:1.5,high:"100s")"#);
    assert!((mean.unwrap() - 0.290_522_354_143).abs() < 1e-11, "{mean:?}");
    assert!((square.unwrap() - 0.918_712_350_286).abs() < 1e-11, "{square:?}");
}

#[test]
fn bounds_are_kept_and_draws_depend_on_the_seed_alone() {
    let sampler = read(r#"Pareto(low:"100ms",alpha:0.1,high:"101ms")"#).unwrap().sampler(&recordings());
    let all = |seed| {
        let mut draws = Draws::new(seed);
        (0..5_000).map(|_| sampler.draw(&mut draws)).collect::<Vec<Span>>()
    };
    assert!(all(1).iter().all(|span| (Span::from_millis(100)..=Span::from_millis(101)).contains(span)));
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
    let nearly_constant = read(r#"Gamma(mean:"20ms",cv:1e-200)"#).unwrap().sampler(&recordings());
    assert_eq!(nearly_constant.draw(&mut Draws::new(1)), Span::from_millis(20));
    // Every extreme word gives a length, not a panic.
    for word in [0, u64::MAX] {
        struct Stuck(u64, u32);
        impl Draw for Stuck {
            fn next_u64(&mut self) -> u64 {
                self.1 += 1;
                if self.1 > 4 { u64::from(self.1).wrapping_mul(0x9e37_79b9_7f4a_7c15) } else { self.0 }
            }
        }
        for text in EXAMPLES {
            read(text).unwrap().sampler(&recordings()).draw(&mut Stuck(word, 0));
        }
    }
}

#[test]
fn mistakes_are_named() {
    for (text, expected) in [
        (r#"Uniform(low:"5ms",high:"5ms")"#, "Uniform: `high` must be longer than `low`, found low 5ms and high 5ms"),
        (r#"Exponential(mean:"0s")"#, "Exponential: `mean` must be longer than zero"),
        (r#"LogNormal(mean:"5ms",cv:-0.5)"#, "LogNormal: `cv` must be between 0 and 1000, found -0.5"),
        (r#"Gamma(mean:"5ms",cv:NaN)"#, "Gamma: `cv` must be between 0 and 1000, found NaN"),
        (r#"Weibull(mean:"5ms",shape:0)"#, "Weibull: `shape` must be at least 0.1, found 0"),
        (r#"Pareto(low:"5ms",alpha:0)"#, "Pareto: `alpha` must be at least 0.01, found 0"),
        (r#"Pareto(low:"0s",alpha:1)"#, "Pareto: `low` must be longer than zero"),
        (r#"Pareto(low:"5ms",alpha:2,high:"1ms")"#, "Pareto: `high` must be longer than `low`"),
        (r#"Empirical(file:"")"#, "Empirical: `file` is empty"),
        ("Mixture([])", "Mixture: no parts"),
        (r#"Mixture([(0,Constant("1s"))])"#, "Mixture: the weights must add up to more than 0, found 0"),
        (r#"Mixture([(-1,Constant("1s"))])"#, "Mixture: a weight must be 0 or more, found -1"),
        (r#"Mixture([(1,Gamma(mean:"1s",cv:-1))])"#, "Mixture: Gamma: `cv` must be between"),
    ] {
        let error = read(text).unwrap().check().unwrap_err();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    for text in [
        r#"Exponential(mean:5)"#,
        r#"Exponential(mean:"5ms",cv:1)"#,
        r#"Exponental(mean:"5ms")"#,
        "Uniform(low:\"1s\")",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn recordings_are_named_and_checked() {
    let mixture = read(r#"Mixture([(1,Empirical(file:"a.csv")),(2,Empirical(file:"b.csv",column:"ms"))])"#).unwrap();
    let named = [Recording { file: "a.csv", column: None }, Recording { file: "b.csv", column: Some("ms") }];
    assert_eq!(mixture.recordings(), named);
    let mut recordings = Recordings::default();
    assert!(recordings.insert(named[0], &[]).unwrap_err().contains("no values"));
    assert!(recordings.insert(named[0], &[1.0, -2.0]).unwrap_err().contains("value 2 of the recording is -2"));
    assert!(recordings.insert(named[0], &[f64::NAN]).is_err());
    recordings.insert(named[0], &[2.0, 1.0]).unwrap();
    assert_eq!(recordings.get(named[0]), Some([Span::from_secs(1), Span::from_secs(2)].as_slice()));
    assert_eq!(recordings.get(named[1]), None);
}
