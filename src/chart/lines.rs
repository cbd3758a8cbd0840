//! Lines over a pair of axes, with their labels in a column at the right, in the order in which
//! the lines end.

use super::frame::Titles;
use super::labels::spread;
use super::page::{LABEL, LABEL_LEAST, NAME_LEAST, Page, SAMPLE};
use super::plot::{Mark, Plot};
use super::run::Run;
use crate::picture::texts::{all_shrunk, fit, shrunk};
use crate::picture::{Area, Look, Theme, Weight, text_width};

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
    /// Means at single places, between the ends of their intervals.
    pub(super) whiskers: Vec<(f64, [f64; 3])>,
    /// Points that are marked.
    pub(super) dots: Vec<(f64, f64)>,
    /// As stairs: a value holds until the next.
    pub(super) steps: bool,
    /// Has no line; the note says why.
    pub(super) missing: bool,
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
            missing: false,
        }
    }

    /// The line's corners.
    fn path(&self) -> Vec<(f64, f64)> {
        if self.steps { stairs(&self.points) } else { self.points.clone() }
    }
}

/// Each value until the next.
pub(super) fn stairs(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut path: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if let Some(last) = path.last().copied() {
            path.push((point.0, last.1));
        }
        path.push(*point);
    }
    path
}

/// A series for every variant of a run, by its index: drawn as `drawn` says, or without a line and
/// with a word why.
pub(super) fn all(
    run: &Run,
    theme: Theme,
    drawn: impl Fn(usize, Look) -> Result<Series, String>,
) -> Vec<Series> {
    let each = run.variants.iter().zip(run.looks(theme)).enumerate();
    let series = each.map(|(index, (variant, look))| {
        drawn(index, look).unwrap_or_else(|note| {
            let empty = Series::new(look, &variant.name, Vec::new());
            Series { note, missing: true, ..empty }
        })
    });
    series.collect()
}

/// What all of them say, for those who cannot see it.
pub(super) fn said(series: &[Series]) -> String {
    let said = series.iter().map(|it| format!("{}: {}.", it.name, it.note));
    said.collect::<Vec<_>>().join(" ")
}

const GAP: f64 = 14.0;
/// The distance of two labels, in sizes of their two lines.
const LEADING: f64 = 1.2;

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

/// Bands first, then lines, those with gaps above those without; then what stands out of them.
/// Markers are at another place on each line, so that equal lines do not hide one another.
pub(super) fn draw(page: &mut Page, plot: &Plot, series: &[Series], width: f64) {
    // Many bands above each other would hide the lines.
    let opacity = match series.len() {
        0..=3 => 0.16,
        4..=6 => 0.11,
        _ => 0.06,
    };
    for it in series {
        if it.band.len() > 1 {
            let end = |end: fn(&(f64, f64, f64)) -> f64| {
                let line: Vec<(f64, f64)> = it.band.iter().map(|at| (at.0, end(at))).collect();
                if it.steps { stairs(&line) } else { line }
            };
            let (upper, lower) = (end(|it| it.2), end(|it| it.1));
            let outline = upper.into_iter().chain(lower.into_iter().rev()).collect();
            let drawn = plot.draw(&Mark::Area(outline, it.look.color, opacity));
            page.svg.raw(&drawn);
        }
    }
    let mut order: Vec<&Series> = series.iter().filter(|it| it.points.len() > 1).collect();
    order.sort_by(|a, b| b.look.dash.share_drawn().total_cmp(&a.look.dash.share_drawn()));
    for it in &order {
        let line = Mark::Line(it.path(), width, it.look.color, it.look.dash.pattern());
        let drawn = plot.draw(&line);
        page.svg.raw(&drawn);
    }
    let many = series.len() as f64;
    for (index, it) in series.iter().enumerate() {
        for (x, [low, mean, high]) in &it.whiskers {
            page.rule(plot.at(*x, *low), plot.at(*x, *high), 3.0, it.look.color);
            for (value, half) in [(low, 7.0), (mean, 13.0), (high, 7.0)] {
                let (x, y) = plot.at(*x, *value);
                page.rule((x - half, y), (x + half, y), 3.0, it.look.color);
            }
        }
        for (x, y) in &it.dots {
            page.point(plot.at(*x, *y), width * 1.6, it.look, false);
        }
        if it.points.len() > 1 && it.dots.is_empty() {
            let line: Vec<(f64, f64)> = it.path().iter().map(|(x, y)| plot.at(*x, *y)).collect();
            for third in 0..3 {
                let share = (f64::from(third) + (index as f64 + 0.5) / many) / 3.0;
                page.point(along(&line, share), width * 1.3, it.look, false);
            }
        }
    }
}

