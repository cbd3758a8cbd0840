//! How old stale reads are: the share of them that is older than an age, both logarithmic.

use super::frame::Titles;
use super::lines::{Series, all, beside_labels, draw as draw_lines, said};
use super::page::{Heading, Page, TICK};
use super::plot::Plot;
use super::run::{Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::metrics::wilson;
use crate::picture::{Anchor, Drawing, Look, Style, Text, Weight, text_width};

const MEDIAN: &str = "stale_age_p50_ms";
const LARGEST: &str = "stale_age_max_ms";
const RATIO: &str = "stale_read_ratio";
/// A percentile is given only if so many reads are beyond it.
const BEYOND: f64 = 10.0;

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let series = all(run, style.theme, |index, look| series(&run.variants[index], look));
    if series.iter().all(|it| it.missing) {
        return Err(NotDrawn("no stale read was seen, so there are no ages to show".into()));
    }
    let subtitle = "Share of stale reads that are older than an age: the time from the commit \
                    that made the value old to the read's beginning. Marked: median, largest. \
                    Bands: 95 %, each stale copy taken as one observation."
        .to_owned();
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle });
    let ages = || series.iter().flat_map(|it| it.points.iter());
    let low = ages().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = ages().map(|point| point.0).fold(0.0, f64::max);
    let least = ages().map(|point| point.1).filter(|share| *share > 0.0).fold(1.0, f64::min);
    let x = Scale::log(low, high, words::time_tick);
    let y = Scale::log(least.clamp(1e-7, 0.1), 1.0, words::percent_tick);
    let titles = Titles { x: "age of the value", y: Y_TITLE };
    let plot = beside_labels(&mut page, &series, (x, y), titles);
    rules(run, &mut page, &plot);
    draw_lines(&mut page, &plot, &series, 6.0);
    Ok(page.finish(&said(&series)))
}

const Y_TITLE: &str = "stale reads that are older";

fn series(variant: &Variant, look: Look) -> Result<Series, String> {
    let (points, n) = tail(variant).ok_or_else(|| match variant.metric(RATIO) {
        Some(_) if variant.reads() > 0.0 => {
            format!("no stale read in {}", words::about(variant.reads()))
        }
        _ => words::missing(variant),
    })?;
    let band = band(variant, &points);
    let quantile = |share: f64| (share * n >= BEYOND).then(|| age_at(&points, share));
    let (median, p99) = (quantile(0.5), quantile(0.01));
    let largest = points.last().copied();
    let words = [("median", median, 2), ("p99", p99, 2), ("max", largest.map(|it| it.0), 3)];
    let notes = words.iter().filter_map(|(word, ms, digits)| {
        Some(format!("{word} {}", words::time_to((*ms)?, *digits)))
    });
    let note = notes.collect::<Vec<_>>().join(" · ");
    let dots = median.map(|age| (age, 0.5)).into_iter().chain(largest).collect();
    Ok(Series { note, band, dots, ..Series::new(look, &variant.name, points) })
}

/// Per age, the 95 % interval of the share that is older, each stale copy taken as one observation.
fn band(variant: &Variant, points: &[(f64, f64)]) -> Vec<(f64, f64, f64)> {
    let episodes = variant.metric("stale_episodes").map_or(1.0, |it| it.mean * it.replications);
    let at = |(age, share): &(f64, f64)| {
        let (low, high) = wilson(*share, episodes.max(1.0));
        (*age, low, high)
    };
    points.iter().map(at).collect()
}

/// Between which ages the band of a variant has the half of its stale reads.
fn median_range(variant: &Variant) -> Option<(f64, f64)> {
    let (points, _) = tail(variant)?;
    let band = band(variant, &points);
    let end = |of: fn(&(f64, f64, f64)) -> f64| {
        let edge: Vec<(f64, f64)> = band.iter().map(|it| (it.0, of(it))).collect();
        age_at(&edge, 0.5)
    };
    Some((end(|it| it.1), end(|it| it.2)))
}

/// The tail as far as anything is in it, and how many stale reads it is of: from where all are
/// older to the oldest, than which none is.
fn tail(variant: &Variant) -> Option<(Vec<(f64, f64)>, f64)> {
    let n = (variant.metric(RATIO)?.mean * variant.reads()).round();
    // The oldest of all replications, not the mean of their oldest.
    let largest = variant.column(LARGEST).iter().flatten().copied().reduce(f64::max)?;
    if n < 1.0 || variant.ages.is_empty() {
        return None;
    }
    let points = &variant.ages;
    let begins = points.iter().rposition(|(_, share)| *share >= 1.0).unwrap_or(0);
    let inside = points[begins..].iter().copied();
    let mut tail: Vec<(f64, f64)> =
        inside.filter(|(age, share)| *share > 0.0 && *age < largest).collect();
    // The oldest one is as old as itself.
    tail.push((largest, 1.0 / n));
    Some((tail, n))
}

