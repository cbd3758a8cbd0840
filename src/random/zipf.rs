//! The Zipf distribution over a finite number of ranks, from a table.

use rand::Rng;

/// Ranks from 0, where rank i has a probability proportional to (i + 1)^-exponent.
///
/// Inversion of the distribution function with a guide table: the first bits of a draw name a
/// bucket, the bucket names the few ranks that end in it, and the next 32 bits of the draw choose
/// among them by integer comparison. A probability is exact to 2⁻⁴⁶ or better (2⁻⁵⁰ from some
/// 260,000 ranks on). A table takes 6 to 8 bytes per rank (64 KiB more for few ranks), and the
/// popular ranks sit side by side in it. The rank never falls when the draw grows.
#[derive(Clone, Debug)]
pub struct Zipf {
    /// How far to shift a draw to the right for its bucket.
    bucket_shift: u32,
    /// For each bucket, and for the end, how many ranks end before it.
    guide: Box<[u32]>,
    /// For each rank, the low 32 bits of where it ends; the bits above are its bucket.
    ends: Box<[u32]>,
    ranks: u32,
    exponent: f64,
    /// Sum of the weights.
    total: f64,
}

/// The fewest bits of a draw that name a bucket.
const BUCKET_BITS_MIN: u32 = 14;

/// How many ranks are compared at once, without a branch.
const WINDOW: usize = 4;

impl Zipf {
    /// A table for this many ranks (0 is taken as 1). Exponent 0 is the uniform distribution; a
    /// NaN is taken as 0. Takes some 15 ns per rank.
    pub fn new(ranks: u32, exponent: f64) -> Self {
        let ranks = ranks.max(1);
        let exponent = if exponent.is_nan() { 0.0 } else { exponent };
        let bucket_bits = ranks.ilog2().max(BUCKET_BITS_MIN);
        let mut total = Sum::default();
        for_each_weight(ranks, exponent, |_, weight| total.add(weight));
        let total = total.value();
        let whole = 1_u64 << (bucket_bits + 32);
        let scale = whole as f64 / total;

        let mut guide = Vec::with_capacity((1 << bucket_bits) + 1);
        let mut ends = Vec::with_capacity(ranks as usize + WINDOW);
        let mut sum = Sum::default();
        let mut end = 0;
        for_each_weight(ranks, exponent, |rank, weight| {
            sum.add(weight);
            let last = rank + 1 == ranks;
            // A sum of its parts may fall by a last bit where the weights are next to nothing.
            end = if last { whole } else { ((sum.value() * scale) as u64).clamp(end, whole) };
            while guide.len() as u64 <= end >> 32 {
                guide.push(rank);
            }
            ends.push(end as u32);
        });
        ends.extend([u32::MAX; WINDOW]);
        Zipf {
            bucket_shift: 64 - bucket_bits,
            guide: guide.into(),
            ends: ends.into(),
            exponent,
            ranks,
            total,
        }
    }

    /// A rank, from one draw of 64 bits.
    #[inline]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> u32 {
        let bits = rng.next_u64();
        let bucket = (bits >> self.bucket_shift) as usize;
        let low = (bits << (64 - self.bucket_shift) >> 32) as u32;
        let (first, last) = (self.guide[bucket] as usize, self.guide[bucket + 1] as usize);
        let near = &self.ends[first..first + WINDOW];
        let passed = if last - first <= WINDOW {
            let mut passed = 0;
            for (i, end) in near.iter().enumerate() {
                passed += usize::from(*end <= low) & usize::from(i < last - first);
            }
            passed
        } else {
            self.ends[first..last].partition_point(|end| *end <= low)
        };
        (first + passed) as u32
    }

    /// The probability of a rank; 0 for one that does not exist.
    pub fn probability(&self, rank: u32) -> f64 {
        if rank < self.ranks { weight(rank, self.exponent) / self.total } else { 0.0 }
    }

    /// How many ranks there are.
    pub fn ranks(&self) -> u32 {
        self.ranks
    }
}

fn weight(rank: u32, exponent: f64) -> f64 {
    libm::pow(f64::from(rank) + 1.0, -exponent)
}

/// All weights, in order.
///
/// Far out, the weights of a block of ranks come from one power at its middle and six terms of the
/// binomial series of `(1 + d)^-exponent` with |d| < 2⁻⁸: as exact as a power, at a tenth of its
/// cost.
fn for_each_weight(ranks: u32, exponent: f64, mut each: impl FnMut(u32, f64)) {
    const NEAR: u32 = 1 << 13;
    const BLOCK: u32 = 64;
    for rank in 0..ranks.min(NEAR) {
        each(rank, weight(rank, exponent));
    }
    let mut coefficients = [1.0; 7];
    for k in 1..coefficients.len() {
        coefficients[k] = coefficients[k - 1] * (1.0 - exponent - k as f64) / k as f64;
    }
    for first in (NEAR..ranks).step_by(BLOCK as usize) {
        let middle = first.saturating_add(BLOCK / 2);
        let (power, inverse) = (weight(middle, exponent), 1.0 / (f64::from(middle) + 1.0));
        for rank in first..ranks.min(first.saturating_add(BLOCK)) {
            let d = (f64::from(rank) - f64::from(middle)) * inverse;
            let series = coefficients.iter().rev().fold(0.0, |sum, c| sum * d + c);
            each(rank, power * series);
        }
    }
}

