//! Delete-before-write: the key is deleted first and the write commits a gap later. A read that
//! comes between fills the old row again, and nothing deletes it after the commit.
//!
//! Assumptions: reads of a key are Poisson, its writes Poisson and independent of them; the gaps
//! are independent, whatever their distribution; entries do not expire. Derived for this crate,
//! and confirmed by simulation.

use super::invalidation::ages;
use super::latency::{ACCURACY, ACCURACY_NESTED, Latency};
use super::quadrature::integrate_pieces;
use super::stale_set::first_read_is_early;
use super::{Result, TheoryError, non_negative, positive};

/// So many writes during a gap are rare.
const RARE_WRITES: f64 = 0.02;

/// One key under delete-before-write.
#[derive(Clone, Debug)]
pub struct DeleteBeforeWrite {
    reads_per_s: f64,
    writes_per_s: f64,
    gap: Latency,
}

impl DeleteBeforeWrite {
    /// A key read and written at these rates, whose writes commit this long after their delete.
    ///
    /// # Errors
    /// If a rate is not more than zero and finite.
    pub fn new(reads_per_s: f64, writes_per_s: f64, gap: Latency) -> Result<Self> {
        Ok(DeleteBeforeWrite {
            reads_per_s: positive("read rate", reads_per_s)?,
            writes_per_s: positive("write rate", writes_per_s)?,
            gap,
        })
    }

    /// Probability per write that a read brings the old row back, when a read's snapshot is taken
    /// q after it began, and writes are so rare that gaps do not overlap:
    /// ∫ λ e^(-λ(t - q)) P(gap > t) dt from q on, with a constant gap Z 1 - e^(-λ(Z - q)⁺).
    ///
    /// An approximation, within 2 % where a gap overlaps with another one time in fifty at most.
    ///
    /// # Errors
    /// If the time is negative or not finite, or more than 0.02 writes come in a mean gap.
    pub fn stale_fill_per_write(&self, snapshot_after_s: f64) -> Result<f64> {
        // A product may be off by its rounding.
        if self.writes_per_s * self.gap.mean_s() > RARE_WRITES * (1.0 + 1e-9) {
            let must_be = "such that at most 0.02 writes come in the mean gap";
            return Err(TheoryError::OutOfRange { parameter: "write rate", must_be });
        }
        let from_s = non_negative("time from read to snapshot", snapshot_after_s)?;
        Ok(first_read_is_early(self.reads_per_s, &self.gap, from_s))
    }

    /// Probability that the cache holds an old copy at the instant at which a write commits, with
    /// instant fetches and however often gaps overlap: a read came since the latest delete, the
    /// write's own or another's, λ / (λ + μ) · (1 - E e^(-(λ + μ) gap)).
    pub fn old_copy_at_commit(&self) -> f64 {
        let both = self.reads_per_s + self.writes_per_s;
        self.reads_per_s / both * first_read_is_early(both, &self.gap, 0.0)
    }

    /// Long-run share of reads that are stale, with instant fetches.
    ///
    /// With A from the latest delete to the fill and s from there to the read, the read is fresh
    /// unless a commit came in between: that of the latest delete's write (A < gap < A + s), or of
    /// one before it, which are Poisson. So, with the distribution F of the gap,
    /// ∫∫ λ e^(-(λ+μ)A) μ e^(-μs) (1 - (1 - F(A + s) + F(A)) exp(-μ ∫_A^(A+s) (1 - F))) ds dA.
    pub fn stale_share_of_reads(&self) -> f64 {
        let both = self.reads_per_s + self.writes_per_s;
        let fills = |a: f64| self.reads_per_s * libm::exp(-both * a) * self.stale_after_fill(a);
        integrate_pieces(fills, &ages(f64::INFINITY, both, &self.gap), ACCURACY_NESTED)
    }

    /// ∫ μ e^(-μs) P(stale at s after a fill that came `a` after the latest delete) ds.
    fn stale_after_fill(&self, a: f64) -> f64 {
        let (writes, gap) = (self.writes_per_s, &self.gap);
        let (later, left_s) = (gap.tail(a), gap.late_mean_s(a));
        let stale = |s: f64| {
            let others = -writes * (left_s - gap.late_mean_s(a + s));
            let own = later - gap.tail(a + s);
            let stale = own * libm::exp(others) - libm::expm1(others);
            writes * libm::exp(-writes * s) * stale
        };
        let mut borders = ages(f64::INFINITY, writes, gap);
        borders.extend(gap.borders().iter().map(|border| border - a).filter(|s| *s > 0.0));
        borders.sort_by(f64::total_cmp);
        integrate_pieces(stale, &borders, ACCURACY)
    }
}

