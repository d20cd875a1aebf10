//! The least and the most replicas: every strategy's last word.

/// The least and the most replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub min: u32,
    /// The most.
    pub max: u32,
}

impl Bounds {
    /// The number within the bounds that is nearest to `replicas`.
    pub fn hold(self, replicas: u32) -> u32 {
        replicas.max(self.min).min(self.max)
    }

    /// Whether there can be such a number, and one that is not always zero.
    pub(super) fn check(self) -> Result<(), String> {
        let Bounds { min, max } = self;
        if max == 0 {
            return Err("max: at most no replicas is no service".to_owned());
        }
        if min > max {
            return Err(format!("max: {max} is less than min, {min}"));
        }
        Ok(())
    }
}

/// One replica at least, unless the file says otherwise.
pub(super) fn min_default() -> u32 {
    1
}