/// A sum that keeps what rounding drops: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren
/// zur Summation endlicher Summen", ZAMM 54, 1974, for terms no larger than the sum.
#[derive(Default)]
struct Sum {
    rounded: f64,
    dropped: f64,
}

impl Sum {
    #[inline]
    fn add(&mut self, term: f64) {
        let rounded = self.rounded + term;
        self.dropped += (self.rounded - rounded) + term;
        self.rounded = rounded;
    }

    #[inline]
    fn value(&self) -> f64 {
        self.rounded + self.dropped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::goodness::{Scripted, assert_chi_square, rng};
    use super::*;

    fn rank_of(zipf: &Zipf, draw: u64) -> u32 {
        zipf.sample(&mut Scripted::new(&[draw]))
    }

    #[test]
    fn golden_ranks() {
        let mut rng = rng(1);
        let zipf = Zipf::new(100_000, 0.99);
        let ranks = [(); 8].map(|()| zipf.sample(&mut rng));
        assert_eq!(ranks, [7058, 5809, 20, 2, 4459, 51634, 16, 22594]);
    }

    #[test]
    fn ranks_come_up_as_often_as_they_should() {
        let mut rng = rng(2);
        for (ranks, exponent) in [(1_u32, 1.0), (3, 0.0), (10, 1.0), (1_000, 0.8), (30_000, 1.2)] {
            let zipf = Zipf::new(ranks, exponent);
            let mut counts = vec![0_u64; ranks as usize];
            for _ in 0..200_000 {
                counts[zipf.sample(&mut rng) as usize] += 1;
            }
            assert_eq!(zipf.probability(ranks), 0.0);
            if ranks > 1 {
                assert_chi_square(&counts, |rank| zipf.probability(rank as u32));
            }
        }
    }

    #[test]
    fn rand_distr_agrees() {
        use rand_distr::Distribution as _;
        let mut rng = rng(3);
        let (zipf, reference) = (Zipf::new(50, 1.1), rand_distr::Zipf::new(50.0, 1.1));
        let reference = reference.expect("valid parameters");
        let mut counts = vec![0_u64; 50];
        for _ in 0..100_000 {
            counts[reference.sample(&mut rng) as usize - 1] += 1;
        }
        assert_chi_square(&counts, |rank| zipf.probability(rank as u32));
    }

    #[test]
    fn every_rank_starts_where_the_distribution_function_says() {
        for (ranks, exponent) in [(5_u32, 1.0), (20_000, 0.99), (200_000, 0.6), (20_000, 1.5)] {
            let zipf = Zipf::new(ranks, exponent);
            // The function itself, summed from the other end.
            let total = Zipf::new(ranks, exponent).total;
            let mut left = Sum::default();
            let slack = libm::exp2(f64::from(zipf.bucket_shift) - 96.0) + libm::exp2(-50.0);
            let draw = |probability: f64| (probability * libm::exp2(64.0)) as u64;
            for rank in (1..ranks).rev() {
                left.add(weight(rank, exponent));
                let start = 1.0 - left.value() / total;
                assert!(rank_of(&zipf, draw(start - slack)) < rank, "{rank} of {ranks}");
                assert!(rank_of(&zipf, draw(start + slack)) >= rank, "{rank} of {ranks}");
            }
        }
    }

    #[test]
    fn far_weights_are_as_exact_as_near_ones() {
        for exponent in [0.0, 0.5, 0.99, 1.0, 1.3, 2.5] {
            for_each_weight(20_000, exponent, |rank, value| {
                let exact = weight(rank, exponent);
                assert!((value - exact).abs() <= 1e-15 * exact, "rank {rank}, {value}, {exact}");
            });
        }
    }

    #[test]
    fn extreme_parameters_still_give_ranks() {
        for exponent in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 50.0, 1e300] {
            for ranks in [0, 1, 2, 9_000] {
                let zipf = Zipf::new(ranks, exponent);
                for draw in [0, 1, 1 << 63, u64::MAX] {
                    assert!(rank_of(&zipf, draw) < ranks.max(1), "{ranks}, {exponent}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_larger_draw_gives_no_smaller_rank(
            ranks in 1_u32..3_000, exponent in 0.0..4.0, a: u64, b: u64,
        ) {
            let zipf = Zipf::new(ranks, exponent);
            prop_assert!(rank_of(&zipf, a.min(b)) <= rank_of(&zipf, a.max(b)));
            prop_assert_eq!(rank_of(&zipf, 0), 0);
            prop_assert!(rank_of(&zipf, u64::MAX) < ranks);
        }
    }
}
