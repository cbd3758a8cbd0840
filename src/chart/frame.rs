//! Axes: where they are, their grid, ticks and titles.

use super::page::{Page, TICK};
use super::plot::{Mark, Plot};
use super::scale::Scale;
use crate::picture::texts::{fit, text_area};
use crate::picture::{Anchor, Area, Text, Weight, text_width};

/// What the axes say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Titles<'a> {
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

/// Labels of ticks do not reach further beyond the right end of an axis, where other labels begin.
const OVERHANG: f64 = 14.0;

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
    let area = plot.area;
    y_axis(page, plot);
    x_axis(page, plot, OVERHANG);
    page.say((area.left, area.top - TICK * 0.75), titles.y, page.muted(TICK));
    let style = Text { anchor: Anchor::End, ..page.muted(TICK) };
    let title = fit(titles.x, area.width(), TICK, Weight::Regular);
    page.say((area.right, area.bottom + TICK * 2.65), &title, style);
}

fn y_axis(page: &mut Page, plot: &Plot) {
    let (area, grid) = (plot.area, page.theme.grid());
    let half = TICK * 0.56;
    let labelled = plot.y.labelled(|value, _| (plot.y_at(value) - half, plot.y_at(value) + half));
    for index in labelled {
        let (value, name) = &plot.y.ticks[index];
        let ends = vec![(plot.x.low(), *value), (plot.x.high(), *value)];
        let drawn = plot.draw(&Mark::Line(ends, 2.0, grid, &[]));
        page.svg.raw(&drawn);
        let style = Text { anchor: Anchor::End, ..page.muted(TICK) };
        page.say((area.left - 14.0, plot.y_at(*value) + TICK * 0.35), name, style);
    }
    if let Some(at) = plot.y.broken_at() {
        let y = area.bottom - area.height() * at;
        break_at(page, (area.left, y), false);
    }
}

/// The ticks below a plot, with their labels, which may reach so far beyond its right end.
pub(super) fn x_axis(page: &mut Page, plot: &Plot, overhang: f64) {
    let area = plot.area;
    let extent = |value: f64, name: &str| {
        let half = text_width(name, TICK, Weight::Regular) / 2.0;
        let x = plot.x_at(value).min(area.right + overhang - half);
        (x - half - 8.0, x + half + 8.0)
    };
    for (value, _) in &plot.x.ticks {
        let x = plot.x_at(*value);
        page.rule((x, area.bottom), (x, area.bottom + 8.0), 2.0, page.theme.context());
    }
    for index in plot.x.labelled(extent) {
        let (value, name) = &plot.x.ticks[index];
        let (left, right) = extent(*value, name);
        let style = Text { anchor: Anchor::Middle, ..page.muted(TICK) };
        page.say(((left + right) / 2.0, area.bottom + TICK * 1.45), name, style);
    }
    if let Some(at) = plot.x.broken_at() {
        break_at(page, (area.left + area.width() * at, area.bottom), true);
    }
}

/// Two strokes where an axis leaves something out.
fn break_at(page: &mut Page, (x, y): (f64, f64), across: bool) {
    let color = page.theme.context();
    for step in [-5.0, 5.0] {
        let (x, y) = if across { (x + step, y) } else { (x, y + step) };
        page.rule((x - 6.0, y + 7.0), (x + 6.0, y - 7.0), 2.5, color);
    }
}

/// Writes a text in a plot, on a patch of the background, so that no grid line strikes it through.
pub(super) fn note(page: &mut Page, at: (f64, f64), text: &str, style: Text) {
    let area = text_area(at, text, style);
    let background = page.theme.background();
    let corner = (area.left - 6.0, area.top - 2.0);
    page.svg.rectangle(corner, (area.width() + 12.0, area.height() + 4.0), 4.0, background, 1.0);
    page.say(at, text, style);
}
