//! Stale fills: a reader sets an old row after the writer's invalidation has gone by, and the
//! entry stays stale until its TTL ends or another write comes.
//!
//! Two ways to the old row: a fill slower than the invalidation (the stale-set race), or a
//! replica that lags behind it. Derived for this crate, and confirmed by simulation. For deletes
//! that come before the commit see [`super::delete_before_write`].

use super::invalidation::{DeleteOnWrite, ages, expected_decay};
use super::latency::{ACCURACY_NESTED, Latency};
use super::quadrature::integrate_pieces;
use super::{Result, TheoryError, non_negative, positive};

/// So many reads during a fill are few.
const FEW_READS: f64 = 0.05;

/// The stale-set race of one fill: get misses, the database is read, *a write commits and its
/// delete arrives*, the old row is set.
///
/// X is the reader's time from the snapshot to the set, Y the writer's time from the commit to the
/// delete; both independent of each other and of the Poisson writes, whatever their distributions.
#[derive(Clone, Debug)]
pub struct StaleSetRace {
    writes_per_s: f64,
    fill: Latency,
    delete: Latency,
}

impl StaleSetRace {
    /// The race on a key written at this rate, with these X (`fill`) and Y (`delete`).
    ///
    /// # Errors
    /// If the write rate is negative or not finite.
    pub fn new(writes_per_s: f64, fill: Latency, delete: Latency) -> Result<Self> {
        let writes_per_s = non_negative("write rate", writes_per_s)?;
        Ok(StaleSetRace { writes_per_s, fill, delete })
    }

    /// Probability that a fill loses the race.
    ///
    /// Given X, the writes that spoil a fill are Poisson: 1 - E exp(-μ E\[(X - Y)⁺ | X\]), which by
    /// parts is ∫ P(X > t) μP(Y <= t) exp(-μ E\[(t - Y)⁺\]) dt. With constant times it is
    /// 1 - e^(-μ(x - y)⁺): zero when x <= y, so constant latencies hide the race.
    pub fn per_fill(&self) -> f64 {
        lost(self.writes_per_s, &self.fill, &self.delete)
    }

    /// To the first order in μ: μ E\[(X - Y)⁺\]; with exponential times μx² / (x + y). An upper
    /// bound, too high by about μ E\[W²\] / (2 E\[W\]) of itself, with W = E\[(X - Y)⁺ | X\].
    pub fn first_order(&self) -> f64 {
        let delete = &self.delete;
        self.writes_per_s * self.fill.expected_integral(|t| delete.cdf(t), &delete.borders())
    }

    /// Probability that a fill loses the race against a second delete too, which lands this many
    /// seconds after the first (delayed double delete): the race with Y + τ in the place of Y.
    ///
    /// With an exponential X, whatever Y, it is e^(-τ/x) of what it was: smaller, and never zero.
    ///
    /// # Errors
    /// If the time is negative or not finite.
    pub fn per_fill_after_second_delete(&self, after_s: f64) -> Result<f64> {
        Ok(lost(self.writes_per_s, &self.fill, &self.delete.later_by(after_s)?))
    }

    /// The time between the deletes, in seconds, from which on the second one leaves nothing of
    /// the race: max X - min Y. `None` if X has no maximum that is known.
    pub fn second_delete_that_suffices_s(&self) -> Option<f64> {
        self.fill.greatest_s().map(|greatest| (greatest - self.delete.least_s()).max(0.0))
    }

