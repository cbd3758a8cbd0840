//! The words and numbers of charts: ticks, values, and the sentences that titles are made of.

use super::run::{Measured, Run, Variant};
use crate::report::number::{count, is_even, significant, upper_bound, with_half_width};

/// The longest name of a variant that is written out.
const NAME_CHARS: usize = 30;

/// Names of a length that charts have room for.
pub(super) fn short(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS {
        return name.to_owned();
    }
    name.chars().take(NAME_CHARS - 1).collect::<String>().trim_end().to_owned() + "…"
}

/// A number with a thin space between thousands, and no more digits than given to it.
pub(super) fn grouped(value: f64) -> String {
    count(value).replace(',', "\u{202f}")
}

/// The name of a tick: `0.05`, `200`, `10 000`.
pub(super) fn tick(value: f64) -> String {
    if value.abs() >= 1_000.0 { grouped(value) } else { format!("{}", round(value)) }
}

/// Without the last bits of a sum.
fn round(value: f64) -> f64 {
    format!("{value:.6e}").parse::<f64>().unwrap_or(value) + 0.0
}

/// The name of a tick of shares: `0.1 %`.
pub(super) fn percent_tick(share: f64) -> String {
    format!("{}\u{202f}%", tick(share * 100.0))
}

/// A share in percent, to two digits: `0.0028 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{}\u{202f}%", digits(share * 100.0, 2))
}

/// The name of a tick of times in milliseconds: `20 µs`, `5 ms`, `10 s`.
pub(super) fn time_tick(ms: f64) -> String {
    let (size, unit) = time_unit(ms);
    format!("{} {unit}", tick(ms / size))
}

fn time_unit(ms: f64) -> (f64, &'static str) {
    match ms.abs() {
        ms if ms >= 999.5 => (1_000.0, "s"),
        ms if ms >= 0.9995 || ms == 0.0 => (1.0, "ms"),
        _ => (0.001, "µs"),
    }
}

/// A time in milliseconds to three digits: `812 ms`, `22.1 s`.
pub(super) fn time(ms: f64) -> String {
    time_to(ms, 3)
}

/// A time in milliseconds to so many digits: `22 s`.
pub(super) fn time_to(ms: f64, digits: usize) -> String {
    let (size, unit) = time_unit(ms);
    format!("{} {unit}", self::digits(ms / size, digits))
}

/// To so many digits, with thousands apart.
pub(super) fn digits(value: f64, digits: usize) -> String {
    if value.abs() < 1_000.0 {
        return significant(value, digits);
    }
    // No more digits than given, not even in front of the point.
    grouped(format!("{value:.*e}", digits.max(1) - 1).parse().unwrap_or(value))
}

/// How many times one value is another: `2.4×`, `40×`, `9 800×`.
pub(super) fn times(ratio: f64) -> String {
    let rounded: f64 = format!("{ratio:.1e}").parse().unwrap_or(ratio);
    format!("{}×", if rounded >= 1_000.0 { grouped(rounded) } else { significant(rounded, 2) })
}

/// A ratio that something is at least: rounded down, so that it still holds as printed.
pub(super) fn times_at_least(ratio: f64) -> String {
    times(down(ratio))
}

/// To two digits, and not above the value.
pub(super) fn down(value: f64) -> f64 {
    let rounded = format!("{value:.1e}");
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let tenths: i64 = mantissa.replace('.', "").parse().unwrap_or_default();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let number = |tenths: i64, exponent: i32| {
        let text = format!("{tenths}e{}", exponent - 1);
        text.parse::<f64>().unwrap_or(value)
    };
    // What is exact in decimal is seldom so in binary.
    match number(tenths, exponent) > value * (1.0 + 1e-9) {
        true if tenths == 10 => number(99, exponent - 1),
        true => number(tenths - 1, exponent),
        false => number(tenths, exponent),
    }
}

