//! What it costs to keep what is read no older than a bound, and what it costs to drop what is.
//!
//! Time is cut into intervals as long as the bound T. Reads and writes of an object are Poisson,
//! so an interval has a read with probability `P_R` = 1 - e^(-λT), and a write with
//! `P_W` = 1 - e^(-μT). What a policy sends to the cache, it sends at the end of an interval. The
//! freshness cost `C_F` is the work to keep the copy fresh; the staleness cost `C_S` are the misses
//! on a copy that was there and had become too old to serve. Both are per second here.
//!
//! Source: Z. Mao, R. Iyer, S. Shenker and I. Stoica, "Revisiting Cache Freshness for Emerging
//! Real-Time Applications", HotNets 2024 (the model, both TTL policies, updates against
//! invalidations). The costs of updates and invalidations are renewal arguments on that model,
//! derived for this crate.

use super::{Result, non_negative, positive};

/// What one message costs, in any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A miss: a read of the backend, and the fill.
    pub miss: f64,
    /// An invalidation.
    pub invalidate: f64,
    /// An update: the new value, sent to the cache.
    pub update: f64,
}

/// Whether an object can be fetched and invalidated again within one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refetch {
    /// A write in the interval of the fetch is seen by the fetch.
    SeesItsInterval,
    /// A write in the interval of the fetch invalidates it at the end of the interval.
    MayBeInvalidated,
}

/// One object under a bound on its age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    bound_s: f64,
    read: f64,
    write: f64,
}

impl Bounded {
    /// An object read and written at these rates, to be no older than the bound.
    ///
    /// # Errors
    /// If a rate is negative, the bound not more than zero, or one of them not finite.
    pub fn new(reads_per_s: f64, writes_per_s: f64, bound_s: f64) -> Result<Self> {
        let bound_s = positive("bound", bound_s)?;
        let reads = non_negative("read rate", reads_per_s)? * bound_s;
        let writes = non_negative("write rate", writes_per_s)? * bound_s;
        Ok(Bounded { bound_s, read: -libm::expm1(-reads), write: -libm::expm1(-writes) })
    }

    /// `C_S` of TTL-expiry, misses per second: `P_R` / T, one per interval with a read. One per
    /// read as T → 0. (A TTL that runs from the fill misses less:
    /// [`super::ttl::TtlOnly::fills_per_s`].)
    pub fn expiry_misses_per_s(&self) -> f64 {
        self.read / self.bound_s
    }

    /// `C_F` of TTL-polling per second: c / T with the cost c of a miss. Its `C_S` is 0.
    pub fn polling_cost_per_s(&self, costs: &Costs) -> f64 {
        costs.miss / self.bound_s
    }

    /// `C_F` of updates per second: c `P_W` / T with the cost c of an update. Its `C_S` is 0.
    pub fn update_cost_per_s(&self, costs: &Costs) -> f64 {
        costs.update * self.write / self.bound_s
    }

    /// `C_S` of invalidations, misses per second: one per cycle of fetch and invalidation,
    /// `P_R P_W` / (`P_R` + `P_W`) / T, or with a denominator of `P_R` + `P_W` - `P_R P_W` if a
    /// fetch may be invalidated in its own interval. λμ / (λ + μ) as T → 0, the fill rate of
    /// [`super::invalidation`].
    pub fn invalidate_misses_per_s(&self, refetch: Refetch) -> f64 {
        let both = self.read * self.write;
        let shared = if refetch == Refetch::MayBeInvalidated { both } else { 0.0 };
        let cycles = self.read + self.write - shared;
        if cycles > 0.0 { both / cycles / self.bound_s } else { 0.0 }
    }

    /// `C_F` of invalidations per second: each comes with a miss later, so it is the misses times
    /// the cost of both.
    pub fn invalidate_cost_per_s(&self, costs: &Costs, refetch: Refetch) -> f64 {
        (costs.invalidate + costs.miss) * self.invalidate_misses_per_s(refetch)
    }

