//! Moving labels apart.
//!
//! Each line of a chart wants its name at its own end; where ends crowd, names must share the room.
//! Labels keep the order of their wishes and move as little as possible in the least-squares sense:
//! pooling adjacent violators (Ayer et al., 1955), here on the wishes less the room that the labels
//! before them need.

/// Positions for labels that wish to be at `wishes` (ascending), each `height` tall, none
/// overlapping, all centred between `top` and `bottom`. If they cannot fit they are spaced evenly.
pub(crate) fn spread(wishes: &[f64], height: f64, top: f64, bottom: f64) -> Vec<f64> {
    if wishes.is_empty() {
        return Vec::new();
    }
    let gaps = (wishes.len() - 1) as f64;
    let height = if gaps * height > bottom - top { (bottom - top) / gaps } else { height };
    // Blocks of labels that touch: the sum of what they wish for, and how many they are.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (at, wish) in wishes.iter().enumerate() {
        let mut block = (wish - at as f64 * height, 1);
        while let Some(last) = blocks.last().copied().filter(|last| last.0 / last.1 as f64 >= block.0 / block.1 as f64)
        {
            blocks.pop();
            block = (block.0 + last.0, block.1 + last.1);
        }
        blocks.push(block);
    }
    let last_place = (bottom - gaps * height).max(top);
    let means = blocks.into_iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / count as f64, count));
    means.enumerate().map(|(at, mean)| mean.clamp(top, last_place) + at as f64 * height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_with_room_stay_and_others_part_evenly() {
        assert_eq!(spread(&[10.0, 50.0, 90.0], 15.0, 0.0, 100.0), [10.0, 50.0, 90.0]);
        assert_eq!(spread(&[50.0, 50.0, 90.0], 20.0, 0.0, 100.0), [40.0, 60.0, 90.0]);
        assert_eq!(spread(&[100.0, 100.0], 20.0, 0.0, 100.0), [80.0, 100.0]);
        assert_eq!(spread(&[1.0, 2.0, 3.0], 80.0, 0.0, 100.0), [0.0, 50.0, 100.0]);
    }

    proptest! {
        #[test]
        fn labels_never_overlap_nor_leave(mut wishes in prop::collection::vec(-50.0..400.0_f64, 1..12), height in 1.0..20.0_f64) {
            wishes.sort_by(f64::total_cmp);
            let places = spread(&wishes, height, 10.0, 300.0);
            prop_assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= height - 1e-9));
            prop_assert!(places.iter().all(|place| (10.0 - 1e-9..=300.0 + 1e-9).contains(place)));
        }
    }
}
