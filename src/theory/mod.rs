//! Closed forms: what the textbook or the paper says a simulation must measure.
//!
//! Each function states its formula, assumptions, units, source and where it holds; outside that
//! range it returns a [`TheoryError`], never a number that means nothing. Times are in seconds,
//! rates per second, ratios from 0 to 1. Nothing here draws a random number or knows the
//! simulator: this module is the independent check on it.
//!
//! Formulas that average over reads assume **open-loop Poisson reads**, which see time averages
//! (R. W. Wolff, "Poisson Arrivals See Time Averages", Operations Research 30(2), 1982). A closed
//! loop of clients does not, and is covered by [`queueing::closed_loop`] only.

use core::fmt;

pub mod delayed_hits;
pub mod delete_before_write;
pub mod eviction;
pub mod expiring_lru;
pub mod fills;
pub mod freshness;
pub mod invalidation;
pub mod latency;
mod law;
pub mod leases;
pub mod metastability;
pub mod quadrature;
pub mod queueing;
pub mod replica;
pub mod special;
pub mod stale_set;
pub mod stampede;
pub mod ttl;
pub mod xfetch;

/// Why a formula has no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TheoryError {
    /// A parameter is outside the range in which the formula holds.
    OutOfRange {
        /// What the parameter is.
        parameter: &'static str,
        /// What it must be.
        must_be: &'static str,
    },
    /// More work arrives than can be served: there is no steady state.
    Unstable {
        /// Work arriving per server, 1 or more.
        utilization: f64,
    },
}

impl fmt::Display for TheoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TheoryError::OutOfRange { parameter, must_be } => {
                write!(f, "the {parameter} must be {must_be}")
            }
            TheoryError::Unstable { utilization } => {
                write!(f, "no steady state: the servers would be busy {utilization:.3} of the time")
            }
        }
    }
}

impl core::error::Error for TheoryError {}

/// A result of this module.
pub type Result<T> = core::result::Result<T, TheoryError>;

/// The value, if it is finite and more than zero.
fn positive(parameter: &'static str, value: f64) -> Result<f64> {
    let valid = value > 0.0 && value.is_finite();
    let must_be = "finite and more than 0";
    if valid { Ok(value) } else { Err(TheoryError::OutOfRange { parameter, must_be }) }
}

/// The value, if it is finite and at least zero.
fn non_negative(parameter: &'static str, value: f64) -> Result<f64> {
    let valid = value >= 0.0 && value.is_finite();
    let must_be = "finite and at least 0";
    if valid { Ok(value) } else { Err(TheoryError::OutOfRange { parameter, must_be }) }
}

/// The value, if it is from 0 to 1.
fn probability(parameter: &'static str, value: f64) -> Result<f64> {
    let valid = (0.0..=1.0).contains(&value);
    let must_be = "from 0 to 1";
    if valid { Ok(value) } else { Err(TheoryError::OutOfRange { parameter, must_be }) }
}

#[cfg(test)]
mod monte_carlo;

/// Asserts that values agree to the digits printed in a table.
#[cfg(test)]
fn assert_printed(value: f64, printed: &str) {
    let expected: f64 = printed.parse().expect("a number");
    let digits = printed.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    // Half of the last digit, and a trifle for the rounding of the decimal itself.
    let tolerance = 0.500_001 * libm::pow(10.0, -(digits as f64));
    assert!((value - expected).abs() <= tolerance, "{value} where {printed} is printed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_outside_their_range_are_named() {
        for value in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(positive("rate", value).is_err() && non_negative("rate", value).is_err());
            assert!(probability("loss", value).is_err());
        }
        assert!(positive("rate", 0.0).is_err() && non_negative("rate", 0.0).is_ok());
        let error = positive("read rate", 0.0).expect_err("zero");
        assert_eq!(error.to_string(), "the read rate must be finite and more than 0");
        let error = TheoryError::Unstable { utilization: 1.25 };
        assert_eq!(
            error.to_string(),
            "no steady state: the servers would be busy 1.250 of the time"
        );
    }
}
