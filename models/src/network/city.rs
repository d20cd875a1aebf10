//! Fourteen cities and the latency between them.
//!
//! One way is half a round trip. Round trips are medians over the year to 8 April 2022 of TCP
//! connects between AWS regions, as cloudping.co published them, the two directions averaged, in
//! steps of 0.1 ms; `new-york` is us-east-1 (Virginia), `toronto` ca-central-1 (Montreal) and
//! `san-francisco` us-west-1. They include the detours that traffic really takes: Cape Town reaches
//! São Paulo by way of the northern hemisphere, five times as slowly as a straight cable would.
//!
//! No cloud has a region in Lagos. Its row is the great-circle distance at 100 km/ms, half the speed
//! of light in glass; for London that gives a round trip of 100 ms, where 99 ms are measured.

use std::fmt;

use sim_core::Span;

/// A city that a region can be placed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum City {
    /// tokyo
    Tokyo,
    /// singapore
    Singapore,
    /// mumbai
    Mumbai,
    /// sydney
    Sydney,
    /// london
    London,
    /// paris
    Paris,
    /// frankfurt
    Frankfurt,
    /// stockholm
    Stockholm,
    /// new-york
    NewYork,
    /// san-francisco
    SanFrancisco,
    /// sao-paulo
    SaoPaulo,
    /// toronto
    Toronto,
    /// cape-town
    CapeTown,
    /// lagos
    Lagos,
}

use City::*;

impl City {
    /// Every city, in declaration order.
    pub const ALL: [City; 14] = [
        Tokyo,
        Singapore,
        Mumbai,
        Sydney,
        London,
        Paris,
        Frankfurt,
        Stockholm,
        NewYork,
        SanFrancisco,
        SaoPaulo,
        Toronto,
        CapeTown,
        Lagos,
    ];

    /// The name in scenario files: "new-york".
    pub fn name(self) -> &'static str {
        match self {
            Tokyo => "tokyo",
            Singapore => "singapore",
            Mumbai => "mumbai",
            Sydney => "sydney",
            London => "london",
            Paris => "paris",
            Frankfurt => "frankfurt",
            Stockholm => "stockholm",
            NewYork => "new-york",
            SanFrancisco => "san-francisco",
            SaoPaulo => "sao-paulo",
            Toronto => "toronto",
            CapeTown => "cape-town",
            Lagos => "lagos",
        }
    }

    /// The city of that name.
    pub fn named(name: &str) -> Option<City> {
        City::ALL.into_iter().find(|city| city.name() == name)
    }

    /// How long a message takes from one city to the other; `None` within a city.
    pub fn one_way(self, other: City) -> Option<Span> {
        let (low, high) = (self.min(other), self.max(other));
        ONE_WAY_MICROS[high as usize].get(low as usize).map(|&micros| Span::from_micros(micros))
    }
}

impl fmt::Display for City {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// From each city to those declared before it, in microseconds.
#[rustfmt::skip]
const ONE_WAY_MICROS: [&[u64]; 14] = [
    &[], // tokyo
    &[37_200], // singapore
    &[65_900, 29_900], // mumbai
    &[55_400, 46_800, 74_600], // sydney
    &[105_200, 85_700, 56_800, 132_800], // london
    &[108_200, 82_300, 53_300, 139_800, 5_000], // paris
    &[112_600, 78_500, 60_800, 134_100, 8_300, 5_200], // frankfurt
    &[122_300, 88_600, 71_000, 147_900, 16_500, 15_000, 11_300], // stockholm
    &[73_200, 107_200, 93_800, 99_500, 38_500, 41_500, 45_300, 55_100], // new-york
    &[54_200, 88_600, 116_500, 69_400, 73_100, 71_700, 75_400, 86_600, 31_300], // san-francisco
    &[128_900, 162_100, 150_800, 156_500, 94_400, 99_000, 102_600, 109_200, 58_200, 88_400], // sao-paulo
    &[72_200, 105_400, 95_100, 99_100, 39_600, 42_800, 46_200, 54_700, 8_200, 39_900, 63_500], // toronto
    &[179_900, 107_200, 82_600, 207_000, 75_100, 78_800, 82_100, 90_300, 111_600, 146_700, 168_700, 114_800], // cape-town
    &[134_700, 111_400, 76_200, 155_200, 50_100, 47_100, 48_700, 60_000, 84_700, 125_600, 63_700, 89_300, 47_700], // lagos
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Latitude and longitude in degrees.
    const COORDINATES: [(f64, f64); 14] = [
        (35.68, 139.69),
        (1.35, 103.82),
        (19.08, 72.88),
        (-33.87, 151.21),
        (51.51, -0.13),
        (48.86, 2.35),
        (50.11, 8.68),
        (59.33, 18.07),
        (40.71, -74.01),
        (37.77, -122.42),
        (-23.55, -46.63),
        (43.65, -79.38),
        (-33.92, 18.42),
        (6.52, 3.38),
    ];

    fn kilometres(from: City, to: City) -> f64 {
        let [(lat1, lon1), (lat2, lon2)] = [from, to].map(|city| {
            let (lat, lon) = COORDINATES[city as usize];
            (lat.to_radians(), lon.to_radians())
        });
        let half = |angle: f64| libm::pow(libm::sin(angle / 2.0), 2.0);
        let haversine = half(lat2 - lat1) + libm::cos(lat1) * libm::cos(lat2) * half(lon2 - lon1);
        2.0 * 6371.0 * libm::asin(haversine.sqrt())
    }

    fn pairs() -> impl Iterator<Item = (City, City, f64)> {
        let all = City::ALL.into_iter().flat_map(|from| City::ALL.into_iter().map(move |to| (from, to)));
        all.filter_map(|(from, to)| Some((from, to, from.one_way(to)?.as_millis_f64())))
    }

    #[test]
    fn nothing_is_faster_than_light_in_glass_nor_absurdly_slow() {
        assert_eq!(pairs().count(), 14 * 13);
        for (from, to, millis) in pairs() {
            let at_light_speed = kilometres(from, to) / 200.0;
            assert!(millis > at_light_speed, "{from} to {to}: {millis} ms");
            assert!(millis < 6.0 * at_light_speed, "{from} to {to}: {millis} ms");
            assert_eq!(from.one_way(to), to.one_way(from));
        }
    }

    #[test]
    fn a_detour_over_a_third_city_never_saves_half() {
        for (from, to, direct) in pairs() {
            for (_, via, there) in pairs().filter(|leg| leg.0 == from && leg.1 != to) {
                let onward = via.one_way(to).map_or(0.0, Span::as_millis_f64);
                assert!(there + onward > direct * 0.6, "{from} to {to} over {via}: {there} + {onward}, not {direct}");
            }
        }
    }

    #[test]
    fn lagos_follows_its_formula() {
        for (_, to, millis) in pairs().filter(|pair| pair.0 == Lagos) {
            assert!((millis - kilometres(Lagos, to) / 100.0).abs() < 0.2, "{to}: {millis} ms");
        }
    }

    #[test]
    fn names_lead_back_to_their_city() {
        for city in City::ALL {
            assert_eq!(City::named(city.name()), Some(city));
            assert_eq!(City::ALL[city as usize], city);
        }
        assert_eq!(City::named("berlin"), None);
    }
}
