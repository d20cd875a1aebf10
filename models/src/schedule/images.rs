//! Which nodes have which images.

use sim_core::Bytes;

/// The images of all nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Images {
    names: Vec<String>,
    sizes: Vec<Bytes>,
    holders: Vec<u32>,
    on: Vec<Vec<usize>>,
}

impl Images {
    pub(super) fn push_node(&mut self, images: &[(String, Bytes)]) {
        self.on.push(Vec::new());
        for (name, size) in images {
            self.add(self.on.len() - 1, name, *size);
        }
    }

    pub(super) fn remove_node(&mut self, node: usize) {
        for image in std::mem::take(&mut self.on[node]) {
            self.holders[image] -= 1;
        }
    }

    /// The index of an image, which need not be on any node yet.
    pub(super) fn intern(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.sizes.push(Bytes::new(0));
            self.holders.push(0);
            self.names.len() - 1
        })
    }

    pub(super) fn add(&mut self, node: usize, name: &str, size: Bytes) {
        let image = self.intern(name);
        self.sizes[image] = size;
        if !self.on[node].contains(&image) {
            self.on[node].push(image);
            self.holders[image] += 1;
        }
    }

    /// How many nodes have an image.
    pub(super) fn holders(&self, image: usize) -> u32 {
        self.holders[image]
    }

    /// An image's size.
    pub(super) fn size(&self, image: usize) -> Bytes {
        self.sizes[image]
    }

    /// Whether a node has an image.
    pub(super) fn has(&self, node: usize, image: usize) -> bool {
        self.on[node].contains(&image)
    }
}
