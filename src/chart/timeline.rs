//! What happened when: four panels over virtual time, with the faults shaded.

use super::lines::{Series, Titles, axes, column, draw as draw_lines, frame, label};
use super::page::{Heading, Page, TICK};
use super::plot::Plot;
use super::run::{Bucket, Run};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Anchor, Area, Drawing, Look, Style, Text, Weight, text_width};

/// A panel: what it shows, and how its values are read.
struct Panel {
    title: &'static str,
    value: fn(&Bucket) -> Option<f64>,
    tick: fn(f64) -> String,
    /// What is said if there is nothing.
    nothing: &'static str,
}

const PANELS: [Panel; 4] = [
    Panel {
        title: "hit ratio",
        value: |it| (it.reads_per_s > 0.0).then_some(it.hit_ratio),
        tick: words::percent_tick,
        nothing: "no hit",
    },
    Panel {
        title: "database operations/s",
        value: |it| Some(it.db_per_s),
        tick: words::tick,
        nothing: "none",
    },
    Panel {
        title: "p99 of read latency",
        value: |it| it.p99_ms,
        tick: words::time_tick,
        nothing: "too few reads at a time",
    },
    Panel {
        title: "stale reads",
        value: |it| (it.reads_per_s > 0.0).then_some(it.stale_read_ratio),
        tick: words::percent_tick,
        nothing: "none seen",
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
    let subtitle = format!(
        "Means over {} at each instant of virtual time; without intervals, which single instants \
         do not have.{}{begins}",
        words::many(run.replications as usize, "replication"),
        faults_in_words(run),
    );
    let parameters = super::parameters::workload(run);
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle, parameters });
    let body = page.body;
    let names: Vec<Series> = run
        .variants
        .iter()
        .zip(&looks)
        .map(|(variant, look)| Series::new(*look, &variant.name, Vec::new()))
        .collect();
    let wide = column(&names, &page);
    let end_s = run.warmup_s + run.duration_s;
    let height = (body.height() - TICK * 2.8) / PANELS.len() as f64;
    // All panels begin at the same instant, below each other.
    let ticks = PANELS.iter().flat_map(|panel| y_scale(run, panel).ticks);
    let margin =
        ticks.map(|(_, name)| text_width(&name, TICK, Weight::Regular)).fold(0.0, f64::max);
    for (index, panel) in PANELS.iter().enumerate() {
        let top = body.top + height * index as f64;
        let is_last = index + 1 == PANELS.len();
        let bottom = if is_last { body.bottom } else { top + height };
        let area = Area { left: body.left, top, right: body.right - wide, bottom };
        self::panel(&mut page, run, &looks, panel, (area, margin, is_last, end_s));
    }
    let middle = body.top + body.height() / 2.0;
    let wanted: Vec<f64> = (0..names.len())
        .map(|index| middle + 60.0 * (index as f64 - names.len() as f64 / 2.0))
        .collect();
    let area = Area { top: body.top + TICK, bottom: body.bottom - TICK * 3.0, ..body };
    label(&mut page, body.right - wide + 24.0, area, &names, &wanted);
    let said = run.variants.iter().map(|variant| variant.name.clone());
    Ok(page.finish(&said.collect::<Vec<_>>().join(", ")))
}

fn panel(
    page: &mut Page,
    run: &Run,
    looks: &[Look],
    panel: &Panel,
    (area, margin, is_last, end_s): (Area, f64, bool, f64),
) {
    let series: Vec<Series> = run
        .variants
        .iter()
        .zip(looks)
        .map(|(variant, look)| {
            let points =
                variant.timeline.iter().filter_map(|it| Some((it.start_s, (panel.value)(it)?)));
            Series { steps: true, ..Series::new(*look, &variant.name, points.collect()) }
        })
        .collect();
    let highest = series.iter().flat_map(|it| &it.points).map(|point| point.1).fold(0.0, f64::max);
    let seconds = |s: f64| words::time_tick(s * 1e3);
    let mut x = Scale::exact(0.0, end_s, seconds);
    if !is_last {
        x.ticks.iter_mut().for_each(|(_, name)| name.clear());
    }
    let y = y_scale(run, panel);
    let titles = Titles { x: if is_last { "virtual time" } else { "" }, y: panel.title };
    let mut plot = frame(area, x, y, titles);
    plot.area.left = area.left + margin + 14.0;
    shade(page, run, &plot, end_s);
    axes(page, &plot, titles);
    draw_lines(page, &plot, &series, 4.0);
    if highest == 0.0 {
        let words = panel.nothing;
        let width = text_width(words, TICK, Weight::Regular);
        let at = (plot.area.right - width, plot.area.top + TICK * 1.2);
        page.say(at, words, Text { anchor: Anchor::Start, ..page.muted(TICK) });
    }
}

/// The scale of a panel: from nothing to the most of any variant.
fn y_scale(run: &Run, panel: &Panel) -> Scale {
    let buckets = run.variants.iter().flat_map(|variant| &variant.timeline);
    let highest = buckets.filter_map(panel.value).fold(0.0, f64::max);
    let mut y = Scale::linear(0.0, if highest > 0.0 { highest } else { 1.0 }, panel.tick);
    // A small panel has room for its ends and the middle.
    let keep = y.ticks.len().div_ceil(3).max(1);
    y.ticks = y.ticks.iter().step_by(keep).cloned().collect();
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
    let words = run.faults.iter().take(3).map(|fault| {
        let at = words::time_tick(fault.at_s * 1e3);
        match fault.until_s > fault.at_s && fault.until_s.is_finite() {
            true => {
                format!("{} from {at} to {}", fault.what, words::time_tick(fault.until_s * 1e3))
            }
            false => format!("{} at {at}", fault.what),
        }
    });
    match words.collect::<Vec<_>>() {
        words if words.is_empty() => String::new(),
        words => format!(" Shaded: {}.", words.join("; ")),
    }
}

/// How much more the database had to do at its worst than before the last fault, by the variant for
/// which that is most.
fn title(run: &Run) -> String {
    let neutral = "What happened when".to_owned();
    let Some(fault) =
        run.faults.iter().filter(|it| it.at_s > 0.0).max_by(|a, b| a.at_s.total_cmp(&b.at_s))
    else {
        return neutral;
    };
    let surge = |index: usize| {
        let timeline = &run.variants[index].timeline;
        let mean = |from: f64, to: f64| {
            let of = timeline.iter().filter(|it| it.start_s >= from && it.start_s < to);
            let values: Vec<f64> = of.map(|it| it.db_per_s).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let before = mean((fault.at_s - 2.0).max(0.0), fault.at_s)?;
        let after = timeline.iter().filter(|it| it.start_s >= fault.at_s).map(|it| it.db_per_s);
        (before > 0.0).then(|| after.fold(0.0, f64::max) / before)
    };
    let surges = (0..run.variants.len()).filter_map(|index| Some((surge(index)?, index)));
    match surges.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((times, index)) if times > 1.5 => format!(
            "{}: the {} makes the database work {} as hard",
            words::short(&run.variants[index].name),
            fault.what,
            words::times(times)
        ),
        _ => neutral,
    }
}