/// The age that this share of reads is older than, between the points around it.
fn age_at(points: &[(f64, f64)], share: f64) -> f64 {
    let after = points.iter().position(|point| point.1 <= share).unwrap_or(points.len() - 1);
    let (one, other) = (points[after.saturating_sub(1)], points[after]);
    let part = libm::log(one.1 / share) / libm::log(one.1 / other.1);
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 1.0 };
    one.0 * libm::pow(other.0 / one.0, part)
}

/// Where the TTLs of TTL-only variants end, as far as their names do not collide.
fn rules(run: &Run, page: &mut Page, plot: &Plot) {
    let mut ttls: Vec<f64> = (0..run.variants.len()).filter_map(|it| run.ttl_ms(it)).collect();
    ttls.sort_by(f64::total_cmp);
    ttls.dedup();
    let mut free = plot.area.left + text_width(Y_TITLE, TICK, Weight::Regular);
    for ttl in ttls {
        if ttl < plot.x.low() || ttl > plot.x.high() {
            continue;
        }
        let x = plot.x_at(ttl);
        let name = format!("TTL {}", words::time_tick(ttl));
        let half = text_width(&name, TICK, Weight::Regular) / 2.0;
        if x - half > free + 16.0 && x + half < plot.area.right + 20.0 {
            let color = page.theme.context();
            page.svg.line(&[(x, plot.area.top), (x, plot.area.bottom)], 2.5, color, &[2.0, 3.0]);
            let style = Text { anchor: Anchor::Middle, ..page.muted(TICK) };
            page.say((x, plot.area.top - TICK * 0.75), &name, style);
            free = x + half;
        }
    }
}

/// What was found, if the replications show it.
fn title(run: &Run) -> String {
    // Each with the median of all its stale reads, if there are enough of them.
    let medians: Vec<(usize, f64)> = (0..run.variants.len())
        .filter_map(|index| {
            let (points, n) = tail(&run.variants[index])?;
            (n * 0.5 >= BEYOND).then(|| (index, age_at(&points, 0.5)))
        })
        .collect();
    let name = |index: usize| words::short(&run.variants[index].name);
    let by_age = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
    let age = |ms: f64| words::time_to(ms, 2);
    // By the bands that are drawn, and by the replications, if each has enough for a median.
    let is_shown = |less: usize, more: usize| {
        let range = |index: usize| median_range(&run.variants[index]);
        let apart = range(less).zip(range(more)).is_some_and(|(less, more)| less.1 < more.0);
        let is_paired = run.difference(MEDIAN, less, more).is_some();
        apart && run.replications > 1 && (!is_paired || run.is_less(MEDIAN, less, more))
    };
    match (medians.iter().min_by(by_age), medians.iter().max_by(by_age)) {
        (Some(best), Some(worst)) if best.0 == worst.0 => {
            format!("{}: half of the stale reads are older than {}", name(worst.0), age(worst.1))
        }
        (Some(best), Some(worst)) if is_shown(best.0, worst.0) => {
            format!(
                "Half of the stale reads are older than {} with {}, {} with {}",
                age(worst.1),
                name(worst.0),
                age(best.1),
                name(best.0)
            )
        }
        _ => "How old stale reads are".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_between_two_points_is_where_the_line_is() {
        let points = [(1.0, 1.0), (10.0, 0.1), (1_000.0, 0.01)];
        assert!((age_at(&points, 0.1) - 10.0).abs() < 1e-9);
        assert!((age_at(&points, libm::sqrt(0.001)) - 100.0).abs() < 1e-6);
        assert_eq!(age_at(&points, 0.001), 1_000.0);
        assert_eq!(age_at(&[(7.0, 1.0)], 0.5), 7.0);
    }

    #[test]
    fn the_line_ends_at_the_oldest_read_there_was_and_nowhere_else() {
        let metrics = serde_json::json!({
            "reads": { "mean": 500.0, "replications": 2 },
            "stale_read_ratio": { "mean": 0.02, "replications": 2 },
        });
        let largest = ("stale_age_max_ms", vec![Some(70.0), Some(102.0), None]);
        let mut variant = Variant::made_up(&metrics, largest);
        assert_eq!(tail(&variant), None, "no ages");
        variant.ages = vec![(10.0, 1.0), (20.0, 0.9), (80.0, 0.05), (117.5, 0.0)];
        let (points, n) = tail(&variant).expect("twenty stale reads");
        assert_eq!(n, 20.0);
        assert_eq!(points, [(10.0, 1.0), (20.0, 0.9), (80.0, 0.05), (102.0, 0.05)]);
    }
}