/// A share in words that a sentence can be made of: `12 % of reads`, `1 read in 4 300`.
pub(super) fn share_of_reads(share: f64) -> String {
    if share >= 0.01 {
        return format!("{} % of reads", significant(share * 100.0, 2));
    }
    let one_in: f64 = format!("{:.1e}", 1.0 / share).parse().unwrap_or(f64::INFINITY);
    format!("1 read in {}", grouped(one_in))
}

/// An estimate of a time in milliseconds with half its interval: `3.2 ±0.4 ms`.
pub(super) fn time_give_or_take(ms: f64, half: f64) -> String {
    let (size, unit) = time_unit(ms);
    format!("{} {unit}", with_half_width(ms / size, half / size))
}

/// A mean, and its interval as far as it allows: `12.4` and `±0.3`; or its ends if it reaches
/// farther up than down: `323` and `29 to 3 600`.
pub(super) fn mean_and_interval(mean: f64, (low, high): (f64, f64)) -> (String, String) {
    if !is_even(mean, (low, high)) {
        let most = upper_bound(high).parse().unwrap_or(high);
        let ends = format!("{} to {}", digits(down(low), 2), digits(most, 2));
        return (digits(mean, 2), ends);
    }
    let half = (high - mean).max(mean - low);
    if mean >= 1_000.0 {
        return (digits(mean, 3), format!("±{}", digits(half, 2)));
    }
    let text = with_half_width(mean, half);
    let (mean, half) = text.split_once(' ').unwrap_or((&text, ""));
    (mean.to_owned(), half.to_owned())
}

/// A large number in words: `1.4 million`, `180 000`.
pub(super) fn about(value: f64) -> String {
    match value {
        value if value >= 1e9 => format!("{} billion", significant(value / 1e9, 2)),
        value if value >= 1e6 => format!("{} million", significant(value / 1e6, 2)),
        value => {
            let rounded = format!("{value:.1e}").parse().unwrap_or(value);
            grouped(rounded)
        }
    }
}

/// With a capital letter at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `{n} variants`.
pub(super) fn many(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// What whiskers and bands of a metric are. A single replication has batches for some.
pub(super) fn uncertainty(run: &Run, metric: &str) -> String {
    match run.replications {
        0 | 1 if with(run, metric).iter().any(|(_, _, it)| it.interval.is_some()) => {
            "95 % intervals from batches of the one replication".to_owned()
        }
        0 | 1 => ONE_REPLICATION.to_owned(),
        many => format!("95 % intervals over {many} replications"),
    }
}

/// What whiskers and bands are where only replications give them.
pub(super) fn over_replications(run: &Run) -> String {
    match run.replications {
        0 | 1 => ONE_REPLICATION.to_owned(),
        many => format!("95 % intervals over {many} replications"),
    }
}

const ONE_REPLICATION: &str = "bounds of 3/n only, with a single replication";

/// How many reads a chart is about.
pub(super) fn reads_each(run: &Run) -> String {
    let reads = || run.variants.iter().map(Variant::reads);
    let (least, most) = (reads().fold(f64::INFINITY, f64::min), reads().fold(0.0, f64::max));
    match (least, most) {
        (_, 0.0) => "no successful read".to_owned(),
        (0.0, most) => format!("none to {} reads", about(most)),
        (least, most) if least < 0.9 * most => format!("{} to {} reads", about(least), about(most)),
        (_, most) => format!("{} reads", about(most)),
    }
}

/// More requests that fail than this are worth a word where only those that succeed are shown.
const FAILURES_FEW: f64 = 0.01;

/// The share of a variant's requests that failed, in percent, if it is worth a word.
pub(super) fn failed(variant: &Variant) -> Option<String> {
    let failed = variant.metric("failed_request_ratio")?.mean;
    (failed >= FAILURES_FEW).then(|| format!("{} failed", percent(failed)))
}

/// A sentence of which variants' requests failed.
pub(super) fn failing(run: &Run) -> String {
    let failing = run.variants.iter().filter(|it| it.reads() > 0.0);
    let failing: Vec<String> =
        failing.filter_map(|it| Some(format!("{} ({})", short(&it.name), failed(it)?))).collect();
    match failing.len() {
        0 => String::new(),
        1..=3 => format!(" Requests that failed are not in it: {}.", failing.join(", ")),
        many => format!(" Requests that failed are not in it: more than 1\u{202f}% with {many}."),
    }
}

/// Why a variant has no value.
pub(super) fn missing(variant: &Variant) -> String {
    match &variant.unstable {
        Some(queue) if queue == "database" => "no steady state: the database fell behind".into(),
        Some(_) => "no steady state: requests piled up".into(),
        None if variant.reads() == 0.0 && all_failed(variant) => "every request failed".into(),
        None if variant.reads() == 0.0 => "no successful read".into(),
        None => "too few to tell".into(),
    }
}

fn all_failed(variant: &Variant) -> bool {
    variant.metric("failed_request_ratio").is_some_and(|ratio| ratio.mean > 0.999)
}

/// What a title says of a run in which not one read succeeded.
pub(super) fn nothing_read(run: &Run) -> Option<String> {
    if run.variants.iter().any(|it| it.reads() > 0.0 || it.unstable.is_some()) {
        return None;
    }
    let asked = |it: &Variant| it.metric("failed_request_ratio").is_some_and(|it| it.mean > 0.0);
    Some(match run.variants.iter().all(all_failed) {
        true => "Every request failed".to_owned(),
        false if run.variants.iter().any(asked) => "No read succeeded".to_owned(),
        false => "Nothing was read".to_owned(),
    })
}

/// Names in a sentence: one, both, or the first and how many others.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, others @ ..] => format!("{one} and {} others", others.len()),
    }
}

