//! What happened when: four panels over virtual time, with the faults shaded.

use super::frame::{Titles, axes, frame, note};
use super::lines::{Series, column, draw as draw_lines, label};
use super::page::{Heading, Page, TICK};
use super::plot::Plot;
use super::recovery;
use super::run::{Bucket, Fault, Run};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Anchor, Area, Drawing, Look, Style, Text, Weight, text_width};

/// A panel: what it shows, and how its values are read.
struct Panel {
    title: &'static str,
    value: fn(&Bucket) -> Option<f64>,
    interval: fn(&Bucket) -> Option<(f64, f64)>,
    tick: fn(f64) -> String,
    /// Logarithmic if values are far apart.
    may_be_log: bool,
    /// What is said if there is no value, and if all of them are zero.
    nothing: [&'static str; 2],
}

const PANELS: [Panel; 4] = [
    Panel {
        title: "hit ratio",
        value: |it| it.hit_ratio,
        interval: |it| it.hit_interval,
        tick: words::percent_tick,
        may_be_log: false,
        nothing: ["no read succeeded", "no hit"],
    },
    Panel {
        title: "database operations/s",
        value: |it| Some(it.db_per_s),
        interval: |it| it.db_interval,
        tick: words::tick,
        may_be_log: false,
        nothing: ["none", "none"],
    },
    Panel {
        title: "p99 of read latency",
        value: |it| it.p99_ms,
        interval: |_| None,
        tick: words::time_tick,
        may_be_log: true,
        nothing: ["too few successful reads", "0 ms"],
    },
    Panel {
        title: "stale reads",
        value: |it| it.stale_read_ratio,
        interval: |it| it.stale_interval,
        tick: words::percent_tick,
        may_be_log: false,
        nothing: ["no read succeeded", "none seen"],
    },
];

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    if run.variants.iter().all(|variant| variant.timeline.len() < 2) {
        return Err(NotDrawn("the run has no timeline".into()));
    }
    let looks = run.looks(style.theme);
    let begins = match run.warmup_s > 0.0 {
        true => format!(" The first {} warm up.", words::time_tick(run.warmup_s * 1e3)),
        false => String::new(),
    };
    let bands = match run.replications {
        0 | 1 => "one replication: no intervals".to_owned(),
        _ => "bands: 95 % at each instant".to_owned(),
    };
    let subtitle = format!(
        "Means over {} at each instant of virtual time; {bands}. p99: of all replications, over as \
         many instants together as it takes.{}{begins}{}",
        words::many(run.replications as usize, "replication"),
        faults_in_words(run),
        words::failing(run),
    );
    let title = words::nothing_read(run).unwrap_or_else(|| recovery::title(run));
    let mut page = Page::new(run, style, Heading { title, subtitle });
    let body = page.body;
    let names: Vec<Series> = run
        .variants
        .iter()
        .zip(&looks)
        .map(|(variant, look)| {
            let note = match &variant.unstable {
                Some(_) => words::missing(variant),
                None => String::new(),
            };
            Series { note, ..Series::new(*look, &variant.name, Vec::new()) }
        })
        .collect();
    let wide = column(&names, &page);
    let height = (body.height() - TICK * 2.3) / PANELS.len() as f64;
    // All panels begin at the same instant, below each other.
    let ticks = PANELS.iter().flat_map(|panel| y_scale(run, panel).ticks);
    let margin =
        ticks.map(|(_, name)| text_width(&name, TICK, Weight::Regular)).fold(0.0, f64::max);
    for (index, panel) in PANELS.iter().enumerate() {
        let top = body.top + height * index as f64;
        let is_last = index + 1 == PANELS.len();
        let bottom = if is_last { body.bottom } else { top + height };
        let area = Area { left: body.left, top, right: body.right - wide, bottom };
        self::panel(&mut page, run, &looks, panel, (area, margin, is_last));
    }
    let middle = body.top + body.height() / 2.0;
    let wanted: Vec<f64> = (0..names.len())
        .map(|index| middle + 70.0 * (index as f64 - names.len() as f64 / 2.0))
        .collect();
    let area = Area { top: body.top + TICK, bottom: body.bottom - TICK * 1.5, ..body };
    label(&mut page, body.right - wide + 24.0, area, &names, &wanted);
    let said = run.variants.iter().map(|variant| variant.name.clone());
    Ok(page.finish(&said.collect::<Vec<_>>().join(", ")))
}

