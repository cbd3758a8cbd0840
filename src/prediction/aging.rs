//! How stale is what is read from entries that live for a TTL, if a row is old already when it is
//! set: the first write may have come before the set, or since.

use super::judge::Place;
use crate::theory::TheoryError;
use crate::theory::ttl::TtlOnly;

/// So many equally likely ages at the set stand for all, where they matter.
const AGES: usize = 128;
/// As a part of the TTL, less than this is as good as its mean.
const MATTERS: f64 = 1e-3;

/// All keys of a load.
pub(super) struct Aging {
    ttl_s: f64,
    /// How old a row may be when it is set, in seconds, each as likely as the others.
    older_s: Vec<f64>,
    /// By so much less what a client can prove, in seconds.
    unknown_s: f64,
    /// Hits per second on keys that are alike.
    keys: Vec<(f64, TtlOnly)>,
}

impl Aging {
    /// Of the keys of a load, given the share of a key's reads that hit.
    ///
    /// # Errors
    /// If a rate or the TTL is out of range.
    pub(super) fn new(
        place: &Place<'_>,
        ttl_s: f64,
        hit_ratio: impl Fn(&super::Class) -> Result<f64, TheoryError>,
    ) -> Result<Aging, TheoryError> {
        let at_set = place.snapshot_to_set();
        let matters = at_set.mean_s() > MATTERS * ttl_s;
        // A read is judged before it gets to the cache.
        let before_s = place.to_cache().mean_s();
        let older_s = at_set.equally_likely(if matters { AGES } else { 1 });
        let read = place.rates.classes.iter().filter(|class| class.reads_per_s > 0.0);
        let keys = read.map(|class| {
            let key = TtlOnly::new(class.reads_per_s, class.writes_per_s, ttl_s)?;
            Ok((class.keys * class.reads_per_s * hit_ratio(class)?, key))
        });
        Ok(Aging {
            ttl_s,
            older_s: older_s.into_iter().map(|it| it - before_s).collect(),
            // A write is acknowledged when the database's answer is back.
            unknown_s: place.world.database.link.mean(),
            keys: keys.collect::<Result<_, TheoryError>>()?,
        })
    }

    /// The sum over all keys' hits and ages at the set.
    fn sum(&self, of: impl Fn(&TtlOnly, f64) -> f64) -> f64 {
        let over = |key: &TtlOnly| self.older_s.iter().map(|it| of(key, *it)).sum::<f64>();
        let sums = self.keys.iter().map(|(hits, key)| hits * over(key));
        sums.sum::<f64>() / self.older_s.len() as f64
    }

    /// Hits per second that are older than this.
    pub(super) fn older_than(&self, age_s: f64) -> f64 {
        self.sum(|key, older_s| tail(key, older_s - age_s))
    }

    /// Hits per second that are older than a write that was acknowledged before them.
    pub(super) fn provably_stale(&self) -> f64 {
        self.sum(|key, older_s| tail(key, older_s - self.unknown_s))
    }

    /// The mean age of stale hits, in seconds. The time since the snapshot is of `older_s` to
    /// `older_s` and the TTL; that before the first write is no age.
    pub(super) fn age_mean_s(&self) -> f64 {
        let ages = self.sum(|key, older_s| match key.writes_per_s() {
            0.0 => 0.0,
            writes => older_s + 0.5 * self.ttl_s - tail(key, older_s) / writes,
        });
        ages / self.older_than(0.0)
    }

    /// Versions that hits are behind, all together, per second.
    pub(super) fn versions(&self) -> f64 {
        self.sum(|key, older_s| key.writes_per_s() * (older_s + 0.5 * self.ttl_s))
    }

    /// The age that this share of the stale hits exceeds, in seconds.
    pub(super) fn quantile_s(&self, beyond: f64) -> f64 {
        let wanted = beyond * self.older_than(0.0);
        let oldest = self.older_s.iter().copied().fold(0.0, f64::max);
        let (mut low, mut high) = (0.0, self.ttl_s + oldest);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if self.older_than(middle) > wanted { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

/// The share of hits before which something was written, of rows that are so old at their set. If
/// they are less than 0 old, writes in the first part of their time do not count.
fn tail(key: &TtlOnly, older_s: f64) -> f64 {
    if older_s <= 0.0 {
        return key.age_tail_of_hits(-older_s);
    }
    let fresh = 1.0 - key.stale_share_of_hits();
    1.0 - fresh * libm::exp(-key.writes_per_s() * older_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aging(writes_per_s: f64, older_s: Vec<f64>) -> Aging {
        let key = TtlOnly::new(1.0, writes_per_s, 8.0).expect("in range");
        Aging { ttl_s: 8.0, older_s, unknown_s: 0.0, keys: vec![(3.0, key)] }
    }

    #[test]
    fn ages_of_rare_writes_have_a_triangular_tail() {
        // P(age > Δ) = (1 - Δ/T)² for one key whose writes are rare.
        let aging = aging(1e-9, vec![0.0]);
        let (median, p99) = (aging.quantile_s(0.5), aging.quantile_s(0.01));
        assert!((median - 8.0 * (1.0 - 0.5_f64.sqrt())).abs() < 1e-6, "{median}");
        assert!((p99 - 7.2).abs() < 1e-6, "{p99}");
    }

    #[test]
    fn ages_of_rows_that_are_old_at_their_set_are_those_of_their_definition() {
        let aging = aging(0.3, vec![1.0, 2.0]);
        let steps = 100_000;
        let places = || (0..steps).map(|step| (f64::from(step) + 0.5) / f64::from(steps));
        // Each of 1 s to 9 s, or 2 s to 10 s since the snapshot is as likely; the first write came
        // that long ago or later.
        let since = || [1.0, 2.0].into_iter().flat_map(|it| places().map(move |at| it + 8.0 * at));
        let mean = |sum: f64| 3.0 * sum / f64::from(2 * steps);
        let stale = mean(since().map(|it| 1.0 - libm::exp(-0.3 * it)).sum());
        assert!((aging.older_than(0.0) - stale).abs() < 1e-7, "{stale}");
        let older = |age: f64| {
            let older = since().map(|it| 1.0 - libm::exp(-0.3 * (it - age).max(0.0)));
            mean(older.sum())
        };
        for age in [0.5, 1.5, 4.0, 9.5] {
            assert!((aging.older_than(age) - older(age)).abs() < 1e-7, "{age}");
        }
        // The mean is the integral of the tail.
        let tail: f64 = places().map(|at| aging.older_than(10.0 * at)).sum::<f64>() * 10.0;
        let age = tail / f64::from(steps) / stale;
        assert!((aging.age_mean_s() - age).abs() < 1e-6, "{age}");
        assert!((aging.versions() - 3.0 * 0.3 * 5.5).abs() < 1e-9);
        assert!((aging.older_than(aging.quantile_s(0.25)) - 0.25 * stale).abs() < 1e-7);
    }
}
