//! Draws, for tests that play a form's own definition out. Few enough for a test, so that what
//! they find is within a percent or so.

/// A stream of draws: SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014).
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64) -> Draws {
        Draws(seed)
    }

    /// Uniform in (0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Exponential.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.unit())
    }

    /// Log-normal with this median, and this standard deviation of its logarithm: by the method of
    /// G. E. P. Box and M. E. Muller, Annals of Mathematical Statistics 29(2), 1958.
    pub(super) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        let z = radius * libm::cos(core::f64::consts::TAU * self.unit());
        median * libm::exp(sigma * z)
    }
}

/// Asserts that a mean of draws is close to what theory says: within a share of it.
pub(super) fn assert_close(found: f64, theory: f64, relative: f64) {
    assert!((found / theory - 1.0).abs() < relative, "{found} found where theory says {theory}");
}
