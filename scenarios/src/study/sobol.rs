//! Sobol's sequence: points that fill a cube more evenly than chance does.
//!
//! Each coordinate of point n is an exclusive or of direction numbers, one for each bit of n's Gray
//! code; every first 2^k points put one into each of 2^k equal slices of every coordinate. Source: Sobol
//! (1967); direction numbers by Joe and Kuo (2008), `new-joe-kuo-6`.
//!
//! Leaves out: scrambling, and more dimensions than the table below has.

/// Bits of a coordinate.
const BITS: usize = 32;

/// Primitive polynomials (their inner coefficients) and first direction numbers, from dimension 2 on.
const DIRECTIONS: &[(u32, &[u32])] = &[
    (0, &[1]),
    (1, &[1, 3]),
    (1, &[1, 3, 1]),
    (2, &[1, 1, 1]),
    (1, &[1, 1, 3, 3]),
    (4, &[1, 3, 5, 13]),
    (2, &[1, 1, 5, 5, 17]),
    (4, &[1, 1, 5, 5, 5]),
    (7, &[1, 1, 7, 11, 19]),
    (11, &[1, 1, 5, 1, 1]),
    (13, &[1, 1, 1, 3, 11]),
    (14, &[1, 3, 5, 5, 31]),
    (1, &[1, 3, 3, 9, 7, 49]),
    (13, &[1, 1, 1, 15, 21, 21]),
    (16, &[1, 3, 1, 13, 27, 49]),
    (19, &[1, 1, 1, 15, 7, 5]),
    (22, &[1, 3, 1, 15, 13, 25]),
    (25, &[1, 1, 5, 5, 19, 61]),
    (1, &[1, 3, 7, 11, 23, 15, 103]),
    (4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// The most dimensions there are directions for.
pub(super) const DIMENSIONS_MAX: usize = DIRECTIONS.len() + 1;

/// The first `points` points in `dimensions` dimensions, each coordinate in [0, 1); the first is all zeros.
///
/// # Panics
///
/// If there are more than [`DIMENSIONS_MAX`] dimensions.
pub(super) fn sobol(dimensions: usize, points: usize) -> Vec<Vec<f64>> {
    let directions: Vec<[u32; BITS]> = (0..dimensions).map(directions).collect();
    let mut at = vec![0_u32; dimensions];
    let mut list = Vec::with_capacity(points);
    for index in 0..points {
        list.push(at.iter().map(|word| f64::from(*word) / (1_u64 << BITS) as f64).collect());
        let flips = index.trailing_ones() as usize;
        at.iter_mut().zip(&directions).for_each(|(word, directions)| *word ^= directions[flips]);
    }
    list
}

fn directions(dimension: usize) -> [u32; BITS] {
    let mut words = [0; BITS];
    if dimension == 0 {
        (0..BITS).for_each(|bit| words[bit] = 1 << (BITS - 1 - bit));
        return words;
    }
    let (coefficients, first) = DIRECTIONS[dimension - 1];
    let degree = first.len();
    for bit in 0..BITS {
        words[bit] = if bit < degree {
            first[bit] << (BITS - 1 - bit)
        } else {
            let mut word = words[bit - degree] ^ (words[bit - degree] >> degree);
            for k in 1..degree {
                if coefficients >> (degree - 1 - k) & 1 == 1 {
                    word ^= words[bit - k];
                }
            }
            word
        };
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_as_published() {
        let expected = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125],
            [0.625, 0.125, 0.875],
            [0.125, 0.625, 0.375],
        ];
        assert_eq!(sobol(3, 8), expected);
    }

    #[test]
    fn every_dimension_is_filled_evenly() {
        let points = sobol(DIMENSIONS_MAX, 256);
        for dimension in 0..DIMENSIONS_MAX {
            let mut slices: Vec<usize> = points.iter().map(|point| (point[dimension] * 256.0) as usize).collect();
            slices.sort_unstable();
            assert_eq!(slices, (0..256).collect::<Vec<_>>(), "dimension {dimension}");
        }
        // No two dimensions are the same sequence.
        for a in 0..DIMENSIONS_MAX {
            assert!((0..a).all(|b| points.iter().any(|point| point[a] != point[b])), "{a}");
        }
    }
}
