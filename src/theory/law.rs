//! The distributions that a [`super::latency::Latency`] can have, beyond its least: each with the
//! integrals of its distribution function in the form that does not cancel.

use std::sync::Arc;

use super::latency::ACCURACY;
use super::quadrature::integrate_pieces;
use super::special::{normal_cdf, phi};
use super::{Result, TheoryError};

/// A distribution of times from 0 on, all of them in seconds.
#[derive(Clone)]
pub(super) enum Law {
    Nothing,
    Uniform {
        width_s: f64,
    },
    Exponential {
        mean_s: f64,
    },
    Lognormal {
        median_s: f64,
        sigma: f64,
    },
    /// What a Pareto time is longer than its least, which is the scale.
    Pareto {
        least_s: f64,
        shape: f64,
    },
    Other(Arc<Table>),
}

/// A distribution function, and the integral of its tail at some times.
pub(super) struct Table {
    cdf: Box<dyn Fn(f64) -> f64 + Send + Sync>,
    /// Times, ascending from 0, and ∫ P(more than u) du from 0 up to there.
    limited_means: Vec<(f64, f64)>,
}

/// How many powers of ten the mean beyond a Pareto time falls until it is nothing.
const PARETO_DECADES: f64 = 12.0;

impl Law {
    pub(super) fn cdf(&self, t: f64) -> f64 {
        match self {
            Law::Nothing => 1.0,
            Law::Uniform { width_s } => (t / width_s).min(1.0),
            Law::Exponential { mean_s } => -libm::expm1(-t / mean_s),
            Law::Lognormal { median_s, sigma } => normal_cdf(libm::log(t / median_s) / sigma),
            Law::Pareto { least_s, shape } => -libm::expm1(-shape * libm::log1p(t / least_s)),
            Law::Other(table) => (table.cdf)(t),
        }
    }

    pub(super) fn tail(&self, t: f64) -> f64 {
        match self {
            Law::Exponential { mean_s } => libm::exp(-t / mean_s),
            Law::Lognormal { median_s, sigma } => normal_cdf(-libm::log(t / median_s) / sigma),
            Law::Pareto { least_s, shape } => libm::exp(-shape * libm::log1p(t / least_s)),
            _ => 1.0 - self.cdf(t),
        }
    }

    pub(super) fn mean_s(&self) -> f64 {
        match self {
            Law::Nothing => 0.0,
            Law::Uniform { width_s } => 0.5 * width_s,
            Law::Exponential { mean_s } => *mean_s,
            Law::Lognormal { median_s, sigma } => median_s * libm::exp(0.5 * sigma * sigma),
            Law::Pareto { least_s, shape } => least_s / (shape - 1.0),
            Law::Other(table) => table.limited_mean_s(f64::INFINITY),
        }
    }

    pub(super) fn square_mean_s2(&self) -> f64 {
        match self {
            Law::Nothing => 0.0,
            Law::Uniform { width_s } => width_s * width_s / 3.0,
            Law::Exponential { mean_s } => 2.0 * mean_s * mean_s,
            Law::Lognormal { median_s, sigma } => {
                median_s * median_s * libm::exp(2.0 * sigma * sigma)
            }
            Law::Pareto { shape, .. } if *shape <= 2.0 => f64::INFINITY,
            Law::Pareto { least_s, shape } => {
                2.0 * least_s * least_s / ((shape - 1.0) * (shape - 2.0))
            }
            Law::Other(_) => {
                integrate_pieces(|t| 2.0 * t * self.tail(t), &self.borders(), ACCURACY)
            }
        }
    }

    pub(super) fn limited_mean_s(&self, t: f64) -> f64 {
        match self {
            Law::Nothing => 0.0,
            Law::Uniform { width_s } => {
                let t = t.min(*width_s);
                t - 0.5 * t * t / width_s
            }
            Law::Exponential { mean_s } => -mean_s * libm::expm1(-t / mean_s),
            Law::Lognormal { median_s, sigma } => {
                let z = libm::log(t / median_s) / sigma;
                self.mean_s() * normal_cdf(z - sigma) + t * normal_cdf(-z)
            }
            Law::Pareto { least_s, shape } => {
                let fallen = -libm::expm1((1.0 - shape) * libm::log1p(t / least_s));
                least_s / (shape - 1.0) * fallen
            }
            Law::Other(table) => table.limited_mean_s(t),
        }
    }

