//! Lines over a pair of axes, with their labels in a column at the right, in the order in which
//! the lines end.

use super::labels::spread;
use super::page::{LABEL, LABEL_LEAST, Page, TICK, fit};
use super::plot::{Mark, Plot};
use super::scale::Scale;
use crate::picture::{Anchor, Area, Look, Text, Weight, text_width};

/// A line and what is known about it.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) look: Look,
    pub(super) name: String,
    /// A number or two about it, for the line below its name.
    pub(super) note: String,
    pub(super) points: Vec<(f64, f64)>,
    /// Per point, its interval.
    pub(super) band: Vec<(f64, f64, f64)>,
    /// Intervals of single points.
    pub(super) whiskers: Vec<(f64, f64, f64)>,
    /// Points that are marked.
    pub(super) dots: Vec<(f64, f64)>,
    /// As stairs: a value holds until the next.
    pub(super) steps: bool,
}

impl Series {
    pub(super) fn new(look: Look, name: &str, points: Vec<(f64, f64)>) -> Series {
        Series {
            look,
            name: super::words::short(name),
            note: String::new(),
            points,
            band: Vec::new(),
            whiskers: Vec::new(),
            dots: Vec::new(),
            steps: false,
        }
    }

    fn path(&self) -> Vec<(f64, f64)> {
        if !self.steps {
            return self.points.clone();
        }
        let mut path: Vec<(f64, f64)> = Vec::new();
        for point in &self.points {
            if let Some(last) = path.last().copied() {
                path.push((point.0, last.1));
            }
            path.push(*point);
        }
        path
    }
}

/// What the axes say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Titles<'a> {
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

/// Names are not smaller.
const NAME_LEAST: f64 = 18.0;
const SAMPLE: f64 = 44.0;
const GAP: f64 = 14.0;

/// How wide the column of labels is.
pub(super) fn column(series: &[Series], page: &Page) -> f64 {
    let most = page.body.width() * 0.36;
    let wide = |it: &Series| {
        let name = text_width(&it.name, LABEL, Weight::SemiBold);
        name.max(text_width(&it.note, LABEL_LEAST, Weight::Regular))
    };
    let widest = series.iter().map(wide).fold(0.0, f64::max);
    (widest + SAMPLE + 2.0 * GAP + 24.0).min(most)
}

/// Where the axes are, if this is the whole area that they and their ticks may take.
pub(super) fn frame(area: Area, x: Scale, y: Scale, titles: Titles<'_>) -> Plot {
    let widest = y.ticks.iter().map(|(_, name)| text_width(name, TICK, Weight::Regular));
    let above = if titles.y.is_empty() { TICK * 0.5 } else { TICK * 1.75 };
    let has_ticks = x.ticks.iter().any(|(_, name)| !name.is_empty());
    let below = match (has_ticks, titles.x.is_empty()) {
        (false, _) => TICK * 0.5,
        (true, true) => TICK * 1.5,
        (true, false) => TICK * 2.8,
    };
    let inner = Area {
        left: area.left + widest.fold(0.0, f64::max) + 14.0,
        top: area.top + above,
        right: area.right,
        bottom: area.bottom - below,
    };
    Plot { area: inner, x, y }
}

