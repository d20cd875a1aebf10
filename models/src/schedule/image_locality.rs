//! ImageLocality: better where large images are already; an image that few nodes have counts less,
//! or all pods would run to them. Source: `framework/plugins/imagelocality`.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::defaults::{IMAGE_SIZE_MAX, IMAGE_SIZE_MIN, MAX_NODE_SCORE};
use super::plugin::Score;
use crate::place::NodeId;

/// Ranks by the images that are there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImageLocality {}

impl Build<dyn Score, ()> for ImageLocality {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Score for ImageLocality {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        let images = &cluster.classes[class.index()].images;
        if images.iter().all(|&image| cluster.images.holders(image) == 0) {
            return false;
        }
        let total = cluster.nodes().len() as f64;
        let spread_size = |&image: &usize| {
            let holders = f64::from(cluster.images.holders(image));
            (cluster.images.size(image).count() as f64 * (holders / total)) as i64
        };
        let weights: Vec<i64> = images.iter().map(spread_size).collect();
        let least = IMAGE_SIZE_MIN.count() as i64;
        let most = IMAGE_SIZE_MAX.count() as i64 * images.len() as i64;
        scores.extend(nodes.iter().map(|node| {
            let here = images.iter().zip(&weights).filter(|&(&image, _)| cluster.images.has(node.0 as usize, image));
            let sum: i64 = here.map(|(_, weight)| weight).sum();
            MAX_NODE_SCORE * (sum.clamp(least, most) - least) / (most - least)
        }));
        true
    }
}
