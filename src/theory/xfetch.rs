//! XFetch: reads recompute an entry before it expires, each by chance, and the more likely the
//! nearer the end.
//!
//! A read at a time t before the expiry recomputes if t <= -βδ ln U, with U uniform on (0, 1\]:
//! with probability e^(-t/θ), θ = βδ. δ is the recompute time that the rule is told, say the mean.
//! (Told the last one, as the paper has it, δ is another in every cycle; the forms are for a given
//! one.) Assumptions: reads of the key are Poisson, recomputes take independent times whatever
//! their distribution, the first that is done renews the entry, and the TTL is long against the
//! lead.
//!
//! Source: A. Vattani, F. Chierichetti and K. Lowenstein, "Optimal Probabilistic Cache Stampede
//! Prevention", PVLDB 8(8), 2015 (the rule, and why the exponential); the forms are derived for
//! this crate and confirmed by simulation.

use super::latency::{ACCURACY, ACCURACY_NESTED, Latency};
use super::quadrature::integrate_pieces;
use super::special::phi;
use super::{Result, TheoryError, positive};

/// Euler's constant γ.
const EULER: f64 = 0.577_215_664_901_532_9;

/// One key under `XFetch`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xfetch {
    reads_per_s: f64,
    told_s: f64,
    beta: f64,
}

impl Xfetch {
    /// A key read at this rate, whose rule is told this recompute time δ, with a β of 1 by default
    /// (more is earlier), under this TTL.
    ///
    /// # Errors
    /// If a parameter is not more than zero and finite; or if the TTL is so short that more than
    /// 10⁻⁵ of a recompute is expected of reads earlier than it, which the forms count, and with a
    /// lead that is longer than all others: λθ e^(-T/θ) > 10⁻⁵.
    pub fn new(reads_per_s: f64, told_s: f64, beta: f64, ttl_s: f64) -> Result<Self> {
        let key = Xfetch {
            reads_per_s: positive("read rate", reads_per_s)?,
            told_s: positive("recompute time that the rule is told", told_s)?,
            beta: positive("beta", beta)?,
        };
        if key.reads_per_lead() * libm::exp(-positive("TTL", ttl_s)? / key.lead_scale_s()) > 1e-5 {
            let must_be = "at least θ ln(10⁵ λθ), with θ = beta times the recompute time";
            return Err(TheoryError::OutOfRange { parameter: "TTL", must_be });
        }
        Ok(key)
    }