    pub(super) fn early_mean_s(&self, t: f64) -> f64 {
        match self {
            Law::Uniform { width_s } if t < *width_s => 0.5 * t * t / width_s,
            // t - m (1 - e^(-t/m)), which would cancel.
            Law::Exponential { mean_s } => t * t / mean_s * phi(2, -t / mean_s),
            Law::Lognormal { median_s, sigma } => {
                let z = libm::log(t / median_s) / sigma;
                t * normal_cdf(z) - self.mean_s() * normal_cdf(z - sigma)
            }
            // The first terms of its series, where the difference would cancel.
            Law::Pareto { least_s, shape: a } if t < 1e-4 * least_s => {
                let u = t / least_s;
                let rest = 1.0 - (a + 1.0) * u / 3.0 * (1.0 - (a + 2.0) * u / 4.0);
                0.5 * a * t * u * rest
            }
            _ => t - self.limited_mean_s(t),
        }
    }

    pub(super) fn late_mean_s(&self, t: f64) -> f64 {
        match self {
            Law::Uniform { width_s } => {
                let left = (width_s - t).max(0.0);
                0.5 * left * left / width_s
            }
            Law::Exponential { mean_s } => mean_s * libm::exp(-t / mean_s),
            Law::Lognormal { median_s, sigma } => {
                let z = libm::log(t / median_s) / sigma;
                (self.mean_s() * normal_cdf(sigma - z) - t * normal_cdf(-z)).max(0.0)
            }
            Law::Pareto { least_s, shape } => {
                self.mean_s() * libm::exp((1.0 - shape) * libm::log1p(t / least_s))
            }
            _ => (self.mean_s() - self.limited_mean_s(t)).max(0.0),
        }
    }

    pub(super) fn borders(&self) -> Vec<f64> {
        let powers = |scale: f64, base: f64, from: i32, to: i32| {
            let border = move |k| scale * libm::pow(base, f64::from(k));
            core::iter::once(0.0).chain((from..=to).map(border)).collect()
        };
        match self {
            Law::Nothing => vec![0.0],
            Law::Uniform { width_s } => powers(*width_s, 2.0, -10, 0),
            Law::Exponential { mean_s } => powers(40.0 * mean_s, 2.0, -15, 0),
            // Eight standard deviations either way.
            Law::Lognormal { median_s, sigma } => powers(*median_s, libm::exp(*sigma), -8, 8),
            // To where a millionth of a millionth of the mean is left.
            Law::Pareto { least_s, shape } => {
                let base = libm::pow(10.0, PARETO_DECADES / (shape - 1.0) / 60.0).max(2.0);
                let reach = PARETO_DECADES / (shape - 1.0) / libm::log10(base);
                powers(*least_s, base, -10, libm::ceil(reach) as i32)
            }
            Law::Other(table) => table.limited_means.iter().map(|(border, _)| *border).collect(),
        }
    }
}

impl Table {
    pub(super) fn new(cdf: Box<dyn Fn(f64) -> f64 + Send + Sync>, mean_s: f64) -> Result<Table> {
        let out_of_range = |must_be| {
            Err(TheoryError::OutOfRange {
                parameter: "distribution function of a latency",
                must_be,
            })
        };
        let mut limited_means = vec![(0.0, 0.0)];
        let (mut from, mut sum, mut below) = (0.0, 0.0, 0.0);
        for k in -20..60 {
            let to = mean_s * libm::pow(2.0, f64::from(k));
            let at = cdf(to);
            if !(below..=1.0).contains(&at) {
                return out_of_range("from 0 to 1 and never fall");
            }
            let cuts: Vec<f64> =
                (0..=4).map(|i| from + 0.25 * f64::from(i) * (to - from)).collect();
            sum += integrate_pieces(|t| 1.0 - cdf(t), &cuts, ACCURACY);
            limited_means.push((to, sum));
            if to * (1.0 - at) <= ACCURACY * mean_s {
                if (sum / mean_s - 1.0).abs() > 0.01 {
                    let must_be = "that of the distribution function";
                    return Err(TheoryError::OutOfRange { parameter: "mean latency", must_be });
                }
                return Ok(Table { cdf, limited_means });
            }
            (from, below) = (to, at);
        }
        out_of_range("1 in the end, and soon enough for a finite mean")
    }

    pub(super) fn limited_mean_s(&self, t: f64) -> f64 {
        let after = self.limited_means.partition_point(|(border, _)| *border <= t);
        let (border, before_s) = self.limited_means[after - 1];
        if after == self.limited_means.len() {
            return before_s;
        }
        before_s + integrate_pieces(|u| 1.0 - (self.cdf)(u), &[border, t], ACCURACY)
    }
}
