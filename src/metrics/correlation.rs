//! How much the members of a series resemble their neighbours.

/// A correlation from which on a series is too short to tell anything of its mean.
const MOST: f64 = 0.95;

/// The correlation of successive members of a series, from their deviations from what is expected
/// of them; 0 for what does not vary.
///
/// The estimate is too low by about (1 + 4 ρ) / n, which is added: M. G. Kendall, "Note on bias in
/// the estimation of autocorrelation", Biometrika 41, 1954.
pub(super) fn lag_one(deviations: &[f64]) -> f64 {
    let squares: f64 = deviations.iter().map(|one| one * one).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let products: f64 = deviations.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let found = products / squares;
    (found + (1.0 + 4.0 * found) / deviations.len() as f64).clamp(-MOST, MOST)
}

/// By what factor the variance of a mean is larger than that of independent members, for a series
/// whose correlations fall off geometrically from this one. Never below 1: that members alternate
/// is not relied on.
pub(super) fn inflation(lag_one: f64) -> f64 {
    let correlation = lag_one.max(0.0);
    (1.0 + correlation) / (1.0 - correlation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Streams, standard_normal};

    #[test]
    fn the_correlation_of_a_made_up_series_is_found() {
        let mut rng = Streams::new(1).stream("test");
        for expected in [0.0_f64, 0.3, 0.7] {
            let mut sum = 0.0;
            for _ in 0..2_000 {
                let mut level = standard_normal(&mut rng);
                let series: Vec<f64> = (0..40)
                    .map(|_| {
                        let fresh = (1.0 - expected * expected).sqrt() * standard_normal(&mut rng);
                        level = expected * level + fresh;
                        level
                    })
                    .collect();
                let mean = series.iter().sum::<f64>() / 40.0;
                let deviations: Vec<f64> = series.iter().map(|one| one - mean).collect();
                sum += lag_one(&deviations);
            }
            let mean = sum / 2_000.0;
            assert!((mean - expected).abs() < 0.02, "{mean} for {expected}");
        }
    }

    #[test]
    fn what_does_not_vary_is_not_correlated() {
        assert_eq!(lag_one(&[0.0; 8]), 0.0);
        assert_eq!(lag_one(&[]), 0.0);
        assert_eq!((inflation(0.0), inflation(-0.9), inflation(0.5)), (1.0, 1.0, 3.0));
    }
}