/// The point of a line that goes to the right, at a share of its width.
fn along(line: &[(f64, f64)], share: f64) -> (f64, f64) {
    let (first, last) = (line[0], line[line.len() - 1]);
    let x = first.0 + (last.0 - first.0) * share;
    let after = line.iter().position(|point| point.0 >= x).unwrap_or(line.len() - 1);
    let (one, other) = (line[after.saturating_sub(1)], line[after]);
    let part = (x - one.0) / (other.0 - one.0);
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 1.0 };
    (one.0 + (other.0 - one.0) * part, one.1 + (other.1 - one.1) * part)
}

/// The labels, in a column beginning at `left`, each with a sample of its line. `ends`: where each
/// line would like to have its label.
pub(super) fn label(page: &mut Page, left: f64, column: Area, series: &[Series], ends: &[f64]) {
    let room = column.height() / series.len().max(1) as f64;
    let any_note = series.iter().any(|it| !it.note.is_empty());
    let notes = any_note && room >= (NAME_LEAST + NOTE_LEAST) * LEADING;
    let (size, note_size) = match notes {
        true => ((room * 0.48).min(LABEL), (room * 0.4).clamp(NOTE_LEAST, LABEL_LEAST)),
        false => (LABEL.min(room / 1.12).max(NAME_LEAST), LABEL_LEAST),
    };
    let size = size.max(NAME_LEAST);
    let apart = if notes { (size + note_size) * LEADING } else { size * 1.3 };
    let heights = spread(ends, apart.min(room), column.top, column.bottom);
    let text_left = left + SAMPLE + GAP;
    let width = column.right - text_left;
    let name = |it: &Series| match it.missing && !notes {
        true => format!("{}: {}", it.name, it.note),
        false => it.name.clone(),
    };
    let names: Vec<String> = series.iter().map(name).collect();
    // A reason in the place of a note makes nothing but its own line smaller.
    let texts = series.iter().map(|it| it.name.as_str());
    let size = all_shrunk(texts, width, size, NAME_LEAST, Weight::SemiBold);
    for ((it, name), y) in series.iter().zip(&names).zip(heights) {
        let (name_y, sample_y) = match notes {
            true => (y - size * 0.1, y - size * 0.42),
            false => (y + size * 0.35, y),
        };
        if !it.missing {
            page.sample((left, sample_y), it.look);
        }
        page.name((text_left, name_y), name, width, size);
        if notes {
            // A long note is smaller before it says less.
            let is_wide = |note: &str| text_width(note, NOTE_LEAST, Weight::Regular) > width;
            let note = without_middle(&it.note, is_wide);
            let size = shrunk(&note, width, note_size, NOTE_LEAST, Weight::Regular);
            let note = fit(&note, width, size, Weight::Regular);
            page.say((text_left, y + note_size * 0.98), &note, page.muted(size));
        }
    }
}

const NOTE_LEAST: f64 = 15.0;

/// A note of several figures, as many of them as there is room for, but the first and the last.
fn without_middle(note: &str, is_wide: impl Fn(&str) -> bool) -> String {
    let mut figures: Vec<&str> = note.split(" · ").collect();
    while figures.len() > 2 && is_wide(&figures.join(" · ")) {
        figures.remove(figures.len() / 2);
    }
    figures.join(" · ")
}

/// Where each line ends at the right edge; what has no line is last.
pub(super) fn ends(plot: &Plot, series: &[Series]) -> Vec<f64> {
    let end = |it: &Series| it.points.last().map_or(plot.area.bottom, |(_, y)| plot.y_at(*y));
    series.iter().map(end).collect()
}

/// A plot with a column of labels at its right, and nothing drawn in it yet but its axes.
pub(super) fn beside_labels(
    page: &mut Page,
    series: &[Series],
    (x, y): (super::scale::Scale, super::scale::Scale),
    titles: Titles<'_>,
) -> Plot {
    let body = page.body;
    let wide = column(series, page);
    let plot = super::frame::frame(Area { right: body.right - wide, ..body }, x, y, titles);
    super::frame::axes(page, &plot, titles);
    let area = Area { top: body.top, bottom: body.bottom, ..body };
    label(page, plot.area.right + 24.0, area, series, &ends(&plot, series));
    plot
}