#[cfg(test)]
mod tests {
    use super::super::monte_carlo::{Draws, assert_close};
    use super::super::{assert_printed, special::phi};
    use super::*;

    fn key(reads: f64, writes: f64, gap: Latency) -> DeleteBeforeWrite {
        DeleteBeforeWrite::new(reads, writes, gap).expect("valid")
    }

    fn constant(seconds: f64) -> Latency {
        Latency::constant(seconds).expect("valid")
    }

    #[test]
    fn more_than_half_of_all_writes_may_leave_an_old_copy() {
        let hot = key(100.0, 0.2, constant(0.010));
        let share = hot.stale_fill_per_write(0.002).expect("valid");
        assert_printed(100.0 * share, "55.1");
        assert_eq!(hot.stale_fill_per_write(0.010), Ok(0.0));
        assert!(hot.stale_fill_per_write(-1.0).is_err());
        assert!(DeleteBeforeWrite::new(0.0, 1.0, constant(1.0)).is_err());
        assert!(key(100.0, 2.0, constant(0.010)).stale_fill_per_write(0.0).is_ok());
        let busy = key(100.0, 2.1, constant(0.010)).stale_fill_per_write(0.0);
        assert!(busy.expect_err("too many writes").to_string().contains("at most 0.02 writes"));
    }

    #[test]
    fn rare_writes_make_all_forms_one() {
        let rare = key(100.0, 1e-6, Latency::exponential(0.01).expect("valid"));
        let per_write = rare.stale_fill_per_write(0.0).expect("valid");
        assert!((per_write - 0.5).abs() < 1e-11, "λz / (1 + λz) with λz = 1: {per_write}");
        assert!((rare.old_copy_at_commit() - per_write).abs() < 1e-6);
        // An old copy stays until the next write.
        assert!((rare.stale_share_of_reads() - per_write).abs() < 1e-5);
    }

    #[test]
    fn a_constant_gap_has_a_closed_form() {
        let (reads, writes, gap) = (20.0, 3.0, 0.1);
        let share = key(reads, writes, constant(gap)).stale_share_of_reads();
        // A < gap: fresh until the gap ends, unless by an earlier write, and stale from then on.
        // A > gap: all earlier writes have committed.
        let both = reads + writes;
        let before = |a: f64| {
            let left = gap - a;
            let pending = left * phi(1, -writes * left) - left * phi(1, -2.0 * writes * left);
            let stale = writes * pending + libm::exp(-writes * left);
            reads * libm::exp(-both * a) * stale
        };
        let expected = integrate_pieces(before, &[0.0, gap / 2.0, gap], 1e-13);
        assert!((share / expected - 1.0).abs() < 1e-9, "{share} for {expected}");
    }

    #[test]
    fn busy_keys_are_as_stale_as_played() {
        let (reads, writes, mean) = (6.0, 2.0, 0.2);
        let mut draws = Draws::new(3);
        // Gaps overlap: the deletes of a minute, with the commits that they lead to.
        let (mut stale, mut n, mut old, mut commits) = (0_u32, 0_u32, 0_u32, 0_u32);
        for _ in 0..400 {
            let mut events = Vec::new();
            for (rate, kind) in [(writes, 0), (reads, 2)] {
                let mut at = draws.exponential(1.0 / rate);
                while at < 60.0 {
                    events.push((at, kind));
                    if kind == 0 {
                        events.push((at + draws.exponential(mean), 1));
                    }
                    at += draws.exponential(1.0 / rate);
                }
            }
            events.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (mut version, mut cached) = (0_u32, None);
            for (at, kind) in events {
                let counts = u32::from(at > 5.0 && at < 60.0);
                match kind {
                    0 => cached = None,
                    1 => {
                        version += 1;
                        commits += counts;
                        old += counts * u32::from(cached.is_some());
                    }
                    _ => {
                        n += counts;
                        stale += counts * u32::from(cached.is_some_and(|row| row < version));
                        cached = cached.or(Some(version));
                    }
                }
            }
        }
        let theory = key(reads, writes, Latency::exponential(mean).expect("valid"));
        assert_close(f64::from(stale) / f64::from(n), theory.stale_share_of_reads(), 0.015);
        assert_close(f64::from(old) / f64::from(commits), theory.old_copy_at_commit(), 0.015);
    }
}