/// The variants that have a metric, with its values.
pub(super) fn with<'a>(run: &'a Run, metric: &str) -> Vec<(usize, &'a Variant, Measured)> {
    let values = run.variants.iter().enumerate();
    values.filter_map(|(index, it)| Some((index, it, it.metric(metric)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_a_sentence() {
        assert_eq!(time_tick(0.02), "20 µs");
        assert_eq!(time_tick(10_000.0), "10 s");
        assert_eq!(time(22_134.0), "22.1 s");
        assert_eq!(percent_tick(0.001), "0.1\u{202f}%");
        assert_eq!(tick(0.1 + 0.2), "0.3");
        assert_eq!(times(9_812.0), "9\u{202f}800×");
        assert_eq!(times(2.44), "2.4×");
        assert_eq!(times_at_least(2_991.0), "2\u{202f}900×");
        assert_eq!(times_at_least(39.96), "39×");
        assert_eq!(times_at_least(2.0), "2.0×");
        assert_eq!((down(9.99), down(0.0999), down(100.0)), (9.9, 0.099, 100.0));
        assert_eq!(digits(675_225.0, 3), "675\u{202f}000");
        let ends = mean_and_interval(323.2, (29.4, 3550.0));
        assert_eq!(ends, ("323".to_owned(), "29 to 3\u{202f}600".to_owned()));
        assert_eq!(mean_and_interval(12.4, (12.1, 12.7)), ("12.4".to_owned(), "±0.3".to_owned()));
        assert_eq!(time_give_or_take(3.21, 0.42), "3.2 ±0.4 ms");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a and 2 others");
        assert_eq!(share_of_reads(0.1234), "12 % of reads");
        assert_eq!(share_of_reads(1.0 / 4_321.0), "1 read in 4\u{202f}300");
        assert_eq!(about(1_439_855.0), "1.4 million");
        assert_eq!(about(180_316.0), "180\u{202f}000");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(short(&"x".repeat(30)), "x".repeat(30));
        assert_eq!(short(&"é".repeat(31)), "é".repeat(29) + "…");
    }
}
