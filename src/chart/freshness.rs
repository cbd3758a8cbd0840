//! How likely a read is fresh, by how long ago its key was last written.

use super::lines::{Series, Titles, axes, column, draw as draw_lines, ends, frame, label};
use super::page::{Heading, Page};
use super::run::{Freshness, Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Area, Drawing, Look, Style};

/// What is said of a line: when this share of reads is fresh.
const NINES: f64 = 0.999;

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let looks = run.looks(style.theme);
    let drawn = run.variants.iter().zip(looks).filter(|(variant, _)| variant.freshness.len() > 1);
    let series: Vec<Series> = drawn.map(|(variant, look)| series(variant, look)).collect();
    if series.is_empty() {
        return Err(NotDrawn("no read of a written key in a steady state".into()));
    }
    let subtitle = format!(
        "Share of reads that are fresh, by the time from the newest commit of their key to the \
         read's beginning, {} per variant. Bands: {}.",
        words::reads_each(run),
        words::uncertainty(run),
    );
    let parameters = super::parameters::workload(run);
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle, parameters });
    let points = || series.iter().flat_map(|it| it.points.iter());
    let low = points().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = points().map(|point| point.0).fold(0.0, f64::max);
    let least = points().map(|point| point.1).fold(1.0, f64::min);
    let x = Scale::log(low, high, words::time_tick);
    // What is nearly always fresh is looked at from near.
    let bottom = if least > 0.9 { 0.9 } else { 0.0 };
    let y = Scale::linear(bottom, 1.0, words::percent_tick);
    let titles = Titles { x: "time since the newest commit of the key", y: "reads that are fresh" };
    let wide = column(&series, &page);
    let body = page.body;
    let plot = frame(Area { right: body.right - wide, ..body }, x, y, titles);
    axes(&mut page, &plot, titles);
    draw_lines(&mut page, &plot, &series, 6.0);
    let wanted = ends(&plot, &series);
    let area = Area { top: plot.area.top, bottom: body.bottom, ..body };
    label(&mut page, plot.area.right + 24.0, area, &series, &wanted);
    let said = series.iter().map(|it| format!("{}: {}.", it.name, it.note));
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

fn series(variant: &Variant, look: Look) -> Series {
    let at = |bucket: &Freshness| (bucket.from_ms.max(1e-3) * bucket.to_ms.max(1e-3)).sqrt();
    let points = variant.freshness.iter().map(|it| (at(it), it.fresh)).collect();
    let band = variant.freshness.iter().map(|it| {
        let (low, high) = it.interval.unwrap_or((it.fresh, it.fresh));
        (at(it), low.max(0.0), high.min(1.0))
    });
    let note = match fresh_after(variant) {
        Some(0.0) => "99.9 % fresh at once".to_owned(),
        Some(ms) => format!("99.9 % fresh after {}", words::time(ms)),
        None => "never 99.9 % fresh".to_owned(),
    };
    Series { note, band: band.collect(), ..Series::new(look, &variant.name, points) }
}

/// From when on 99.9 % of reads are fresh, in milliseconds; none if not even at the end.
fn fresh_after(variant: &Variant) -> Option<f64> {
    let buckets = &variant.freshness;
    match buckets.iter().rposition(|bucket| bucket.fresh < NINES) {
        None => Some(0.0),
        Some(last) if last + 1 < buckets.len() => Some(buckets[last].to_ms),
        Some(_) => None,
    }
}

/// For how long after a write the replications show that less than 99.9 % of reads are fresh, in
/// milliseconds, and how few at the worst.
fn shown_stale(variant: &Variant) -> Option<(f64, f64)> {
    let shown = |bucket: &&Freshness| bucket.interval.is_some_and(|(_, high)| high < NINES);
    let last = variant.freshness.iter().rfind(shown)?;
    let worst = variant.freshness.iter().filter(shown).map(|it| it.fresh).fold(1.0, f64::min);
    Some((last.to_ms, worst))
}

/// Which variant serves old rows for longest, if the replications show it.
fn title(run: &Run) -> String {
    let shown = run.variants.iter().filter_map(|it| Some((shown_stale(it)?, it)));
    let longest =
        shown.max_by(|((a, few), _), ((b, fewer), _)| a.total_cmp(b).then(fewer.total_cmp(few)));
    match longest {
        Some(((ms, _), variant)) => format!(
            "{}: less than 99.9 % of reads are fresh until {} after a write",
            words::short(&variant.name),
            words::time(ms)
        ),
        None => "How fresh reads are after a write".to_owned(),
    }
}
