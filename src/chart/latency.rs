//! Read latency by percentile, spread by nines as in G. Tene's HdrHistogram plots.

use super::frame::Titles;
use super::lines::{Series, all, beside_labels, draw as draw_lines, said};
use super::page::{Heading, Page};
use super::run::{Measured, Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Drawing, Look, Style};

const P99: &str = "read_latency_p99_ms";
/// The percentiles that have an interval.
const WITH_INTERVAL: [(&str, f64); 4] = [
    ("read_latency_p50_ms", 50.0),
    ("read_latency_p90_ms", 90.0),
    (P99, 99.0),
    ("read_latency_p999_ms", 99.9),
];

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let series = all(run, style.theme, |index, look| series(&run.variants[index], look));
    if series.iter().all(|it| it.missing) {
        return Err(NotDrawn("no variant has enough reads in a steady state".into()));
    }
    let closed = run.resolved["variants"][0]["workload"]["arrivals"].get("closed").is_some();
    let load = match closed {
        true => "closed loop: clients wait for answers, so a slow system is asked less",
        false => "open loop: a slow answer does not delay the next request",
    };
    let subtitle = format!(
        "Latency of successful reads by percentile, from invocation to answer, {} per variant; {}. \
         Lines: all reads together; {}.{}",
        words::reads_each(run),
        load,
        match run.replications {
            0 | 1 => "no intervals, with a single replication".to_owned(),
            many => format!("whiskers: means and 95 % intervals over {many} replications"),
        },
        words::failing(run),
    );
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle });
    let points = || series.iter().flat_map(|it| it.points.iter());
    let highest = points().map(|point| point.0).fold(50.0, f64::max);
    // Whiskers are whole: what is cut would seem to end there.
    let ends = || series.iter().flat_map(|it| it.whiskers.iter().flat_map(|(_, it)| *it));
    let positive = || points().map(|point| point.1).chain(ends()).filter(|ms| *ms > 0.0);
    let (low, high) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
    let y = match high > 20.0 * low {
        true => Scale::log(low.min(high), high, words::time_tick),
        false => Scale::linear(0.0, high, words::time_tick),
    };
    let titles = Titles { x: "percentile of reads", y: "latency" };
    let plot = beside_labels(&mut page, &series, (Scale::nines(highest), y), titles);
    draw_lines(&mut page, &plot, &series, 6.0);
    Ok(page.finish(&said(&series)))
}

fn series(variant: &Variant, look: Look) -> Result<Series, String> {
    if variant.latency.len() < 2 {
        return Err(words::missing(variant));
    }
    let sound = |(metric, percentile): (&str, f64)| {
        let value = variant.metric(metric)?;
        Some((percentile, value))
    };
    let values: Vec<(f64, Measured)> = WITH_INTERVAL.into_iter().filter_map(sound).collect();
    let whiskers = values.iter().filter_map(|(percentile, value)| {
        let (low, high) = value.interval?;
        Some((*percentile, [low, value.mean, high]))
    });
    let notes = values.iter().filter(|(percentile, _)| *percentile != 90.0).take(3);
    let notes =
        notes.map(|(percentile, value)| format!("p{percentile} {}", words::time(value.mean)));
    let note = notes.chain(words::failed(variant)).collect::<Vec<_>>().join(" · ");
    let whiskers = whiskers.collect();
    Ok(Series { note, whiskers, ..Series::new(look, &variant.name, variant.latency.clone()) })
}

/// What was found, if the replications show it.
fn title(run: &Run) -> String {
    let values = words::with(run, P99);
    let by_mean = |a: &&(usize, &Variant, Measured), b: &&(usize, &Variant, Measured)| {
        a.2.mean.total_cmp(&b.2.mean)
    };
    let neutral = "Read latency by percentile".to_owned();
    let (Some(best), Some(worst)) = (values.iter().min_by(by_mean), values.iter().max_by(by_mean))
    else {
        return neutral;
    };
    let (short, long) = (words::time(best.2.mean), words::time(worst.2.mean));
    // All that are just like it: the same seeds may well give the same run.
    let names = |like: &Measured| {
        let alike = values.iter().filter(|it| it.2.mean == like.mean);
        words::listed(&alike.map(|it| words::short(&it.1.name)).collect::<Vec<_>>())
    };
    // Who fails what is slow is not fast.
    let of = match values.iter().any(|it| words::failed(it.1).is_some()) {
        true => "successful reads",
        false => "reads",
    };
    if best.2.mean == worst.2.mean {
        return format!("{}: 99 % of {of} are answered within {short}", names(&best.2));
    }
    if !run.is_less(P99, best.0, worst.0) || short == long {
        return neutral;
    }
    format!("99 % of {of} within {short} with {}, {long} with {}", names(&best.2), names(&worst.2))
}