    /// Long-run share of hits that are stale under delete-on-write, with one fill at a time per
    /// key (coalesced) whose snapshot is taken when the read misses: entries that wait for their
    /// delete, and those that lost the race.
    ///
    /// Deletes land as a Poisson process, and what lands later is independent of what has landed.
    /// A hit of age t after the set is fresh unless a write committed since the snapshot, so
    /// 1 - ∫ E exp(-μ(X + t + ∫_X^(X+t) P(Y > u) du)) dt / ∫ e^(-μt) dt over ages t from 0 to T.
    /// Where windows are short it is about μ (E\[Y\] + E\[(X - Y)⁺\]).
    ///
    /// # Errors
    /// If the write rate is zero, or the TTL is given and not more than zero and finite.
    pub fn stale_share_of_hits(&self, ttl_s: Option<f64>) -> Result<f64> {
        let writes = positive("write rate", self.writes_per_s)?;
        // With an instant fill; and what is stale besides, by parts over X as in `per_fill`.
        let waiting =
            DeleteOnWrite::new(1.0, writes, 0.0, ttl_s)?.stale_share_of_hits(&self.delete);
        let ttl_s = ttl_s.unwrap_or(f64::INFINITY);
        let ages = ages(ttl_s, writes, &self.delete);
        let lost_s = integrate_pieces(|age| self.spoiled(writes, age), &ages, ACCURACY_NESTED);
        Ok(waiting + lost_s / expected_decay(writes, ttl_s))
    }

    /// Probability that an entry is still there at this age after the set, and stale because of
    /// the time that its fill took.
    fn spoiled(&self, writes: f64, age: f64) -> f64 {
        let delete = &self.delete;
        let spoils = |x: f64| {
            let pending_s = delete.late_mean_s(x) - delete.late_mean_s(x + age);
            let none = libm::exp(-writes * (x + age + pending_s));
            writes * (delete.cdf(x) + delete.tail(x + age)) * none
        };
        let mut cuts = delete.borders();
        cuts.extend(delete.borders().iter().map(|border| border - age));
        self.fill.expected_integral(spoils, &cuts)
    }

    /// Long-run share of reads that are stale, where reads that come during a fill are answered
    /// with its row when it is there (single flight):
    /// λ (E s + E ∫_0^X (1 - e^(-μu)) du) / (1 + λ (E + E\[X\])), with the stale share of hits s
    /// and the lifetime of an entry E = (1 - e^(-μT)) / μ.
    ///
    /// Exact as [`stale_share_of_hits`](Self::stale_share_of_hits) is.
    ///
    /// # Errors
    /// As [`stale_share_of_hits`](Self::stale_share_of_hits); or if the read rate is not more than
    /// zero and finite.
    pub fn stale_share_of_reads(&self, reads_per_s: f64, ttl_s: Option<f64>) -> Result<f64> {
        let writes = self.writes_per_s;
        let joiners_s = self.fill.expected_integral(|u| -libm::expm1(-writes * u), &[]);
        self.stale_reads(reads_per_s, ttl_s, joiners_s)
    }

    /// The same where reads that come during a fill fetch for themselves: they are fresh.
    ///
    /// An approximation for few reads during a fill, within 4 % where λ E\[X\] is at most 0.05.
    /// With more of them a later fill replaces one that lost the race, and may lose one of its own:
    /// see [`super::fills`].
    ///
    /// # Errors
    /// As [`stale_share_of_reads`](Self::stale_share_of_reads); or if more than 0.05 reads come
    /// during a fill.
    pub fn stale_share_uncoalesced(&self, reads_per_s: f64, ttl_s: Option<f64>) -> Result<f64> {
        // A product may be off by its rounding.
        if positive("read rate", reads_per_s)? * self.fill.mean_s() > FEW_READS * (1.0 + 1e-9) {
            let must_be = "such that at most 0.05 reads come in the mean time of a fill";
            return Err(TheoryError::OutOfRange { parameter: "read rate", must_be });
        }
        self.stale_reads(reads_per_s, ttl_s, 0.0)
    }

    fn stale_reads(&self, reads_per_s: f64, ttl_s: Option<f64>, joiners_s: f64) -> Result<f64> {
        let reads = positive("read rate", reads_per_s)?;
        let of_hits = self.stale_share_of_hits(ttl_s)?;
        let life_s = expected_decay(self.writes_per_s, ttl_s.unwrap_or(f64::INFINITY));
        let cycle = 1.0 + reads * (life_s + self.fill.mean_s());
        Ok(reads * (life_s * of_hits + joiners_s) / cycle)
    }
}

