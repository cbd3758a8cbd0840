//! Many lengths of time, most of them zero, exactly.

use crate::metrics::Percentile;
use crate::time::Span;

/// A distribution of lengths of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    zeros: u64,
    /// The others, shortest first once all are there.
    others: Vec<Span>,
}

impl Spans {
    /// Adds one.
    pub(super) fn add(&mut self, span: Span) {
        match span {
            Span::ZERO => self.zeros += 1,
            span => self.others.push(span),
        }
    }

    /// All are there.
    pub(super) fn sort(&mut self) {
        self.others.sort_unstable();
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.zeros + self.others.len() as u64
    }

    /// How many are longer than zero.
    pub fn above_zero(&self) -> u64 {
        self.others.len() as u64
    }

    /// The longest; zero if there is none.
    pub fn max(&self) -> Span {
        self.others.last().copied().unwrap_or(Span::ZERO)
    }

    /// The mean, rounded to a nanosecond; `None` of nothing.
    pub fn mean(&self) -> Option<Span> {
        let sum: u128 = self.others.iter().map(|span| u128::from(span.0)).sum();
        let count = u128::from(self.count());
        // A mean is not above the longest, so it fits.
        (count > 0).then(|| Span(((sum + count / 2) / count) as u64))
    }

    /// The shortest that so many percent do not exceed; `None` if too few are beyond it.
    pub fn percentile(&self, percentile: Percentile) -> Option<Span> {
        let count = self.count();
        percentile.is_sound(count).then(|| {
            let share = u128::from(count) * u128::from(percentile.0);
            let rank = share.div_ceil(u128::from(Percentile::WHOLE)) as u64;
            match rank.saturating_sub(1).checked_sub(self.zeros) {
                Some(place) => self.others[place as usize],
                None => Span::ZERO,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut spans = Spans::default();
        (0..1_000).rev().for_each(|n: u64| spans.add(Span(n.saturating_sub(500))));
        spans.sort();
        let found =
            [50_000, 50_200, 90_000, 99_000, 99_100].map(|it| spans.percentile(Percentile(it)));
        let expected = [Some(Span::ZERO), Some(Span(1)), Some(Span(399)), Some(Span(489)), None];
        assert_eq!(found, expected);
        assert_eq!((spans.count(), spans.above_zero(), spans.max()), (1_000, 499, Span(499)));
        assert_eq!(spans.mean(), Some(Span(125)), "499 · 500 / 2 / 1000");
        assert_eq!(Spans::default().mean(), None);
    }
}
