//! Numbers as a person reads them: as many digits as mean something, and no false certainty.

use crate::time::Span;

/// `value` to this many significant digits, never with an exponent: `93.1`, `0.0451`, `12345`.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    let decimals = decimals(value, digits);
    format!("{value:.decimals$}")
}

/// `value` to three digits, or as many more as tell `spread` to two: `99.985` of 0.033.
pub(crate) fn resolved(value: f64, spread: f64) -> String {
    let finer = if spread > 1e-12 * value.abs() { decimals(spread, 2) } else { 0 };
    let decimals = decimals(value, 3).max(finer);
    format!("{value:.decimals$}")
}

/// The decimals that show this many significant digits of `value`.
fn decimals(value: f64, digits: usize) -> usize {
    let exponent = exponent(value, digits);
    usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0)
}

/// The power of ten of the first of this many digits, after rounding to them.
fn exponent(value: f64, digits: usize) -> i32 {
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// A mean and the half-width of its interval, both to the digit the interval allows:
/// `12.40 ±0.12`. The half-width keeps two digits if it begins with 1, else one.
pub(crate) fn with_half_width(mean: f64, half_width: f64) -> String {
    // Replications that agree leave at most a rounding error between them.
    if half_width <= 1e-12 * mean.abs() {
        return format!("{} ±0", significant(mean, 3));
    }
    let digits = if format!("{half_width:e}").starts_with('1') { 2 } else { 1 };
    let decimals = decimals(half_width, digits);
    format!("{mean:.decimals$} ±{half_width:.decimals$}")
}

/// A mean and its interval: `12.40 ±0.12`, or `0.032 ×÷11` if only its order is known: the interval
/// reaches from an eleventh of it to eleven times as much.
pub(crate) fn with_interval(mean: f64, (low, high): (f64, f64)) -> String {
    if is_even(mean, (low, high)) {
        return with_half_width(mean, (high - mean).max(mean - low));
    }
    format!("{} {}", significant(mean, 2), factor(mean, (low, high)))
}

/// The factor to either end of an interval that is not even: `×÷11`
pub(crate) fn factor(mean: f64, (low, high): (f64, f64)) -> String {
    format!("×÷{}", upper_bound((high / mean).max(mean / low)))
}

/// Whether an interval reaches about as far down as up, so that half of it says enough.
pub(crate) fn is_even(mean: f64, (low, high): (f64, f64)) -> bool {
    let (below, above) = (mean - low, high - mean);
    low <= 0.0 || above <= 1.25 * below || above <= 1e-12 * mean
}

/// An upper bound to at most two digits, rounded up: it still holds as printed. `0.0003`
pub(crate) fn upper_bound(bound: f64) -> String {
    let exponent = exponent(bound, 2);
    let rounded = format!("{bound:.1e}");
    let nearest: f64 = rounded.parse().unwrap_or(bound);
    let mantissa = rounded.split('e').next().unwrap_or_default().replace('.', "");
    let mut tenths: u64 = mantissa.parse().unwrap_or_default();
    // 3/n is seldom exact in binary: only a real difference counts as rounded down.
    if nearest < bound * (1.0 - 1e-9) {
        tenths += 1;
    }
    let value: f64 = format!("{tenths}e{}", exponent - 1).parse().unwrap_or(bound);
    let decimals = usize::try_from(1 - exponent).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A count with its thousands apart: `1,899,000`.
pub(crate) fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits.as_str()),
    };
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time given in milliseconds, in the unit a person would use: `812 ms`, `22.1 s`.
pub(crate) fn duration(ms: f64) -> String {
    const UNITS: [(f64, &str); 5] =
        [(86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "min"), (1_000.0, "s"), (1.0, "ms")];
    // Minutes from two of them on: 60.0 s reads better than 1.00 min.
    let (size, unit) = UNITS
        .into_iter()
        .find(|(size, unit)| ms.abs() >= size * if *unit == "min" { 2.0 } else { 1.0 })
        .unwrap_or((0.001, "µs"));
    format!("{} {unit}", significant(ms / size, 3))
}

/// A length of time as it was given, with its unit apart: `60 s`, `250 µs`, `forever`.
pub(crate) fn exact(length: Span) -> String {
    let text = length.to_string().replace("us", "µs");
    match text.find(|c: char| !c.is_ascii_digit()) {
        Some(unit) if unit > 0 => format!("{} {}", &text[..unit], &text[unit..]),
        _ => text,
    }
}

/// How often something happens to a noun, in words, and whether that is grammatically plural:
/// `1 read in 14` is singular, `62 % of reads` is plural.
pub(super) fn how_often(ratio: f64, singular: &str) -> (String, bool) {
    if ratio > 0.1 {
        return (format!("{} % of {singular}s", significant(ratio * 100.0, 2)), true);
    }
    (format!("1 {singular} in {}", one_in(ratio)), false)
}

