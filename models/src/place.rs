//! Where things are: regions hold zones, zones hold nodes.

/// A region's index, in the scenario's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub u16);

/// A zone's index over all regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId(pub u16);

/// A node's index over all zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A place that can send and receive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The region.
    pub region: RegionId,
    /// The zone, of that region.
    pub zone: ZoneId,
    /// The node, of that zone.
    pub node: NodeId,
}
