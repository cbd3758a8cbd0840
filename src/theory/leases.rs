//! Leases on cached data as Gray and Cheriton define them: a client may read its copy without
//! asking while its lease runs, and a write waits for the approval of all who hold one.
//!
//! Not the leases of the strategy `lease`, which are tokens to fill a cache with.
//!
//! Assumptions: N clients read a file at Poisson rate R each and it is written at rate W per
//! client; S of them share it. A message takes no time here: a term is the one that the client
//! sees, after travel and clock uncertainty. Whoever shares the file is taken to hold a lease when
//! it is written, so that a write costs S messages: one to all, and the approval of each other.
//!
//! Source: C. G. Gray and D. R. Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for
//! Distributed File Cache Consistency", SOSP 1989 (TR STAN-CS-90-1298).

use super::{Result, TheoryError, non_negative, positive};

/// A file that several clients cache under leases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leased {
    reads_per_s: f64,
    writes_per_s: f64,
    sharers: u32,
}

impl Leased {
    /// Reads and writes per second and client, and how many clients share the file.
    ///
    /// # Errors
    /// If a rate or the number is not more than zero and finite.
    pub fn new(reads_per_s: f64, writes_per_s: f64, sharers: u32) -> Result<Self> {
        positive("number of sharers", f64::from(sharers))?;
        Ok(Leased {
            reads_per_s: positive("read rate", reads_per_s)?,
            writes_per_s: positive("write rate", writes_per_s)?,
            sharers,
        })
    }

    /// The benefit factor α = 2R / (SW): a long enough term lowers the server's load if it is more
    /// than 1.
    pub fn benefit_factor(&self) -> f64 {
        2.0 * self.reads_per_s / (f64::from(self.sharers) * self.writes_per_s)
    }

    /// Messages that consistency costs the server, relative to those without leases (a term of 0):
    /// 1 / (1 + R t) for extensions, + 1/α for approvals if the file is shared at all.
    ///
    /// At a term of 0 nobody holds a lease and nothing is approved: there it is 1.
    ///
    /// # Errors
    /// If the term is negative or not finite.
    pub fn relative_load(&self, term_s: f64) -> Result<f64> {
        let term = non_negative("lease term", term_s)?;
        let approvals =
            if self.sharers > 1 && term > 0.0 { 1.0 / self.benefit_factor() } else { 0.0 };
        Ok(1.0 / (1.0 + self.reads_per_s * term) + approvals)
    }

    /// The term, in seconds, above which leases cost less than none: 1 / (R (α - 1)) for a shared
    /// file, and 0 for one that is not.
    ///
    /// # Errors
    /// If the benefit factor of a shared file is not more than 1: no term is long enough.
    pub fn break_even_term_s(&self) -> Result<f64> {
        if self.sharers == 1 {
            return Ok(0.0);
        }
        let gain = self.benefit_factor() - 1.0;
        if gain <= 0.0 {
            let (parameter, must_be) = ("benefit factor 2R / (SW)", "more than 1");
            return Err(TheoryError::OutOfRange { parameter, must_be });
        }
        Ok(1.0 / (self.reads_per_s * gain))
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    /// Rates measured in the V system, as the paper takes them.
    fn v_system(sharers: u32) -> Leased {
        Leased::new(0.864, 0.040, sharers).expect("valid")
    }

    #[test]
    fn worked_values() {
        assert_printed(v_system(1).relative_load(10.0).expect("valid"), ".1037");
        assert_eq!(v_system(1).break_even_term_s(), Ok(0.0));
        assert_printed(v_system(10).benefit_factor(), "4.32");
        assert_printed(v_system(10).break_even_term_s().expect("it pays"), ".349");
        assert_printed(v_system(10).relative_load(10.0).expect("valid"), ".3352");
        assert_printed(v_system(40).benefit_factor(), "1.08");
        assert_printed(v_system(40).break_even_term_s().expect("it pays"), "14.5");
        assert!(v_system(44).break_even_term_s().is_err());
        assert!(Leased::new(1.0, 1.0, 0).is_err() && Leased::new(0.0, 1.0, 1).is_err());
        assert!(v_system(1).relative_load(-1.0).is_err());
        assert_eq!(v_system(10).relative_load(0.0), Ok(1.0));
        let file = v_system(10);
        let even = file.relative_load(file.break_even_term_s().expect("it pays"));
        assert!((even.expect("valid") - 1.0).abs() < 1e-12);
    }
}