/// The N of "1 in N", to two digits.
pub(super) fn one_in(ratio: f64) -> String {
    let rounded: f64 = format!("{:.1e}", 1.0 / ratio).parse().unwrap_or(f64::INFINITY);
    count(rounded)
}

/// The shortest text that reads back as the same number; empty for what is not a number.
pub(super) fn shortest(value: Option<f64>) -> String {
    match value {
        // `+ 0.0` turns a negative zero into a plain one.
        Some(value) if value.is_finite() => (value + 0.0).to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_an_interval_are_told_apart() {
        let ends = |low: f64, high: f64| [low, high].map(|end| resolved(end, high - low));
        assert_eq!(ends(99.962, 99.995), ["99.962", "99.995"]);
        assert_eq!(ends(5.93, 6.1), ["5.93", "6.10"]);
        assert_eq!(ends(0.00309, 0.337), ["0.00309", "0.337"]);
        assert_eq!(ends(3.0, 3.0), ["3.00", "3.00"]);
    }

    #[test]
    fn three_significant_digits_survive_rounding_up() {
        let cases = [
            (93.14, "93.1"),
            (99.96, "100"),
            (0.045_123, "0.0451"),
            (12_345.6, "12346"),
            (0.0, "0.00"),
            (-1.234, "-1.23"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value, 3), text);
        }
    }

    #[test]
    fn the_interval_decides_the_digits() {
        assert_eq!(with_half_width(12.4032, 0.3141), "12.4 ±0.3");
        assert_eq!(with_half_width(12.4032, 0.0121), "12.403 ±0.012");
        assert_eq!(with_half_width(1234.5, 77.0), "1234 ±77");
        assert_eq!(with_half_width(5.0, 0.0), "5.00 ±0");
        assert_eq!(with_half_width(0.0, 0.96), "0 ±1");
    }

    #[test]
    fn an_interval_with_unequal_sides_is_a_factor() {
        assert_eq!(with_interval(12.4, (12.2, 12.6)), "12.4 ±0.2");
        assert_eq!(with_interval(5.0, (5.0, 5.0)), "5.00 ±0");
        assert_eq!(with_interval(0.0321, (0.0029, 0.34)), "0.032 ×÷12");
        assert_eq!(with_interval(2.0, (1.0, 4.0)), "2.0 ×÷2");
        assert_eq!(with_interval(0.95, (0.8, 0.99)), "0.95 ±0.15");
        assert_eq!(with_interval(0.3, (0.0, 1.0)), "0.3 ±0.7");
    }

    #[test]
    fn an_upper_bound_is_never_rounded_down() {
        assert_eq!(upper_bound(3.0 / 1e6 * 100.0), "0.0003");
        assert_eq!(upper_bound(3.0 / 1_899_000.0 * 100.0), "0.00016");
        assert_eq!(upper_bound(0.001_001), "0.0011");
        assert_eq!(upper_bound(0.0999), "0.1");
        assert_eq!(upper_bound(30.0), "30");
        assert_eq!(upper_bound(60.1), "61");
    }

    #[test]
    fn counts_and_times_read_like_a_sentence() {
        assert_eq!(count(1_899_000.4), "1,899,000");
        assert_eq!(count(999.0), "999");
        assert_eq!(count(-1_000.0), "-1,000");
        assert_eq!(duration(0.25), "250 µs");
        assert_eq!(duration(812.3), "812 ms");
        assert_eq!(duration(60_000.0), "60.0 s");
        assert_eq!(duration(150_000.0), "2.50 min");
        assert_eq!(duration(0.0), "0.00 µs");
        assert_eq!(exact(Span::from_micros(250)), "250 µs");
        assert_eq!(exact(Span::from_secs(60)), "60 s");
    }

    #[test]
    fn rare_things_are_one_in_n_and_common_ones_a_percentage() {
        assert_eq!(how_often(1.0 / 14.2, "act"), ("1 act in 14".into(), false));
        assert_eq!(how_often(0.622, "read"), ("62 % of reads".into(), true));
        assert_eq!(how_often(1.0 / 633_123.0, "read"), ("1 read in 630,000".into(), false));
    }

    #[test]
    fn files_hold_the_shortest_form_and_nothing_for_a_missing_value() {
        assert_eq!(shortest(Some(0.1)), "0.1");
        assert_eq!(shortest(Some(1e-7)), "0.0000001");
        assert_eq!(shortest(Some(-0.0)), "0");
        assert_eq!(shortest(Some(f64::NAN)), "");
        assert_eq!(shortest(None), "");
    }
}
