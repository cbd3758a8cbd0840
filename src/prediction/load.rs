//! What a workload asks of each key, as the forms want it: Poisson rates.

use crate::random::Distribution;
use crate::theory::eviction::zipf_shares;
use crate::theory::quadrature::integrate;
use crate::workload::{Popularity, WorkloadConfig};

/// Keys within this ratio of each other's rates are taken as alike.
const ALIKE: f64 = 0.99;

/// Keys that are read and written alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Class {
    /// How many.
    pub(super) keys: f64,
    /// Of each, per second.
    pub(super) reads_per_s: f64,
    /// Of each, per second.
    pub(super) writes_per_s: f64,
}

/// What all keys together are asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rates {
    pub(super) reads_per_s: f64,
    /// Those that commit.
    pub(super) writes_per_s: f64,
    pub(super) classes: Vec<Class>,
    pub(super) acts: Option<Acts>,
}

/// What becomes of compare-and-writes on a version that was read a while ago.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Acts {
    pub(super) per_s: f64,
    /// The share that acts on a version which was old when it was read.
    pub(super) failed: f64,
    /// The share that acts on a version which has changed since.
    pub(super) conflicting: f64,
}

impl Rates {
    /// What a workload of this many requests per second asks for, or why that cannot be told.
    pub(super) fn new(workload: &WorkloadConfig, requests_per_s: f64) -> Result<Rates, String> {
        let reads_per_s = requests_per_s * workload.read_share;
        let writes_per_s = requests_per_s * (1.0 - workload.read_share);
        let reads = shares(workload.read_keys, workload.keys)?;
        let writes = match workload.write_keys {
            Some(popularity) => shares(popularity, workload.keys)?,
            None => reads.clone(),
        };
        let mut classes: Vec<Class> = Vec::new();
        let mut first = (0.0, 0.0);
        for (read, write) in reads.into_iter().zip(writes) {
            let near = |a: f64, b: f64| a.min(b) >= ALIKE * a.max(b);
            let alike = near(read, first.0) && near(write, first.1);
            match classes.last_mut().filter(|_| alike) {
                Some(class) => {
                    class.keys += 1.0;
                    class.reads_per_s += read * reads_per_s;
                    class.writes_per_s += write * writes_per_s;
                }
                None => {
                    first = (read, write);
                    classes.push(Class {
                        keys: 1.0,
                        reads_per_s: read * reads_per_s,
                        writes_per_s: write * writes_per_s,
                    });
                }
            }
        }
        for class in &mut classes {
            class.reads_per_s /= class.keys;
            class.writes_per_s /= class.keys;
        }
        Ok(Rates { reads_per_s, writes_per_s, classes, acts: None })
    }

    /// With acts: this share of the reads is followed by one, which commits if its version was
    /// `fresh` when it was read and is unchanged after the time since. Their commits are writes
    /// like any other, for all but the client who makes them.
    pub(super) fn with_acts(
        mut self,
        share: f64,
        since: &Distribution,
        fresh: impl Fn(&Class) -> f64,
    ) -> Rates {
        let (mut made, mut failed, mut conflicting) = (0.0, 0.0, 0.0);
        for class in &mut self.classes {
            let acts = share * class.reads_per_s;
            let others = class.writes_per_s;
            let mut done = Class { writes_per_s: others + acts, ..*class };
            // More commits make fewer acts succeed: halving the steps settles.
            for _ in 0..60 {
                let succeed = fresh(&done) * unchanged(since, done.writes_per_s);
                done.writes_per_s = 0.5 * (done.writes_per_s + others + acts * succeed);
            }
            let (ok, same) = (fresh(&done), unchanged(since, done.writes_per_s));
            made += class.keys * acts;
            failed += class.keys * acts * (1.0 - ok);
            conflicting += class.keys * acts * ok * (1.0 - same);
            *class = done;
        }
        self.writes_per_s += made - failed - conflicting;
        let (failed, conflicting) = (failed / made, conflicting / made);
        self.acts = Some(Acts { per_s: made, failed, conflicting });
        self
    }

    /// Writes that the database is asked for, acts that it refuses among them.
    pub(super) fn asked_writes_per_s(&self) -> f64 {
        let refused = |acts: Acts| acts.per_s * (acts.failed + acts.conflicting);
        self.writes_per_s + self.acts.map_or(0.0, refused)
    }

    /// How many acts a read is followed by: as much more or less often than by chance is a write
    /// the next thing after a read.
    pub(super) fn acts_per_read(&self) -> f64 {
        self.acts.map_or(0.0, |acts| acts.per_s / self.reads_per_s)
    }

    /// How much of what acts make stale under a TTL they make of what their own read has filled,
    /// relative to what is by chance: one fill to so many reads of its entry.
    pub(super) fn acts_on_own_fills(&self, ttl_s: f64) -> f64 {
        let read = self.classes.iter().filter(|class| class.reads_per_s > 0.0);
        let keys: f64 = read.map(|class| class.keys).sum();
        self.acts.map_or(0.0, |_| keys / (self.reads_per_s * ttl_s))
    }

    /// The most popular key's reads per second.
    pub(super) fn hottest(&self) -> f64 {
        self.classes.iter().map(|class| class.reads_per_s).fold(0.0, f64::max)
    }