    /// θ = βδ.
    fn lead_scale_s(&self) -> f64 {
        self.beta * self.told_s
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

    /// Mean number of recomputes per cycle: the first, and those that begin before one is done,
    /// early or, once the entry has expired, by every read.
    ///
    /// Recomputes begin at a rate r(s), which is λ e^(s/θ) at s before the expiry and λ after it,
    /// until one is done: none is at s with probability e^-G(s), G(s) = ∫ r(u) F(s - u) du with the
    /// distribution F of the time that one takes, and the mean is ∫ r(s) e^-G(s) ds. With a = λθ
    /// and L = E e^(-D/θ), G(s) = aL e^(s/θ) up to the expiry, which gives (1 - e^(-aL)) / L; after
    /// it, G(s) = a + λ (E\[(s - D)⁺\] - ∫_s^∞ e^(-(u-s)/θ) P(D > u) du).
    pub fn recomputes_mean(&self, recompute: &Latency) -> f64 {
        let (a, scale) = (self.reads_per_lead(), self.lead_scale_s());
        let left = self.left_of(recompute);
        let early = -libm::expm1(-a * left) / left;
        let done = |s: f64| {
            let rest = |u: f64| if u < s { 0.0 } else { libm::exp((s - u) / scale) };
            let outstanding_s = recompute.expected_integral(rest, &[s]);
            a + self.reads_per_s * (recompute.early_mean_s(s) - outstanding_s)
        };
        // Past 60 nothing is left of e^-G.
        let mut end = scale;
        while done(end) < 60.0 {
            end *= 2.0;
        }
        let mut borders: Vec<f64> =
            (0..=16).rev().map(|k| end * libm::pow(0.5, f64::from(k))).collect();
        borders.extend(recompute.borders().into_iter().filter(|border| *border < end));
        borders.push(0.0);
        borders.sort_by(f64::total_cmp);
        early
            + self.reads_per_s
                * integrate_pieces(|s| libm::exp(-done(s)), &borders, ACCURACY_NESTED)
    }

    /// What [`recomputes_mean`](Self::recomputes_mean) comes to where λθ is large: 1 / E e^(-D/θ),
    /// whatever λ. With a constant time, which the rule is told, e^(1/β), and with an exponential
    /// one 1 + 1/β: the more it varies, the sooner one of several is done. Within 0.1 % where
    /// λθ E e^(-D/θ) is 9 or more.
    pub fn recomputes_asymptote(&self, recompute: &Latency) -> f64 {
        1.0 / self.left_of(recompute)
    }

    /// L = E e^(-D/θ).
    fn left_of(&self, recompute: &Latency) -> f64 {
        let rate = 1.0 / self.lead_scale_s();
        1.0 - recompute.overtaken_by(rate).expect("a positive rate")
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    fn key(reads: f64, told: f64, beta: f64) -> Xfetch {
        Xfetch::new(reads, told, beta, 200.0).expect("valid")
    }

    fn constant(seconds: f64) -> Latency {
        Latency::constant(seconds).expect("valid")
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
            let recompute = constant(recompute);
            assert_printed(key.recomputes_asymptote(&recompute), recomputes);
            assert_printed(key.lead_mean_asymptote_s(), lead);
            let exact = key.recomputes_mean(&recompute);
            assert!((exact / key.recomputes_asymptote(&recompute) - 1.0).abs() < 0.002, "{exact}");
            assert!((key.lead_mean_s() / key.lead_mean_asymptote_s() - 1.0).abs() < 1e-9);
        }
        let few = key(10.0, 0.3, 1.0);
        assert_printed(few.expires_probability(), ".0498");
        assert_printed(few.lead_mean_asymptote_s(), ".503");
        assert!((few.lead_mean_asymptote_s() / few.lead_mean_s() - 1.0).abs() < 0.01);
    }

    /// The mean with a constant time that the rule is told, in the variable v = a e^(-t/θ), which
    /// is exponential for the first recompute at lead t, w = 1/β: 1 + ∫ v (e^w - 1) e^-v dv up to
    /// a e^-w, + ∫ (a - v + a (w - ln(a/v))) e^-v dv from there to a, + aw e^-a if none is early.
    fn recomputes_of_constant(key: &Xfetch) -> f64 {
        let (a, w) = (key.reads_per_lead(), 1.0 / key.beta);
        let split = a * libm::exp(-w);
        let early = |v: f64| v * libm::expm1(w) * libm::exp(-v);
        let late = |v: f64| (a - v + a * (w - libm::log(a / v))) * libm::exp(-v);
        let pieces = |from: f64, to: f64| {
            let (from, to) = (from.min(60.0), to.min(60.0));
            (0..=8).map(|k| from + (to - from) * 0.125 * f64::from(k)).collect::<Vec<_>>()
        };
        let early = integrate_pieces(early, &pieces(0.0, split), 1e-12);
        let late = integrate_pieces(late, &pieces(split, a), 1e-12);
        1.0 + early + late + a * w * libm::exp(-a)
    }

    #[test]
    fn a_constant_time_has_a_form_of_its_own() {
        for (reads, told, beta) in [(10.0, 0.3, 1.0), (20.0, 1.0, 2.0), (30.0, 1.0, 0.5)] {
            let key = key(reads, told, beta);
            let (mean, own) = (key.recomputes_mean(&constant(told)), recomputes_of_constant(&key));
            assert!((mean / own - 1.0).abs() < 1e-8, "{mean} for {own}");
        }
    }

    #[test]
    fn the_more_a_time_varies_the_sooner_one_is_done() {
        let key = key(100.0, 1.0, 1.0);
        let exponential = Latency::exponential(1.0).expect("valid");
        assert!((key.recomputes_asymptote(&exponential) - 2.0).abs() < 1e-9);
        assert!((key.recomputes_mean(&exponential) - 2.0).abs() < 2e-3);
        // No lead is left: each read after the expiry recomputes, as in a stampede.
        let late = Xfetch::new(10.0, 1e-4, 1.0, 1.0).expect("valid");
        let stampede = super::super::stampede::misses_per_expiry(10.0, &exponential);
        let mean = late.recomputes_mean(&exponential);
        assert!((mean / stampede.expect("valid") - 1.0).abs() < 0.002, "{mean}");
        // And instant ones are done before another begins.
        assert!((key.recomputes_mean(&constant(0.0)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_ttl_that_is_no_longer_than_the_lead_is_refused() {
        assert!(Xfetch::new(100.0, 1.0, 1.0, 16.0).is_err());
        assert!(Xfetch::new(100.0, 1.0, 1.0, 17.0).is_ok());
        assert!(Xfetch::new(0.0, 1.0, 1.0, 10.0).is_err());
        assert!(Xfetch::new(1.0, 1.0, -1.0, 10.0).is_err());
        let key = key(100.0, 1.0, 1.0);
        assert_eq!(key.lead_tail(-1.0), 1.0 - key.expires_probability());
    }
}