fn panel(
    page: &mut Page,
    run: &Run,
    looks: &[Look],
    panel: &Panel,
    (area, margin, is_last): (Area, f64, bool),
) {
    let end_s = run.warmup_s + run.duration_s;
    let series: Vec<Series> = run
        .variants
        .iter()
        .zip(looks)
        .map(|(variant, look)| series(&variant.timeline, panel, (*look, &variant.name), end_s))
        .collect();
    let values = || series.iter().flat_map(|it| &it.points).map(|point| point.1);
    let seconds = |s: f64| words::time_tick(s * 1e3);
    let mut x = Scale::exact(0.0, end_s, seconds);
    if !is_last {
        x.ticks.iter_mut().for_each(|(_, name)| name.clear());
    }
    let titles = Titles { x: if is_last { "virtual time" } else { "" }, y: panel.title };
    let mut plot = frame(area, x, y_scale(run, panel), titles);
    plot.area.left = area.left + margin + 14.0;
    shade(page, run, &plot, end_s);
    axes(page, &plot, titles);
    draw_lines(page, &plot, &series, 3.5);
    let nothing = match values().next() {
        None => Some(panel.nothing[0]),
        Some(_) => values().all(|value| value == 0.0).then_some(panel.nothing[1]),
    };
    if let Some(words) = nothing {
        let style = Text { anchor: Anchor::Middle, ..page.muted(TICK) };
        let middle = (plot.area.left + plot.area.right) / 2.0;
        note(page, (middle, plot.area.top + plot.area.height() / 2.0 + TICK * 0.35), words, style);
    }
}

/// A variant's line in a panel, to the end of the run.
fn series(timeline: &[Bucket], panel: &Panel, (look, name): (Look, &str), end_s: f64) -> Series {
    let mut points: Vec<(f64, f64)> =
        timeline.iter().filter_map(|it| Some((it.start_s, (panel.value)(it)?))).collect();
    let mut band: Vec<(f64, f64, f64)> = timeline
        .iter()
        .filter_map(|it| {
            let (low, high) = (panel.value)(it).and((panel.interval)(it))?;
            Some((it.start_s, low, high))
        })
        .collect();
    // The last bucket lasts until the end.
    points.extend(points.last().map(|(_, value)| (end_s, *value)));
    band.extend(band.last().map(|(_, low, high)| (end_s, *low, *high)));
    Series { steps: true, band, ..Series::new(look, name, points) }
}

/// The scale of a panel: from nothing to the most of any variant. Without a value it has no ticks.
fn y_scale(run: &Run, panel: &Panel) -> Scale {
    let buckets = || run.variants.iter().flat_map(|variant| &variant.timeline);
    let values = || buckets().filter_map(panel.value);
    // Bands are whole: what is cut would seem to end there.
    let ends = buckets().filter_map(panel.interval).map(|it| it.1);
    let highest = values().chain(ends).fold(0.0, f64::max);
    let least = values().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
    if panel.may_be_log && highest > 20.0 * least {
        let mut y = Scale::log(least, highest, panel.tick);
        let (first, last) = (0, y.ticks.len() - 1);
        let keep = |index: &usize| *index == first || *index == last || *index == last / 2;
        let kept = (0..y.ticks.len()).filter(keep).map(|index| y.ticks[index].clone());
        y.ticks = kept.collect();
        return y;
    }
    let mut y = Scale::linear(0.0, if highest > 0.0 { highest } else { 1.0 }, panel.tick);
    // A small panel has room for its ends, and for the middle if there is a tick.
    let last = y.ticks.len().saturating_sub(1);
    let keep = (last.div_ceil(2)..last).find(|it| last.is_multiple_of(*it)).unwrap_or(last).max(1);
    y.ticks = y.ticks.iter().step_by(keep).cloned().collect();
    if highest == 0.0 {
        y.ticks.truncate(if values().next().is_some() { 1 } else { 0 });
    }
    y
}

/// Shades what was broken, and the warm-up.
fn shade(page: &mut Page, run: &Run, plot: &Plot, end_s: f64) {
    let context = page.theme.context();
    let height = plot.area.height();
    let mut band = |from_s: f64, to_s: f64, opacity: f64| {
        let (left, right) = (plot.x_at(from_s.min(end_s)), plot.x_at(to_s.min(end_s)));
        // An instant is a line that can be seen.
        let width = (right - left).max(4.0);
        page.svg.rectangle((left, plot.area.top), (width, height), 0.0, context, opacity);
    };
    if run.warmup_s > 0.0 {
        band(0.0, run.warmup_s, 0.12);
    }
    for fault in &run.faults {
        band(fault.at_s, fault.until_s, if fault.until_s > fault.at_s { 0.28 } else { 0.9 });
    }
}

fn faults_in_words(run: &Run) -> String {
    match run.faults.iter().map(Fault::in_words).collect::<Vec<_>>() {
        words if words.is_empty() => String::new(),
        words => format!(" Shaded: {}.", words.join("; ")),
    }
}
