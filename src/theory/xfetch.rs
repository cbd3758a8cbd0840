//! XFetch: reads recompute an entry before it expires, each by chance, and the more likely the
//! nearer the end.
//!
//! A read at a time t before the expiry recomputes if t <= -βδ ln U, with U uniform on (0, 1\] and
//! the recompute time δ: with probability e^(-t/θ), θ = βδ. Assumptions: reads of the key are
//! Poisson, a recompute always takes δ, and the TTL is long against the lead.
//!
//! Source: A. Vattani, F. Chierichetti and K. Lowenstein, "Optimal Probabilistic Cache Stampede
//! Prevention", PVLDB 8(8), 2015 (the rule, and why the exponential); the forms are derived for
//! this crate and confirmed by simulation.

use super::latency::ACCURACY;
use super::quadrature::integrate_pieces;
use super::special::phi;
use super::{Result, TheoryError, positive};

/// Euler's constant γ.
const EULER: f64 = 0.577_215_664_901_532_9;

/// One key under `XFetch`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xfetch {
    reads_per_s: f64,
    recompute_s: f64,
    beta: f64,
}

impl Xfetch {
    /// A key read at this rate, recomputed in this time, with a β of 1 by default (more is
    /// earlier), under this TTL.
    ///
    /// # Errors
    /// If a parameter is not more than zero and finite; or if the TTL is so short that more than a
    /// thousandth of a recompute is expected of reads earlier than it, which the forms count:
    /// λθ e^(-T/θ) > 0.001.
    pub fn new(reads_per_s: f64, recompute_s: f64, beta: f64, ttl_s: f64) -> Result<Self> {
        let key = Xfetch {
            reads_per_s: positive("read rate", reads_per_s)?,
            recompute_s: positive("recompute time", recompute_s)?,
            beta: positive("beta", beta)?,
        };
        if key.reads_per_lead() * libm::exp(-positive("TTL", ttl_s)? / key.lead_scale_s()) > 1e-3 {
            let must_be = "at least θ ln(1000 λθ), with θ = beta times the recompute time";
            return Err(TheoryError::OutOfRange { parameter: "TTL", must_be });
        }
        Ok(key)
    }

    /// θ = βδ.
    fn lead_scale_s(&self) -> f64 {
        self.beta * self.recompute_s
    }

    /// λθ: how many reads would recompute early if none prevented the next.
    fn reads_per_lead(&self) -> f64 {
        self.reads_per_s * self.lead_scale_s()
    }

    /// Probability that an entry expires without having been recomputed: e^(-λθ).
    pub fn expires_probability(&self) -> f64 {
        libm::exp(-self.reads_per_lead())
    }

    /// P(the first recompute begins more than this long before the expiry): 1 - exp(-λθ e^(-t/θ)).
    pub fn lead_tail(&self, seconds: f64) -> f64 {
        let later = libm::exp(-seconds.max(0.0) / self.lead_scale_s());
        -libm::expm1(-self.reads_per_lead() * later)
    }

    /// Mean time before the expiry at which the first recompute begins, in seconds, 0 if none
    /// does: θ ∫_0^(λθ) (1 - e^-v) / v dv. About θ (ln(λθ) + γ) with Euler's γ = 0.5772, within 1 %
    /// from λθ = 3 on.
    pub fn lead_mean_s(&self) -> f64 {
        let reads = self.reads_per_lead();
        // (1 - e^-v) / v is φ_1(-v). From 30 on nothing of e^-v is left.
        let all = reads.min(30.0);
        let integral = integrate_pieces(|v| phi(1, -v), &[0.0, 0.2 * all, all], ACCURACY);
        self.lead_scale_s() * (integral + libm::log(reads / all))
    }

    /// The approximation θ (ln(λθ) + γ) of [`lead_mean_s`](Self::lead_mean_s).
    pub fn lead_mean_asymptote_s(&self) -> f64 {
        self.lead_scale_s() * (libm::log(self.reads_per_lead()) + EULER)
    }

    /// Mean number of recomputes per cycle: the first, and those that begin while it runs, early
    /// or, once the entry has expired, by every read. e^(1/β) where λθ is large, whatever λ and δ.
    ///
    /// With a = λθ, w = 1/β and v = a e^(-t/θ), which is exponential for the first recompute at
    /// lead t: 1 + ∫ v (e^w - 1) e^-v dv up to a e^-w, + ∫ (a - v + a (w - ln(a/v))) e^-v dv from
    /// there to a, + aw e^-a if none is early.
    pub fn recomputes_mean(&self) -> f64 {
        let (a, w) = (self.reads_per_lead(), 1.0 / self.beta);
        let split = a * libm::exp(-w);
        let weight = |v: f64, others: f64| others * libm::exp(-v);
        let early = |v: f64| weight(v, v * libm::expm1(w));
        let late = |v: f64| weight(v, a - v + a * (w - libm::log(a / v)));
        // Past 60 nothing is left of e^-v.
        let cut = |from: f64, to: f64| {
            let (from, to) = (from.min(60.0), to.min(60.0));
            (0..=8).map(|k| from + (to - from) * 0.125 * f64::from(k)).collect::<Vec<_>>()
        };
        let early = integrate_pieces(early, &cut(0.0, split), ACCURACY);
        let late = integrate_pieces(late, &cut(split, a), ACCURACY);
        1.0 + early + late + a * w * libm::exp(-a)
    }