/// ∫ P(X > t) μP(Y <= t) exp(-μ E\[(t - Y)⁺\]) dt.
fn lost(writes: f64, fill: &Latency, delete: &Latency) -> f64 {
    let spoils = |t: f64| {
        let none = libm::exp(-writes * delete.early_mean_s(t));
        writes * delete.cdf(t) * none
    };
    fill.expected_integral(spoils, &delete.borders())
}

/// A key whose misses are filled from a replica that lags, each commit on its own (for a replica
/// that applies commits in order see [`super::replica`]). Reads are Poisson and instant, and
/// writes are rare.
#[derive(Clone, Debug)]
pub struct LaggingReplica {
    reads_per_s: f64,
    lag: Latency,
}

impl LaggingReplica {
    /// A key read at this rate, filled from a replica with this lag.
    ///
    /// # Errors
    /// If the read rate is not more than zero and finite.
    pub fn new(reads_per_s: f64, lag: Latency) -> Result<Self> {
        Ok(LaggingReplica { reads_per_s: positive("read rate", reads_per_s)?, lag })
    }

    /// Probability per write that the first miss after its last delete fills the cache with the
    /// old row: ∫ λ e^(-λ(t - y)) P(lag > t) dt from y on, when the delete lands y after the
    /// commit.
    ///
    /// With an exponential lag ℓ it is e^(-y/ℓ) λℓ / (1 + λℓ), with a constant one
    /// 1 - e^(-λ(ℓ - y)⁺).
    ///
    /// # Errors
    /// If the time of the delete is negative or not finite.
    pub fn stale_fill_per_write(&self, last_delete_s: f64) -> Result<f64> {
        let delete = non_negative("time from commit to delete", last_delete_s)?;
        Ok(first_read_is_early(self.reads_per_s, &self.lag, delete))
    }
}

