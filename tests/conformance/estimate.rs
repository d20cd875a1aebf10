//! An expectation from independent samples, sharpened by controls.
//!
//! A control is a figure of the same runs whose expectation is known, such as the utilisation: where
//! more work came in than is to be expected, waits were longer than is to be expected, and linear
//! regression takes that part of the chance out. In heavy traffic it halves the variance of the mean
//! wait. (Lavenberg and Welch 1981; Asmussen and Glynn, Stochastic Simulation, V.2.)

use sim_core::stats::student;

/// A figure of the same runs whose expectation is known.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    /// What each run showed.
    pub(crate) samples: Vec<f64>,
    /// What is to be expected.
    pub(crate) mean: f64,
}

/// An estimated expectation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    /// The estimate.
    pub(crate) value: f64,
    /// Its standard error.
    pub(crate) error: f64,
    df: f64,
}

/// A column of the regression, less its mean and what the columns before it explain.
struct Regressor {
    residues: Vec<f64>,
    /// How far its mean is from what is to be expected.
    offset: f64,
    square: f64,
}

impl Regressor {
    /// The part of `residues` that goes along with this column.
    fn slope(&self, residues: &[f64]) -> f64 {
        dot(residues, &self.residues) / self.square
    }

    fn remove_from(&self, residues: &mut [f64], slope: f64) {
        for (residue, own) in residues.iter_mut().zip(&self.residues) {
            *residue -= slope * own;
        }
    }
}

impl Estimate {
    /// The expectation that independent `samples` show; panics without enough of them.
    pub(crate) fn of(samples: &[f64], controls: &[Control]) -> Estimate {
        let regressors = orthogonal(controls);
        let count = samples.len() as f64;
        let df = count - 1.0 - regressors.len() as f64;
        assert!(df > 0.0, "{count} samples are too few");
        let (mut residues, mut value) = centred(samples);
        let mut leverage = 1.0 / count;
        for regressor in &regressors {
            let slope = regressor.slope(&residues);
            regressor.remove_from(&mut residues, slope);
            value -= slope * regressor.offset;
            leverage += regressor.offset * regressor.offset / regressor.square;
        }
        Estimate { value, error: (dot(&residues, &residues) / df * leverage).sqrt(), df }
    }

    /// Half the width of the 95 % confidence interval.
    pub(crate) fn half_width(&self) -> f64 {
        student(self.df, 0.95) * self.error
    }
}

/// Gram-Schmidt; controls that vary no further on their own are left out.
fn orthogonal(controls: &[Control]) -> Vec<Regressor> {
    let mut regressors: Vec<Regressor> = Vec::new();
    for control in controls {
        let (mut residues, mean) = centred(&control.samples);
        let mut offset = mean - control.mean;
        let whole = dot(&residues, &residues);
        for regressor in &regressors {
            let slope = regressor.slope(&residues);
            regressor.remove_from(&mut residues, slope);
            offset -= slope * regressor.offset;
        }
        let square = dot(&residues, &residues);
        if square > 1e-9 * whole {
            regressors.push(Regressor { residues, offset, square });
        }
    }
    regressors
}

/// The samples less their mean, and the mean.
fn centred(samples: &[f64]) -> (Vec<f64>, f64) {
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    (samples.iter().map(|sample| sample - mean).collect(), mean)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