    /// What [`recomputes_mean`](Self::recomputes_mean) comes to where λθ is large: e^(1/β).
    pub fn recomputes_asymptote(&self) -> f64 {
        libm::exp(1.0 / self.beta)
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::super::monte_carlo::{Draws, assert_close};
    use super::*;

    fn key(reads: f64, recompute: f64, beta: f64) -> Xfetch {
        Xfetch::new(reads, recompute, beta, 200.0).expect("valid")
    }

    #[test]
    fn worked_values() {
        let rows = [
            ((100.0, 1.0, 1.0), ["2.7183", "5.182"]),
            ((1000.0, 1.0, 1.0), ["2.7183", "7.485"]),
            ((100.0, 1.0, 2.0), ["1.6487", "11.751"]),
            ((100.0, 1.0, 0.5), ["7.3891", "2.245"]),
        ];
        for ((reads, recompute, beta), [recomputes, lead]) in rows {
            let key = key(reads, recompute, beta);
            assert_printed(key.recomputes_asymptote(), recomputes);
            assert_printed(key.lead_mean_asymptote_s(), lead);
            let exact = key.recomputes_mean();
            assert!((exact / key.recomputes_asymptote() - 1.0).abs() < 0.002, "{exact}");
            assert!((key.lead_mean_s() / key.lead_mean_asymptote_s() - 1.0).abs() < 1e-9);
        }
        let few = key(10.0, 0.3, 1.0);
        assert_printed(few.expires_probability(), ".0498");
        assert_printed(few.lead_mean_asymptote_s(), ".503");
        assert!((few.lead_mean_asymptote_s() / few.lead_mean_s() - 1.0).abs() < 0.01);
    }

    /// One cycle's recomputes, and the lead of the first (0 if none is early).
    fn cycle(draws: &mut Draws, reads: f64, recompute: f64, beta: f64) -> (u32, f64) {
        let ttl = 40.0;
        let (mut at, mut first, mut count) = (0.0, f64::INFINITY, 0);
        loop {
            at += draws.exponential(1.0 / reads);
            if at >= first + recompute {
                return (count, (ttl - first).max(0.0));
            }
            // The rule itself, as the paper has it.
            if at - beta * recompute * libm::log(draws.unit()) >= ttl {
                count += 1;
                first = first.min(at);
            }
        }
    }

    #[test]
    fn it_recomputes_as_played() {
        for (reads, recompute, beta) in [(10.0, 0.3, 1.0), (20.0, 1.0, 2.0), (30.0, 1.0, 0.5)] {
            let mut draws = Draws::new(7);
            let (mut recomputes, mut lead, mut none, mut before) = (0, 0.0, 0, 0);
            let n = 6_000;
            for _ in 0..n {
                let (count, first) = cycle(&mut draws, reads, recompute, beta);
                recomputes += count;
                lead += first;
                none += u32::from(first == 0.0);
                before += u32::from(first > beta * recompute);
            }
            let n = f64::from(n);
            let key = Xfetch::new(reads, recompute, beta, 40.0).expect("valid");
            assert_close(f64::from(recomputes) / n, key.recomputes_mean(), 0.04);
            assert_close(lead / n, key.lead_mean_s(), 0.03);
            assert_close(f64::from(before) / n, key.lead_tail(beta * recompute), 0.04);
            let slip = f64::from(none) / n - key.expires_probability();
            assert!(slip.abs() < 0.01, "{slip}");
        }
    }

    #[test]
    fn a_ttl_that_is_no_longer_than_the_lead_is_refused() {
        assert!(Xfetch::new(100.0, 1.0, 1.0, 11.0).is_err());
        assert!(Xfetch::new(100.0, 1.0, 1.0, 12.0).is_ok());
        assert!(Xfetch::new(0.0, 1.0, 1.0, 10.0).is_err());
        assert!(Xfetch::new(1.0, 1.0, -1.0, 10.0).is_err());
        let key = key(100.0, 1.0, 1.0);
        assert_eq!(key.lead_tail(-1.0), 1.0 - key.expires_probability());
    }
}