/// The probability that the first event of a Poisson process after `from_s` comes before the end
/// of a latency.
pub(super) fn first_read_is_early(rate: f64, latency: &Latency, from_s: f64) -> f64 {
    let comes = |t: f64| if t < from_s { 0.0 } else { rate * libm::exp(-rate * (t - from_s)) };
    latency.expected_integral(comes, &[from_s])
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::super::monte_carlo::{Draws, assert_close};
    use super::*;

    fn constant(seconds: f64) -> Latency {
        Latency::constant(seconds).expect("valid")
    }

    fn exponential(mean_s: f64) -> Latency {
        Latency::exponential(mean_s).expect("valid")
    }

    fn race(writes: f64, fill: Latency, delete: Latency) -> StaleSetRace {
        StaleSetRace::new(writes, fill, delete).expect("valid")
    }

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-9 * expected, "{value} for {expected}");
    }

    #[test]
    fn worked_values_of_the_race() {
        let rows = [
            (race(1.0, exponential(0.010), exponential(0.010)), [".0049587", ".0050000"]),
            (race(5.0, exponential(0.020), exponential(0.005)), [".0728864", ".0800000"]),
            (race(0.1, exponential(0.050), exponential(0.005)), [".0045229", ".0045455"]),
        ];
        for (race, [exact, first_order]) in rows {
            assert_printed(race.per_fill(), exact);
            assert_printed(race.first_order(), first_order);
        }
        let constants = race(5.0, constant(0.020), constant(0.005));
        assert_printed(constants.per_fill(), ".0722565");
        near(constants.per_fill(), -libm::expm1(-5.0 * 0.015));
        let hidden = race(5.0, constant(0.005), constant(0.005));
        assert_eq!((hidden.per_fill(), hidden.first_order()), (0.0, 0.0));
    }

    #[test]
    fn the_exponential_race_is_the_integral_over_the_fill() {
        for (writes, x, y) in [(5.0, 0.02, 0.005), (30.0, 0.1, 0.4), (2.0, 1.0, 0.01)] {
            let survives = |fill: f64| {
                let window = fill + y * libm::expm1(-fill / y);
                -libm::expm1(-writes * window) * libm::exp(-fill / x) / x
            };
            let borders: Vec<f64> = (0..=400).map(|k| f64::from(k) * x * 0.1).collect();
            let direct = integrate_pieces(survives, &borders, 1e-13);
            near(race(writes, exponential(x), exponential(y)).per_fill(), direct);
        }
    }

    #[test]
    fn the_limits_of_the_race_are_known() {
        // An instant delete spoils a fill with any write during it: μx / (1 + μx).
        near(race(3.0, exponential(0.1), constant(0.0)).per_fill(), 0.3 / 1.3);
        // Rare writes: the first order.
        let rare = race(1e-9, exponential(0.02), exponential(0.3));
        assert!((rare.per_fill() / rare.first_order() - 1.0).abs() < 1e-8);
        near(rare.first_order(), 1e-9 * 0.02 * 0.02 / 0.32);
        let none = race(0.0, exponential(0.02), exponential(0.3));
        assert_eq!((none.per_fill(), none.first_order()), (0.0, 0.0));
        assert_eq!(race(1.0, constant(0.0), constant(0.0)).per_fill(), 0.0);
    }

    #[test]
    fn a_second_delete_leaves_what_it_must() {
        let exponentials = race(5.0, exponential(0.020), exponential(0.005));
        let left = exponentials.per_fill_after_second_delete(0.020).expect("valid");
        near(left, exponentials.per_fill() * libm::exp(-1.0));
        // A Monte-Carlo run gave .0268059; the first order is .0294304.
        assert!((left - 0.026_805_9).abs() < 5e-5);
        assert_printed(exponentials.first_order() * libm::exp(-1.0), ".0294304");
        assert_eq!(exponentials.second_delete_that_suffices_s(), None);
        let bounded = race(5.0, Latency::uniform(0.0, 0.03).expect("valid"), constant(0.005));
        let suffices = bounded.second_delete_that_suffices_s().expect("X is bounded");
        near(suffices, 0.025);
        assert!(bounded.per_fill_after_second_delete(0.999 * suffices).expect("valid") > 0.0);
        assert_eq!(bounded.per_fill_after_second_delete(suffices), Ok(0.0));
        let constants = race(5.0, constant(0.020), constant(0.005));
        let left = constants.per_fill_after_second_delete(0.010).expect("valid");
        near(left, -libm::expm1(-5.0 * 0.005));
    }

    #[test]
    fn a_lognormal_race_is_as_often_lost_as_played() {
        let (median, p99, writes, n) = (0.02, 0.2, 5.0, 200_000);
        let lognormal = Latency::lognormal(median, p99).expect("valid");
        let sigma = libm::log(10.0) / 2.326_347_874_040_841;
        let mut draws = Draws::new(2);
        let (mut lost, mut left) = (0, 0);
        for _ in 0..n {
            let fill = draws.lognormal(median, sigma);
            let (mut at, mut spoils, mut spoils_twice) = (draws.exponential(1.0 / writes), 0, 0);
            while at < fill {
                let landed = at + draws.lognormal(median, sigma);
                spoils |= i32::from(landed < fill);
                spoils_twice |= i32::from(landed + 0.03 < fill);
                at += draws.exponential(1.0 / writes);
            }
            lost += spoils;
            left += spoils_twice;
        }
        let race = race(writes, lognormal.clone(), lognormal);
        assert_close(f64::from(lost) / f64::from(n), race.per_fill(), 0.02);
        let theory = race.per_fill_after_second_delete(0.03).expect("valid");
        assert_close(f64::from(left) / f64::from(n), theory, 0.03);
    }

    #[test]
    fn the_whole_protocol_is_as_stale_as_simulated() {
        // Another simulation of the whole protocol, with some percent of noise.
        let rows = [
            ((20.0, 0.5, 0.020, 0.005, None), 0.010_124),
            ((50.0, 0.5, 0.010, 0.010, Some(2.0)), 0.007_334),
            ((50.0, 0.5, 0.020, 0.005, Some(1.0)), 0.009_960),
        ];
        for ((reads, writes, fill, delete, ttl), simulated) in rows {
            let race = race(writes, exponential(fill), exponential(delete));
            let share = race.stale_share_of_reads(reads, ttl).expect("valid");
            assert!((share / simulated - 1.0).abs() < 0.03, "{share} for {simulated}");
            // μ E[Y] for entries that wait, and an episode per race lost.
            let life = expected_decay(writes, ttl.unwrap_or(f64::INFINITY));
            let about = writes * delete + race.per_fill();
            let of_hits = race.stale_share_of_hits(ttl).expect("valid");
            assert!((of_hits / about - 1.0).abs() < 0.02 + 0.02 * life, "{of_hits} for {about}");
        }
    }

    #[test]
    fn instant_fills_leave_what_waits_for_its_delete() {
        let instant = race(0.7, constant(0.0), constant(0.3));
        let share = instant.stale_share_of_hits(None).expect("valid");
        near(share, -0.5 * libm::expm1(-2.0 * 0.7 * 0.3));
        // And instant deletes what was lost: those with a write during the fill.
        let late = race(0.7, constant(0.4), constant(0.0));
        let share = late.stale_share_of_hits(None).expect("valid");
        near(share, -libm::expm1(-0.7 * 0.4));
        let hidden = race(0.7, constant(0.2), constant(0.3));
        let share = hidden.stale_share_of_hits(Some(0.05)).expect("valid");
        // Every hit of an entry so young waits for the deletes of all writes since its snapshot.
        let fresh = libm::exp(-0.7 * 0.2) * expected_decay(1.4, 0.05) / expected_decay(0.7, 0.05);
        near(share, 1.0 - fresh);
    }

    #[test]
    fn worked_values_of_a_lagging_replica() {
        let hot = LaggingReplica::new(100.0, exponential(0.1)).expect("valid");
        assert_printed(hot.stale_fill_per_write(0.002).expect("valid"), ".89109");
        assert_printed(hot.stale_fill_per_write(0.502).expect("valid"), ".00600");
        let constant_lag = LaggingReplica::new(100.0, constant(0.1)).expect("valid");
        assert_printed(constant_lag.stale_fill_per_write(0.002).expect("valid"), ".99994");
        assert_eq!(constant_lag.stale_fill_per_write(0.2), Ok(0.0));
        let cold = LaggingReplica::new(1.0, exponential(0.1)).expect("valid");
        assert_printed(cold.stale_fill_per_write(0.002).expect("valid"), ".08911");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(StaleSetRace::new(-1.0, constant(0.1), constant(0.0)).is_err());
        let never = race(0.0, constant(0.1), constant(0.1));
        assert!(never.stale_share_of_hits(None).is_err());
        let race = race(1.0, constant(0.1), constant(0.1));
        assert!(race.per_fill_after_second_delete(-1.0).is_err());
        assert!(race.stale_share_of_reads(0.0, None).is_err());
        assert!(race.stale_share_of_reads(1.0, Some(0.0)).is_err());
        assert!(race.stale_share_uncoalesced(0.5, None).is_ok());
        let error = race.stale_share_uncoalesced(0.51, None).expect_err("too many reads");
        assert!(error.to_string().contains("at most 0.05 reads"), "{error}");
        assert!(race.stale_share_uncoalesced(0.0, None).is_err());
        assert!(LaggingReplica::new(0.0, constant(1.0)).is_err());
        let replica = LaggingReplica::new(1.0, constant(0.1)).expect("valid");
        assert!(replica.stale_fill_per_write(f64::NAN).is_err());
    }
}
