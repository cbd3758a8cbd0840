//! How old stale reads are: the share of them that is older than an age, both logarithmic.

use super::lines::{Series, Titles, axes, column, draw as draw_lines, ends, frame, label};
use super::page::{Heading, Page, TICK};
use super::run::{Measured, Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::metrics::wilson;
use crate::picture::{Anchor, Area, Drawing, Style, Text, Weight, text_width};

const MEDIAN: &str = "stale_age_p50_ms";
const P99: &str = "stale_age_p99_ms";
const LARGEST: &str = "stale_age_max_ms";

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let looks = run.looks(style.theme);
    let drawn = run.variants.iter().zip(looks).filter(|(variant, _)| !tail(variant).is_empty());
    let series: Vec<Series> = drawn.map(|(variant, look)| series(variant, look)).collect();
    if series.is_empty() {
        return Err(NotDrawn("no stale read was seen, so there are no ages to show".into()));
    }
    let subtitle = "Share of stale reads that are older than an age: the time from the commit \
                    that made the value old to the read's beginning. Dots: median, largest. \
                    Bands: 95 %, each stale copy taken as one observation."
        .to_owned();
    let parameters = super::parameters::workload(run);
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle, parameters });
    let ages = || series.iter().flat_map(|it| it.points.iter());
    let low = ages().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = ages().map(|point| point.0).fold(0.0, f64::max);
    let least = ages().map(|point| point.1).filter(|share| *share > 0.0).fold(1.0, f64::min);
    let x = Scale::log(low, high, words::time_tick);
    let y = Scale::log(least.clamp(1e-5, 0.1), 1.0, words::percent_tick);
    let titles = Titles { x: "age of the value", y: "stale reads that are older" };
    let wide = column(&series, &page);
    let body = page.body;
    let plot = frame(Area { right: body.right - wide, ..body }, x, y, titles);
    axes(&mut page, &plot, titles);
    rules(run, &mut page, &plot);
    draw_lines(&mut page, &plot, &series, 6.0);
    let wanted = ends(&plot, &series);
    let area = Area { top: plot.area.top, bottom: body.bottom, ..body };
    label(&mut page, plot.area.right + 24.0, area, &series, &wanted);
    let said = series.iter().map(|it| format!("{}: {}.", it.name, it.note));
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// The tail as far as anything is in it.
fn tail(variant: &Variant) -> Vec<(f64, f64)> {
    let points = &variant.ages;
    let begins = points.iter().rposition(|(_, share)| *share >= 1.0).unwrap_or(0);
    points[begins.min(points.len())..].iter().copied().filter(|(_, share)| *share > 0.0).collect()
}

fn series(variant: &Variant, look: crate::picture::Look) -> Series {
    let mut points = tail(variant);
    let mean = |metric: &str| variant.metric(metric).map(|value| value.mean);
    let median = mean(MEDIAN);
    let episodes = variant.metric("stale_episodes").map_or(1.0, |it| it.mean * it.replications);
    let band = points.iter().map(|(age, share)| {
        let (low, high) = wilson(*share, episodes.max(1.0));
        (*age, low, high)
    });
    let band = band.collect();
    let median_dot = median.map(|age| (age, share_at(&points, age)));
    // The curve ends at the oldest of all replications: the file has no share below it.
    points.extend(end_of(&variant.ages));
    let end = points.last().copied();
    // The oldest of all replications, not the mean of their oldest.
    let largest = variant.column(LARGEST).iter().flatten().copied().reduce(f64::max);
    let words = [("median", median), ("p99", mean(P99)), ("max", largest)];
    let notes =
        words.iter().filter_map(|(word, ms)| Some(format!("{word} {}", words::time((*ms)?))));
    let note = notes.collect::<Vec<_>>().join(" · ");
    let dots = median_dot.into_iter().chain(end).collect();
    Series { note, band, dots, ..Series::new(look, &variant.name, points) }
}

/// Where the first share of nothing is.
fn end_of(ages: &[(f64, f64)]) -> Option<(f64, f64)> {
    let at = ages.iter().position(|(_, share)| *share <= 0.0)?;
    let before = ages.get(at.checked_sub(1)?)?;
    Some((ages[at].0, before.1 * 0.3))
}

/// The share at an age, between the points around it.
fn share_at(points: &[(f64, f64)], age: f64) -> f64 {
    let after = points.iter().position(|point| point.0 >= age).unwrap_or(points.len() - 1);
    let (one, other) = (points[after.saturating_sub(1)], points[after]);
    let part = ((age - one.0) / (other.0 - one.0)).clamp(0.0, 1.0);
    if part.is_nan() { one.1 } else { one.1 + (other.1 - one.1) * part }
}

/// Where the TTLs of TTL-only variants end, as far as their names do not collide.
fn rules(run: &Run, page: &mut Page, plot: &super::plot::Plot) {
    let mut ttls: Vec<f64> = (0..run.variants.len()).filter_map(|it| run.ttl_ms(it)).collect();
    ttls.sort_by(f64::total_cmp);
    ttls.dedup();
    let mut free = plot.area.left + text_width("stale reads that are older", TICK, Weight::Regular);
    for ttl in ttls {
        if ttl < plot.x.low() || ttl > plot.x.high() {
            continue;
        }
        let x = plot.x_at(ttl);
        let color = page.theme.context();
        page.svg.line(&[(x, plot.area.top), (x, plot.area.bottom)], 2.5, color, &[2.0, 3.0]);
        let name = format!("TTL {}", words::time_tick(ttl));
        let half = text_width(&name, TICK, Weight::Regular) / 2.0;
        if x - half > free + 16.0 && x + half < plot.area.right + 20.0 {
            let style = Text { anchor: Anchor::Middle, ..page.muted(TICK) };
            page.say((x, plot.area.top - TICK * 0.75), &name, style);
            free = x + half;
        }
    }
}

/// What was found, if the replications show it.
fn title(run: &Run) -> String {
    let values = words::with(run, MEDIAN);
    let by_mean = |a: &&(usize, &Variant, Measured), b: &&(usize, &Variant, Measured)| {
        a.2.mean.total_cmp(&b.2.mean)
    };
    let name = |index: usize| words::short(&run.variants[index].name);
    match (values.iter().min_by(by_mean), values.iter().max_by(by_mean)) {
        (Some(best), Some(worst)) if best.0 == worst.0 => {
            let age = words::time(worst.2.mean);
            format!("{}: half of the stale reads are older than {age}", name(worst.0))
        }
        (Some(best), Some(worst)) if run.is_less(MEDIAN, best.0, worst.0) => {
            let (short, long) = (words::time(best.2.mean), words::time(worst.2.mean));
            format!(
                "Half of the stale reads are older than {long} with {}, {short} with {}",
                name(worst.0),
                name(best.0)
            )
        }
        _ => "How old stale reads are".to_owned(),
    }
}
