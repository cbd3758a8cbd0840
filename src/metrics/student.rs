//! Student's t distribution with a whole number of degrees of freedom.

use core::f64::consts::FRAC_2_PI;

/// Beyond this many degrees of freedom the distance to the normal distribution is expanded.
const SUMMED_MAX: u32 = 2_000;

/// The value that a variable with Student's t distribution stays below with this probability.
///
/// Accurate to 10⁻⁹ of itself for probabilities from 10⁻⁶ to 1 - 10⁻⁶. Infinite at 0 and 1, NaN
/// beyond and for no degree of freedom.
pub fn student_t_quantile(probability: f64, freedom: u32) -> f64 {
    if !(0.0..=1.0).contains(&probability) || freedom == 0 {
        return f64::NAN;
    }
    if probability < 0.5 {
        return -student_t_quantile(1.0 - probability, freedom);
    }
    if probability == 1.0 {
        return f64::INFINITY;
    }
    let within = 2.0 * probability - 1.0;
    if freedom <= SUMMED_MAX {
        return solve(within, |t| probability_within(t, freedom));
    }
    // Abramowitz and Stegun 26.7.5; the next term is below 10^-9.
    let z = solve(within, |z| libm::erf(z * core::f64::consts::FRAC_1_SQRT_2));
    let (nu, z2) = (f64::from(freedom), z * z);
    z + z * (z2 + 1.0) / (4.0 * nu) + z * ((5.0 * z2 + 16.0) * z2 + 3.0) / (96.0 * nu * nu)
}

/// The t >= 0 at which a rising function reaches `level`, below its limit: halved until two
/// neighbouring floats are left.
fn solve(level: f64, rising: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while rising(high) < level {
        (low, high) = (high, 2.0 * high);
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if rising(middle) < level { low = middle } else { high = middle }
    }
}

/// The probability of a value between -t and t: Abramowitz and Stegun 26.7.3 and 26.7.4, finite
/// sums of powers of cos θ with tan θ = t / √ν.
fn probability_within(t: f64, freedom: u32) -> f64 {
    let nu = f64::from(freedom);
    let (sine, cosine2) = (t / (nu + t * t).sqrt(), nu / (nu + t * t));
    let odd = freedom % 2 == 1;
    let mut term = if odd { cosine2.sqrt() } else { 1.0 };
    let mut sum = 0.0;
    let mut k = if odd { 3 } else { 2 };
    while k <= freedom {
        sum += term;
        term *= cosine2 * f64::from(k - 1) / f64::from(k);
        k += 2;
    }
    if odd { FRAC_2_PI * (libm::atan(t / nu.sqrt()) + sine * sum) } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        let table = [
            (1, [3.077_683_537_175, 12.706_204_736_17, 63.656_741_162_87]),
            (2, [1.885_618_083_164, 4.302_652_729_749, 9.924_843_200_918]),
            (3, [1.637_744_353_696, 3.182_446_305_284, 5.840_909_309_733]),
            (7, [1.414_923_927_651, 2.364_624_251_593, 3.499_483_297_35]),
            (10, [1.372_183_641_11, 2.228_138_851_986, 3.169_272_672_617]),
            (30, [1.310_415_025_391, 2.042_272_456_301, 2.749_995_653_567]),
            (120, [1.288_646_233_656, 1.979_930_405_082, 2.617_421_145_107]),
            (1_000, [1.282_398_721_461, 1.962_339_080_826, 2.580_754_698_066]),
            (2_000, [1.281_975_000_683, 1.961_150_826_099, 2.578_289_787_558]),
            (5_000, [1.281_720_905_336, 1.960_438_551_707, 2.576_812_966_556]),
        ];
        for (freedom, quantiles) in table {
            for (probability, expected) in [0.9, 0.975, 0.995].into_iter().zip(quantiles) {
                let t = student_t_quantile(probability, freedom);
                assert!((t - expected).abs() < 1e-9 * expected, "{freedom}: {t} for {expected}");
            }
        }
    }

    #[test]
    fn the_distribution_is_symmetric_and_its_ends_are_infinite() {
        assert_eq!(student_t_quantile(0.5, 4), 0.0);
        assert_eq!(student_t_quantile(0.25, 4), -student_t_quantile(0.75, 4));
        assert_eq!(student_t_quantile(0.0, 4), f64::NEG_INFINITY);
        assert_eq!(student_t_quantile(1.0, 4), f64::INFINITY);
        for (probability, freedom) in [(0.5, 0), (1.1, 3), (-0.1, 3), (f64::NAN, 3)] {
            assert!(student_t_quantile(probability, freedom).is_nan());
        }
    }
}
