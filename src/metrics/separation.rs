//! How many more replications would tell two variants apart.

use super::estimate::UPPER;
use super::student::student_t_quantile;
use super::summary::Estimate;

/// More than this is said to be more than this.
pub const SEPARATION_MOST: u32 = 10_000;

/// How probable it shall be that the replications suffice, if the difference is what it seems.
const POWER: f64 = 0.8;

impl Estimate {
    /// Of a paired difference that may be zero: at least how many more replications would show,
    /// with a probability of 80 %, that it is not. More than [`SEPARATION_MOST`] if more than that.
    /// None if it is clear already, has no interval over replications, or there is no difference at
    /// all.
    ///
    /// A paired Student's t needs so many that the difference is as large as the sum of two
    /// quantiles, one for each kind of error, in standard errors (J. Cohen, "Statistical Power
    /// Analysis for the Behavioral Sciences", 2nd ed. 1988, section 2). Difference and spread are
    /// taken as they were measured. What seems large by chance needs more: hence "at least".
    pub fn more_to_separate(&self) -> Option<u32> {
        let (low, high) = self.ci95.filter(|(low, high)| *low <= 0.0 && 0.0 <= *high)?;
        let freedom = self.replications.checked_sub(1).filter(|freedom| *freedom > 0)?;
        let half = (high - low) / 2.0;
        let deviation =
            half / student_t_quantile(UPPER, freedom) * f64::from(self.replications).sqrt();
        if deviation <= 0.0 || self.mean == 0.0 {
            return None;
        }
        let suffices = |more: u32| {
            let (n, freedom) = (self.replications + more, freedom + more);
            let quantiles = student_t_quantile(UPPER, freedom) + student_t_quantile(POWER, freedom);
            quantiles * deviation <= self.mean.abs() * f64::from(n).sqrt()
        };
        if !suffices(SEPARATION_MOST) {
            return Some(SEPARATION_MOST + 1);
        }
        // The larger, the more surely it suffices: halve the range.
        let (mut too_few, mut enough) = (0, SEPARATION_MOST);
        while too_few + 1 < enough {
            let middle = (too_few + enough) / 2;
            if suffices(middle) { enough = middle } else { too_few = middle }
        }
        Some(enough)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::difference;
    use crate::random::{Streams, standard_normal};

    fn with(mean: f64, half: f64, replications: u32) -> Estimate {
        Estimate { replications, ..Estimate::made_up(mean, half) }
    }

    #[test]
    fn what_is_clear_needs_no_more_and_what_is_equal_no_number_helps() {
        assert_eq!(with(1.0, 0.9, 8).more_to_separate(), None);
        assert_eq!(with(0.0, 0.0, 8).more_to_separate(), None, "identical");
        assert_eq!(with(0.0, 1.0, 8).more_to_separate(), None, "neither saw an event");
        assert_eq!(with(1e-9, 1.0, 8).more_to_separate(), Some(SEPARATION_MOST + 1));
        assert_eq!(Estimate { ci95: None, ..with(1.0, 0.0, 1) }.more_to_separate(), None);
    }

    #[test]
    fn the_number_is_the_textbooks() {
        // A paired t test of an effect of half a standard deviation needs 34 pairs for a power of
        // 80 %.
        let deviation = 2.0;
        let half = student_t_quantile(UPPER, 7) * deviation / 8.0_f64.sqrt();
        let more = with(1.0, half, 8).more_to_separate().expect("it may be zero");
        assert_eq!(8 + more, 34);
    }

    #[test]
    fn so_many_more_separate_four_times_in_five() {
        let mut rng = Streams::new(3).stream("test");
        for effect in [0.5, 0.25] {
            let truth = with(effect, student_t_quantile(UPPER, 7) / 8.0_f64.sqrt(), 8);
            let n = 8 + truth.more_to_separate().expect("it may be zero");
            let mut separated = 0;
            for _ in 0..2_000 {
                let mut draw = || Some(standard_normal(&mut rng));
                let base: Vec<Option<f64>> = (0..n).map(|_| draw()).collect();
                let shift = |base: &Option<f64>| Some((*base)? + effect + draw()?);
                let values: Vec<Option<f64>> = base.iter().map(shift).collect();
                let found = difference(&values, &base).expect("pairs");
                separated += u32::from(found.ci95.is_some_and(|(low, _)| low > 0.0));
            }
            let share = f64::from(separated) / 2_000.0;
            assert!((0.77..0.84).contains(&share), "{share} with {n} for {effect}");
        }
    }
}
