//! How likely a read is fresh, by how long ago its key was last written.

use super::frame::Titles;
use super::lines::{Series, all, beside_labels, draw as draw_lines, said};
use super::page::{Heading, Page};
use super::run::{Freshness, Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Drawing, Look, Style};

/// What is said of a line: when this share of reads is fresh.
const NINES: f64 = 0.999;

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let series = all(run, style.theme, |index, look| series(&run.variants[index], look));
    if series.iter().all(|it| it.missing) {
        return Err(NotDrawn("no read of a written key in a steady state".into()));
    }
    let y = y_scale(&series);
    let spread = match y.broken_at() {
        Some(_) => " Spread by nines, all of them beyond the break.",
        None => "",
    };
    let subtitle = format!(
        "Share of reads that are fresh, by the time from the newest commit of their key to the \
         read's beginning, {} per variant.{spread} Bands: {}.",
        words::reads_each(run),
        words::over_replications(run),
    );
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle });
    let points = || series.iter().flat_map(|it| it.points.iter());
    let low = points().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = points().map(|point| point.0).fold(0.0, f64::max);
    let x = Scale::log(low, high, words::time_tick);
    let titles = Titles { x: "time since the newest commit of the key", y: "reads that are fresh" };
    let plot = beside_labels(&mut page, &series, (x, y), titles);
    draw_lines(&mut page, &plot, &series, 6.0);
    Ok(page.finish(&said(&series)))
}

/// From nothing to all, or by nines where most of what there is to see is near all.
fn y_scale(series: &[Series]) -> Scale {
    let mut shares: Vec<f64> =
        series.iter().flat_map(|it| it.points.iter().map(|point| point.1)).collect();
    shares.sort_by(f64::total_cmp);
    let median = shares.get(shares.len() / 2).copied().unwrap_or(1.0);
    // Bands are where they are, too: beyond the last nine there is no place but that of all.
    shares.extend(series.iter().flat_map(|it| it.band.iter().flat_map(|end| [end.1, end.2])));
    let below = shares.iter().copied().filter(|share| *share < 1.0);
    let (low, high) = (below.clone().fold(1.0, f64::min), below.fold(0.0, f64::max));
    match median > 0.9 && low < 1.0 {
        true => Scale::nines_and_all(low, high, words::percent_tick),
        false => Scale::linear(if low > 0.9 { 0.9 } else { 0.0 }, 1.0, words::percent_tick),
    }
}

fn series(variant: &Variant, look: Look) -> Result<Series, String> {
    if variant.freshness.len() < 2 {
        let steady = variant.reads() > 0.0 && variant.unstable.is_none();
        let few = "too few reads of written keys".to_owned();
        return Err(if steady { few } else { words::missing(variant) });
    }
    let at = |bucket: &Freshness| (bucket.from_ms.max(1e-3) * bucket.to_ms.max(1e-3)).sqrt();
    let points = variant.freshness.iter().map(|it| (at(it), it.fresh)).collect();
    let band = variant.freshness.iter().map(|it| {
        let (low, high) = it.interval.unwrap_or((it.fresh, it.fresh));
        (at(it), low.max(0.0), high.min(1.0))
    });
    // As far as it was seen: what the band leaves open is drawn.
    let note = match fresh_after(variant) {
        Some(0.0) => match variant.freshness.first() {
            // What comes sooner was not asked for.
            Some(first) if first.from_ms > 0.0 => {
                format!("seen 99.9 % fresh from {} on", words::time(first.from_ms))
            }
            _ => "seen 99.9 % fresh at once".to_owned(),
        },
        Some(ms) => format!("seen 99.9 % fresh after {}", words::time(ms)),
        None => "never seen 99.9 % fresh".to_owned(),
    };
    Ok(Series { note, band: band.collect(), ..Series::new(look, &variant.name, points) })
}

/// From when on 99.9 % of reads were fresh, in milliseconds; none if not even at the end.
fn fresh_after(variant: &Variant) -> Option<f64> {
    let buckets = &variant.freshness;
    match buckets.iter().rposition(|bucket| bucket.fresh < NINES) {
        None => Some(0.0),
        Some(last) if last + 1 < buckets.len() => Some(buckets[last].to_ms),
        Some(_) => None,
    }
}

/// A claim rests on so many buckets in a row.
const BUCKETS_LEAST: usize = 3;
/// Of four to a doubling, one with too few reads may be between two of them: the line is drawn
/// across it.
const GAP_MOST: f64 = 1.25;

/// For how long after a write the replications show that less than 99.9 % of reads are fresh, in
/// milliseconds, without a gap from the first reads on; how few at the worst; and whether nothing
/// is known of later ones.
fn shown_stale(run: &Run, variant: &Variant) -> Option<(f64, f64, bool)> {
    let buckets = &variant.freshness;
    let shown = |bucket: &Freshness| bucket.interval.is_some_and(|(_, high)| high < NINES);
    let follows =
        |index: usize| index == 0 || buckets[index].from_ms <= buckets[index - 1].to_ms * GAP_MOST;
    let many = (0..buckets.len()).take_while(|it| shown(&buckets[*it]) && follows(*it)).count();
    if many < BUCKETS_LEAST || run.replications < 2 {
        return None;
    }
    let worst = buckets[..many].iter().map(|it| it.fresh).fold(1.0, f64::min);
    // Within the last bucket it may have changed.
    Some((buckets[many - 1].from_ms, worst, many == buckets.len()))
}

/// Which variant serves old rows for longest, if the replications show it.
fn title(run: &Run) -> String {
    let shown = || run.variants.iter().filter_map(|it| Some((shown_stale(run, it)?, it)));
    let longest = shown()
        .max_by(|((a, few, _), _), ((b, fewer, _), _)| a.total_cmp(b).then(fewer.total_cmp(few)));
    match longest {
        Some((longest, _)) => {
            let alike = shown().filter(|(stale, _)| *stale == longest);
            let names: Vec<String> = alike.map(|(_, it)| words::short(&it.name)).collect();
            let until = if longest.2 { "for at least" } else { "until" };
            format!(
                "{}: less than 99.9 % of reads are fresh {until} {} after a write",
                words::listed(&names),
                words::time(longest.0)
            )
        }
        None => "How fresh reads are after a write".to_owned(),
    }
}