    /// How much an update may cost before invalidating is cheaper: the cost of an invalidation and
    /// its miss times `P_R` / (`P_R` + `P_W`).
    ///
    /// The same as c E\[W\] < the cost of both, where E\[W\] = (`P_R` + `P_W`) / `P_R` is how many
    /// updates one invalidation saves: the rule of the adaptive policy, with intervals in which a
    /// fetch sees all writes. 0 for an object that is never read.
    pub fn break_even_update_cost(&self, costs: &Costs) -> f64 {
        let cycles = self.read + self.write;
        let both = costs.invalidate + costs.miss;
        if cycles > 0.0 { both * self.read / cycles } else { 0.0 }
    }

    /// Whether the adaptive policy sends updates rather than invalidations.
    pub fn updates(&self, costs: &Costs) -> bool {
        costs.update < self.break_even_update_cost(costs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    const COSTS: Costs = Costs { miss: 1.0, invalidate: 0.1, update: 0.5 };

    #[test]
    fn worked_values() {
        let rows = [
            ((9.0, 1.0, 1.0), [".9999", "1.0", ".3161", ".3873", ".4260", ".6321", ".674"]),
            ((9.0, 1.0, 0.1), ["5.934", "10", ".4758", ".8201", ".9021", ".8934", ".948"]),
            ((5.0, 5.0, 0.1), ["3.935", "10", "1.967", "1.967", "2.164", "2.449", ".550"]),
            ((0.9, 0.1, 0.1), [".8607", "10", ".0498", ".0892", ".0981", ".0900", ".986"]),
        ];
        for ((reads, writes, bound), printed) in rows {
            let object = Bounded::new(reads, writes, bound).expect("valid");
            let values = [
                object.expiry_misses_per_s(),
                object.polling_cost_per_s(&COSTS),
                object.update_cost_per_s(&COSTS),
                object.invalidate_misses_per_s(Refetch::SeesItsInterval),
                object.invalidate_cost_per_s(&COSTS, Refetch::SeesItsInterval),
                object.invalidate_misses_per_s(Refetch::MayBeInvalidated),
                object.break_even_update_cost(&COSTS),
            ];
            for (value, printed) in values.into_iter().zip(printed) {
                assert_printed(value, printed);
            }
        }
    }

    #[test]
    fn a_bound_of_nothing_is_the_continuous_form() {
        let object = Bounded::new(3.0, 2.0, 1e-9).expect("valid");
        let near = |value: f64, expected: f64| assert!((value / expected - 1.0).abs() < 1e-7);
        for refetch in [Refetch::SeesItsInterval, Refetch::MayBeInvalidated] {
            near(object.invalidate_misses_per_s(refetch), 3.0 * 2.0 / 5.0);
        }
        near(object.update_cost_per_s(&COSTS), 2.0 * COSTS.update);
        near(object.expiry_misses_per_s(), 3.0);
    }

    #[test]
    fn the_adaptive_rule_takes_the_cheaper_policy() {
        for (reads, writes) in [(9.0, 1.0), (5.0, 5.0), (1.0, 20.0), (0.0, 1.0), (1.0, 0.0)] {
            let object = Bounded::new(reads, writes, 0.3).expect("valid");
            let updates = object.update_cost_per_s(&COSTS);
            let invalidates = object.invalidate_cost_per_s(&COSTS, Refetch::SeesItsInterval);
            // Where nothing is written, both cost nothing.
            assert!(writes == 0.0 || object.updates(&COSTS) == (updates < invalidates));
        }
        assert!(Bounded::new(1.0, -1.0, 1.0).is_err() && Bounded::new(1.0, 1.0, 0.0).is_err());
        let untouched = Bounded::new(0.0, 0.0, 1.0).expect("valid");
        assert_eq!(untouched.invalidate_misses_per_s(Refetch::SeesItsInterval), 0.0);
        assert_eq!(untouched.break_even_update_cost(&COSTS), 0.0);
    }
}
