//! Numerical integration, for the closed forms that end in an integral.

/// Nodes of the 15-point Kronrod rule on [-1, 1], from the outermost to 0; every second one is a
/// node of the 7-point Gauss rule.
const NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];

/// Weights of the Kronrod rule at [`NODES`].
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_56,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_82,
];

/// Weights of the Gauss rule at every second node.
const GAUSS: [f64; 4] = [
    0.129_484_966_168_869_7,
    0.279_705_391_489_276_64,
    0.381_830_050_505_118_9,
    0.417_959_183_673_469_4,
];

/// How often an interval may be halved.
const HALVINGS_MAX: u32 = 24;
/// How often all of them together: what is still not smooth is as good as its noise lets it be.
const HALVINGS_MAX_IN_ALL: u32 = 4_000;

/// ∫ f from `from` to `to`, to about `tolerance` in absolute terms.
///
/// Adaptive: an interval on which the Gauss and the Kronrod rule differ by more is halved, up to 24
/// times. Exact for polynomials up to degree 22; meant for functions that are smooth but for a few
/// kinks.
/// Source: A. S. Kronrod, "Nodes and Weights of Quadrature Formulas", 1965; constants as in
/// QUADPACK (R. Piessens et al., Springer 1983).
pub fn integrate(f: impl Fn(f64) -> f64, from: f64, to: f64, tolerance: f64) -> f64 {
    let mut left = HALVINGS_MAX_IN_ALL;
    halving(&f, (from, to), tolerance, HALVINGS_MAX, &mut left)
}

/// ∫ f from the first border to the last, to about `relative` of ∫ |f|: piece by piece, so that no
/// feature is overlooked that is as wide as its piece. Borders ascend; of less than two there is
/// nothing to integrate.
pub fn integrate_pieces(f: impl Fn(f64) -> f64, borders: &[f64], relative: f64) -> f64 {
    let piece = |borders: &[f64]| both_rules(&f, borders[0], borders[1]).1.abs();
    let tolerance = relative * borders.windows(2).map(piece).sum::<f64>() / borders.len() as f64;
    borders.windows(2).map(|piece| integrate(&f, piece[0], piece[1], tolerance)).sum()
}

fn halving(
    f: &impl Fn(f64) -> f64,
    (from, to): (f64, f64),
    tolerance: f64,
    halvings: u32,
    left: &mut u32,
) -> f64 {
    let (gauss, kronrod) = both_rules(f, from, to);
    let close = (gauss - kronrod).abs() <= tolerance;
    let limit = (gauss - kronrod).abs() <= 4.0 * f64::EPSILON * kronrod.abs();
    if close || limit || halvings == 0 || *left == 0 || kronrod.is_nan() {
        return kronrod;
    }
    *left -= 1;
    let middle = 0.5 * (from + to);
    halving(f, (from, middle), tolerance, halvings - 1, left)
        + halving(f, (middle, to), tolerance, halvings - 1, left)
}

fn both_rules(f: &impl Fn(f64) -> f64, from: f64, to: f64) -> (f64, f64) {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    let (mut gauss, mut kronrod) = (0.0, 0.0);
    for (i, node) in NODES.iter().enumerate() {
        let value = match *node == 0.0 {
            true => f(middle),
            false => f(middle - half * node) + f(middle + half * node),
        };
        kronrod += KRONROD[i] * value;
        if i % 2 == 1 {
            gauss += GAUSS[i / 2] * value;
        }
    }
    (half * gauss, half * kronrod)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_exact() {
        for degree in 0..23 {
            let (gauss, kronrod) = both_rules(&|x| libm::pow(x, f64::from(degree)), 0.0, 1.0);
            let exact = 1.0 / f64::from(degree + 1);
            assert!((kronrod - exact).abs() < 2e-16, "degree {degree}: {kronrod}");
            assert!(degree > 13 || (gauss - exact).abs() < 2e-16, "degree {degree}: {gauss}");
        }
    }

    #[test]
    fn smooth_and_kinked_functions_reach_the_tolerance() {
        let exponential = integrate(|x| libm::exp(-x), 0.0, 40.0, 1e-13);
        assert!((exponential - (1.0 - libm::exp(-40.0))).abs() < 1e-12);
        let kink = integrate(|x: f64| (x - 0.3).abs(), 0.0, 1.0, 1e-13);
        assert!((kink - 0.29).abs() < 1e-12);
        assert_eq!(integrate(|x| x, 1.0, 1.0, 1e-13), 0.0);
        assert!((integrate(|x| x, 1.0, 0.0, 1e-13) + 0.5).abs() < 1e-15);
    }

    #[test]
    fn pieces_find_what_is_narrow() {
        let narrow = |x: f64| libm::exp(-1e6 * x);
        let borders: Vec<f64> =
            (0..40).map(|k| if k == 0 { 0.0 } else { libm::pow(2.0, f64::from(k - 30)) }).collect();
        let found = integrate_pieces(narrow, &borders, 1e-12);
        assert!((found * 1e6 - 1.0).abs() < 1e-11, "{found}");
        // Over the whole at once, it falls between the nodes.
        assert!(integrate(narrow, 0.0, 512.0, 1e-8) < 1e-7);
        assert_eq!(integrate_pieces(narrow, &[1.0], 1e-12), 0.0);
    }

    #[test]
    fn a_function_without_an_integral_still_ends() {
        assert!(integrate(|_| f64::NAN, 0.0, 1.0, 1e-13).is_nan());
        let asked = core::cell::Cell::new(0);
        let noise = |x: f64| {
            asked.set(asked.get() + 1);
            libm::sin(1e9 * x)
        };
        integrate(noise, 0.0, 1.0, 0.0);
        // Of 15 nodes each: the whole, and two halves of each that is halved.
        assert_eq!(asked.get(), 15 * (1 + 2 * HALVINGS_MAX_IN_ALL));
    }
}
