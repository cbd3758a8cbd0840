//! What the replications show, for titles: nothing is claimed of a difference or a ratio that the
//! 95 % interval leaves open.

use super::run::Run;
use crate::metrics::{Estimate, difference};

impl Run {
    /// The paired difference of a metric between two variants: the one minus the other, over the
    /// replications that both have. They met the same load.
    pub(super) fn difference(&self, metric: &str, one: usize, other: usize) -> Option<Estimate> {
        difference(self.variants[one].column(metric), self.variants[other].column(metric))
    }

    /// Whether the replications show that one variant has less of a metric than another.
    pub(super) fn is_less(&self, metric: &str, one: usize, other: usize) -> bool {
        let interval = self.difference(metric, one, other).and_then(|it| it.ci95);
        interval.is_some_and(|(_, high)| high < 0.0)
    }

    /// Whether one variant may have as little of a metric as another that has less on average:
    /// neither the paired difference tells them apart nor do the intervals that are drawn.
    pub(super) fn may_be_as_little(&self, metric: &str, less: usize, other: usize) -> bool {
        let range = |index: usize| Some(self.variants[index].metric(metric)?.range());
        let apart = range(less).zip(range(other)).is_some_and(|(a, b)| a.1 < b.0);
        !apart && !self.is_less(metric, less, other)
    }

    /// How many times as much of a metric one variant has as another, at least: the lower end of
    /// the ratio's 95 % interval. None if they do not show that it is more than once as much, or if
    /// the other has nothing at all.
    pub(super) fn times_at_least(&self, metric: &str, more: usize, less: usize) -> Option<f64> {
        let paired =
            times_at_least(self.variants[more].column(metric), self.variants[less].column(metric))?;
        // Nor more than the ends of the two intervals say, which are what is drawn.
        let interval = |index: usize| self.variants[index].metric(metric)?.interval;
        let ends = interval(more).zip(interval(less)).filter(|(_, (_, high))| *high > 0.0);
        let apart = ends.map_or(paired, |((low, _), (_, high))| low / high);
        Some(paired.min(apart)).filter(|times| *times > 1.0)
    }
}

/// The largest ratio such that `more` minus so many times `less` is shown to be positive.
///
/// That is E. C. Fieller's interval of a ratio of means (J. Roy. Statist. Soc. B 16, 1954), by its
/// definition instead of its quadratic: the mean of the paired difference falls evenly with the
/// ratio, its standard error is convex, so the lower end is positive up to one ratio and no
/// further.
fn times_at_least(more: &[Option<f64>], less: &[Option<f64>]) -> Option<f64> {
    let is_shown = |ratio: f64| {
        let times: Vec<Option<f64>> = less.iter().map(|it| it.map(|it| it * ratio)).collect();
        let interval = difference(more, &times).and_then(|it| it.ci95);
        interval.is_some_and(|(low, _)| low > 0.0)
    };
    let (mut low, mut high) = (1.0, 2.0);
    if !is_shown(low) {
        return None;
    }
    while is_shown(high) {
        (low, high) = (high, 2.0 * high);
        if high > 1e15 {
            return None;
        }
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if is_shown(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn a_ratio_is_at_least_what_its_worse_end_says() {
        let exact = times_at_least(&some(&[40.0, 44.0, 42.0]), &some(&[4.0, 4.4, 4.2]));
        assert!((exact.expect("shown") - 10.0).abs() < 1e-6);
        // One event in two replications may as well have been none: only the bound is known.
        let one = times_at_least(&some(&[0.11, 0.12]), &some(&[5e-6, 0.0])).expect("shown");
        assert!(one < 0.115 / 2.5e-6 / 5.0, "{one}");
        assert_eq!(times_at_least(&some(&[1.0, 3.0]), &some(&[1.0, 1.0])), None);
        assert_eq!(times_at_least(&some(&[2.0, 2.1]), &some(&[0.0, 0.0])), None);
        assert_eq!(times_at_least(&some(&[2.0]), &some(&[1.0])), None);
    }

    proptest! {
        #[test]
        fn it_is_fiellers_quadratic(
            pairs in proptest::collection::vec((5.0..9.0_f64, 0.5..1.0_f64), 3..9),
        ) {
            let (more, less): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            let Some(found) = times_at_least(&some(&more), &some(&less)) else { return Ok(()) };
            let n = pairs.len() as f64;
            let mean = |it: &[f64]| it.iter().sum::<f64>() / n;
            let (a, b) = (mean(&more), mean(&less));
            let of = |f: &dyn Fn(f64, f64) -> f64| {
                pairs.iter().map(|(x, y)| f(x - a, y - b)).sum::<f64>() / (n - 1.0) / n
            };
            let t = crate::metrics::student_t_quantile(0.975, pairs.len() as u32 - 1);
            let t2 = t * t;
            let aa = a * a - t2 * of(&|x, _| x * x);
            let ab = a * b - t2 * of(&|x, y| x * y);
            let bb = b * b - t2 * of(&|_, y| y * y);
            prop_assume!(bb > 1e-3);
            let root = (ab - (ab * ab - aa * bb).max(0.0).sqrt()) / bb;
            prop_assert!((found / root - 1.0).abs() < 1e-6, "{found} {root}");
        }
    }
}
