//! Tests of fit, for the tests of the samplers. Each is passed by a right sampler with a
//! probability above 99.9 %; the seeds are fixed, so a test that passes keeps passing.

use std::convert::Infallible;

use rand::TryRng;
use rand_chacha::ChaCha8Rng;

use super::Streams;

/// A generator for a test.
pub(super) fn rng(seed: u64) -> ChaCha8Rng {
    Streams::new(seed).stream("test")
}

/// A generator that gives these numbers, then the last of them for ever.
#[derive(Debug)]
pub(super) struct Scripted<'a> {
    numbers: &'a [u64],
}

impl<'a> Scripted<'a> {
    pub(super) fn new(numbers: &'a [u64]) -> Self {
        Scripted { numbers }
    }
}

impl TryRng for Scripted<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let (first, rest) = self.numbers.split_first().expect("at least one number");
        if !rest.is_empty() {
            self.numbers = rest;
        }
        Ok(*first)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

/// Kolmogorov and Smirnov's test of a continuous distribution, at 0.1 %.
pub(super) fn assert_ks(draws: &mut [f64], cdf: impl Fn(f64) -> f64) {
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let distance = draws.iter().enumerate().fold(0.0_f64, |most, (i, x)| {
        let probability = cdf(*x);
        most.max((probability - i as f64 / n).abs()).max((probability - (i + 1) as f64 / n).abs())
    });
    assert!(distance * n.sqrt() < 1.95, "distance {distance} with {n} draws");
}

/// Pearson's chi-square test at 0.1 % of counts against probabilities; neighbouring cells are
/// pooled until 10 are expected in each.
pub(super) fn assert_chi_square(counts: &[u64], probability: impl Fn(usize) -> f64) {
    let n: f64 = counts.iter().map(|count| *count as f64).sum();
    let (mut statistic, mut cells) = (0.0, 0.0);
    let (mut seen, mut expected) = (0.0, 0.0);
    for (i, count) in counts.iter().enumerate() {
        seen += *count as f64;
        expected += n * probability(i);
        if expected >= 10.0 {
            statistic += (seen - expected) * (seen - expected) / expected;
            cells += 1.0;
            (seen, expected) = (0.0, 0.0);
        }
    }
    // Wilson and Hilferty: the cube root of chi-square over its freedom is nearly normal.
    let spread = 2.0 / (9.0 * (cells - 1.0));
    let z = (libm::cbrt(statistic / (cells - 1.0)) - (1.0 - spread)) / spread.sqrt();
    assert!(z.abs() < 3.29, "chi-square {statistic} with {cells} cells, z = {z}");
}