    /// The mean over all reads of what each class says of its own.
    ///
    /// # Errors
    /// The first one that has nothing to say.
    pub(super) fn over_reads<E>(&self, of: impl Fn(&Class) -> Result<f64, E>) -> Result<f64, E> {
        let parts = self
            .classes
            .iter()
            .filter(|class| class.reads_per_s > 0.0)
            .map(|class| Ok(class.keys * class.reads_per_s * of(class)?));
        let parts: Vec<f64> = parts.collect::<Result<_, E>>()?;
        Ok(parts.iter().sum::<f64>() / self.reads_per_s)
    }
}

/// The probability that nothing is written, at this rate, in a time of this distribution: its
/// Laplace transform, E\[e^(-wt)\] = 1 - ∫ w e^(-wt) P(time > t) dt.
fn unchanged(time: &Distribution, writes_per_s: f64) -> f64 {
    let w = writes_per_s;
    match time {
        _ if w <= 0.0 => 1.0,
        Distribution::Constant(span) => libm::exp(-w * span.as_secs_f64()),
        Distribution::Exponential(mean) => 1.0 / (1.0 + w * mean.as_secs_f64()),
        other => {
            let changed = |t: f64| w * libm::exp(-w * t) * (1.0 - other.cdf(t));
            1.0 - integrate(changed, 0.0, (40.0 / w).min(200.0 * other.mean()), 1e-9)
        }
    }
}

/// The share of each key; the most popular first.
fn shares(popularity: Popularity, keys: u32) -> Result<Vec<f64>, String> {
    let n = keys as usize;
    Ok(match popularity {
        Popularity::Uniform => vec![1.0 / f64::from(keys); n],
        Popularity::Zipf { exponent } => {
            zipf_shares(keys, exponent).map_err(|error| error.to_string())?
        }
        Popularity::Hot { keys: hot, .. } if hot >= keys => vec![1.0 / f64::from(keys); n],
        Popularity::Hot { keys: hot, share } => {
            let cold = (1.0 - share) / f64::from(keys - hot);
            let hot = vec![share / f64::from(hot); hot as usize];
            hot.into_iter().chain(std::iter::repeat(cold)).take(n).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn acts_on_fresh_versions_conflict_as_their_times_say() {
        let second = Span::from_secs(1);
        let uniform = Distribution::Uniform { min: Span::ZERO, max: Span::from_secs(2) };
        let w: f64 = 0.7;
        let cases = [
            (Distribution::Constant(second), libm::exp(-w)),
            (Distribution::Exponential(second), 1.0 / 1.7),
            (uniform, -libm::expm1(-2.0 * w) / (2.0 * w)),
        ];
        for (time, expected) in cases {
            assert!((unchanged(&time, w) - expected).abs() < 1e-7, "{time:?}");
            assert_eq!(unchanged(&time, 0.0), 1.0);
        }
        // One key, all reads followed by an act: w = λ / (1 + w), and nothing fails.
        let workload = WorkloadConfig::poisson(2.0, 1, 1.0);
        let rates = Rates::new(&workload, 2.0).expect("in range");
        let rates = rates.with_acts(1.0, &Distribution::Exponential(second), |_| 1.0);
        let acts = rates.acts.expect("there are some");
        assert!((rates.writes_per_s - 1.0).abs() < 1e-9, "{rates:?}");
        assert!((acts.conflicting - 0.5).abs() < 1e-9 && acts.failed == 0.0);
        assert!((rates.asked_writes_per_s() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn classes_add_up_to_the_whole_load() {
        let popularities = [
            Popularity::Uniform,
            Popularity::Zipf { exponent: 0.99 },
            Popularity::Hot { keys: 10, share: 0.9 },
            // The later ones are the hotter ones.
            Popularity::Hot { keys: 4_000, share: 0.01 },
        ];
        for read_keys in popularities {
            let workload = WorkloadConfig {
                read_keys,
                write_keys: Some(Popularity::Uniform),
                ..WorkloadConfig::poisson(1_000.0, 5_000, 0.8)
            };
            let rates = Rates::new(&workload, 1_000.0).expect("in range");
            let sum = |of: fn(&Class) -> f64| -> f64 {
                rates.classes.iter().map(|class| class.keys * of(class)).sum()
            };
            assert!((sum(|_| 1.0) - 5_000.0).abs() < 1e-9);
            assert!((sum(|class| class.reads_per_s) - 800.0).abs() < 1e-9);
            assert!((sum(|class| class.writes_per_s) - 200.0).abs() < 1e-9);
            assert!(rates.classes.len() < 900, "{}", rates.classes.len());
            let hottest = rates.hottest() / 800.0;
            let (first, last) = (rates.classes[0], rates.classes[rates.classes.len() - 1]);
            if let Popularity::Hot { keys, share } = read_keys {
                let each = [share / f64::from(keys), (1.0 - share) / f64::from(5_000 - keys)];
                assert!((hottest - each[0].max(each[1])).abs() < 1e-9, "{rates:?}");
                assert!((first.reads_per_s / 800.0 - each[0]).abs() < 1e-9);
                assert!((last.reads_per_s / 800.0 - each[1]).abs() < 1e-9);
            }
            let mean = rates.over_reads(|class| Ok::<f64, ()>(class.writes_per_s));
            assert!((mean.expect("all say something") - 0.04).abs() < 1e-12);
        }
    }
}