/// Grid, ticks and titles.
pub(super) fn axes(page: &mut Page, plot: &Plot, titles: Titles<'_>) {
    let (area, grid) = (plot.area, page.theme.grid());
    let mut free = f64::INFINITY;
    for (value, name) in &plot.y.ticks {
        let ends = vec![(plot.x.low(), *value), (plot.x.high(), *value)];
        let drawn = plot.draw(&Mark::Line(ends, 2.0, grid, &[]));
        page.svg.raw(&drawn);
        let y = plot.y_at(*value);
        if y + TICK * 0.6 < free {
            let style = Text { anchor: Anchor::End, ..page.muted(TICK) };
            page.say((area.left - 14.0, y + TICK * 0.35), name, style);
            free = y - TICK * 0.6;
        }
    }
    let mut last = f64::NEG_INFINITY;
    for (value, name) in &plot.x.ticks {
        let x = plot.x_at(*value);
        let half = text_width(name, TICK, Weight::Regular) / 2.0;
        let y = area.bottom;
        page.rule((x, y), (x, y + 8.0), 2.0, page.theme.context());
        if x - half > last + 12.0 && x + half < page.body.right + 2.0 {
            let style = Text { anchor: Anchor::Middle, ..page.muted(TICK) };
            page.say((x, y + TICK * 1.45), name, style);
            last = x + half;
        }
    }
    page.say((area.left, area.top - TICK * 0.75), titles.y, page.muted(TICK));
    let style = Text { anchor: Anchor::End, ..page.muted(TICK) };
    let title = fit(titles.x, area.width(), TICK, Weight::Regular);
    page.say((area.right, area.bottom + TICK * 2.65), &title, style);
}

/// Bands first, then lines, then what stands out of them.
pub(super) fn draw(page: &mut Page, plot: &Plot, series: &[Series], width: f64) {
    for it in series {
        if it.band.len() > 1 {
            let upper = it.band.iter().map(|(x, _, high)| (*x, *high));
            let lower = it.band.iter().rev().map(|(x, low, _)| (*x, *low));
            let drawn = plot.draw(&Mark::Area(upper.chain(lower).collect(), it.look.color, 0.17));
            page.svg.raw(&drawn);
        }
    }
    for it in series {
        if it.points.len() > 1 {
            let line = Mark::Line(it.path(), width, it.look.color, it.look.dash.pattern());
            let drawn = plot.draw(&line);
            page.svg.raw(&drawn);
        }
    }
    for it in series {
        for (x, low, high) in &it.whiskers {
            let (from, to) = (plot.at(*x, *low), plot.at(*x, *high));
            page.rule(from, to, 3.0, it.look.color);
            for (x, y) in [from, to] {
                page.rule((x - 7.0, y), (x + 7.0, y), 3.0, it.look.color);
            }
        }
        for (x, y) in &it.dots {
            page.point(plot.at(*x, *y), 8.5, it.look, false);
        }
    }
}

/// The labels, in a column beginning at `left`, each with a sample of its line. `ends`: where each
/// line would like to have its label.
pub(super) fn label(page: &mut Page, left: f64, column: Area, series: &[Series], ends: &[f64]) {
    let room = column.height() / series.len().max(1) as f64;
    let notes = room >= LABEL + LABEL_LEAST * 1.45 && series.iter().any(|it| !it.note.is_empty());
    let apart = if notes { LABEL + LABEL_LEAST * 1.75 } else { (LABEL * 1.3).min(room) };
    let size = LABEL.min(apart / 1.12).max(16.0);
    let heights = spread(ends, apart, column.top, column.bottom);
    let text_left = left + SAMPLE + GAP;
    let width = column.right - text_left;
    for (it, y) in series.iter().zip(heights) {
        let (name_y, sample_y) = match notes {
            true => (y - 2.0, y - LABEL * 0.35),
            false => (y + size * 0.35, y),
        };
        page.sample((left, sample_y), it.look);
        // A long name is smaller before it is cut.
        let full = text_width(&it.name, size, Weight::SemiBold);
        let size = (size * width / full.max(1.0)).min(size).max(NAME_LEAST);
        let name = fit(&it.name, width, size, Weight::SemiBold);
        page.say((text_left, name_y), &name, page.bold(size));
        if notes {
            let note = fit(&it.note, width, LABEL_LEAST, Weight::Regular);
            page.say((text_left, y + LABEL_LEAST * 1.08), &note, page.muted(LABEL_LEAST));
        }
    }
}

/// A thin line from where a line ends at the right edge to its label.
pub(super) fn ends(plot: &Plot, series: &[Series]) -> Vec<f64> {
    let middle = (plot.area.top + plot.area.bottom) / 2.0;
    let end = |it: &Series| it.points.last().map_or(middle, |(_, y)| plot.y_at(*y));
    series.iter().map(end).collect()
}
