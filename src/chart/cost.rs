//! What consistency costs: stale reads against read latency, and against database load.

use super::labels::{Placed, beside};
use super::lines::{Titles, axes, frame};
use super::page::{Heading, LABEL_LEAST, Page, TICK};
use super::plot::{Mark, Plot};
use super::run::{Measured, Run};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Anchor, Area, Drawing, Look, Style, Text, Weight, text_width};

const STALE: &str = "stale_read_ratio";

/// A variant's place on both axes.
struct Point {
    index: usize,
    cost: Measured,
    stale: Measured,
}

/// What may be on the other axis.
#[derive(Clone, Copy)]
pub(super) enum Cost {
    Latency,
    Load,
}

impl Cost {
    const fn metric(self) -> &'static str {
        match self {
            Cost::Latency => "read_latency_p99_ms",
            Cost::Load => "db_reads_per_s",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Cost::Latency => "p99 of read latency",
            Cost::Load => "reads at the database per second",
        }
    }

    fn tick(self, value: f64) -> String {
        match self {
            Cost::Latency => words::time_tick(value),
            Cost::Load => words::tick(value),
        }
    }
}

pub(super) fn draw(run: &Run, style: Style, cost: Cost) -> Result<Drawing, NotDrawn> {
    let points: Vec<Point> = run
        .variants
        .iter()
        .enumerate()
        .filter_map(|(index, variant)| {
            let (cost, stale) = (variant.metric(cost.metric())?, variant.metric(STALE)?);
            Some(Point { index, cost, stale })
        })
        .collect();
    if points.len() < 2 {
        return Err(NotDrawn("fewer than two variants have both figures in a steady state".into()));
    }
    let frontier = frontier(&points);
    let left_out = run.variants.len() - points.len();
    let missing = match left_out {
        0 => String::new(),
        _ => format!(" {} without a steady state left out.", words::many(left_out, "variant")),
    };
    let subtitle = format!(
        "Stale reads against the {}, {} per variant; lower and further left is better. Line: what \
         no other variant beats in both. Crosses: {}; hollow: none seen, at most that.{missing}",
        cost.title(),
        words::reads_each(run),
        words::uncertainty(run),
    );
    let parameters = super::parameters::latencies(run);
    let heading = Heading { title: title(run, &points, &frontier, cost), subtitle, parameters };
    let mut page = Page::new(run, style, heading);
    let plot = plot(&page, &points, cost);
    let titles = Titles { x: cost.title(), y: "stale reads" };
    axes(&mut page, &plot, titles);
    let steps: Vec<(f64, f64)> = stairs(&points, &frontier);
    if steps.len() > 1 {
        let line = plot.draw(&Mark::Line(steps, 3.0, page.theme.context(), &[3.0, 2.0]));
        page.svg.raw(&line);
    }
    let looks = run.looks(style.theme);
    for point in &points {
        mark(&mut page, &plot, point, looks[point.index]);
    }
    names(&mut page, &plot, run, &points, &frontier);
    let said = points.iter().map(|point| {
        let name = &run.variants[point.index].name;
        format!(
            "{name}: {} at {}.",
            words::percent_tick(point.stale.mean),
            cost.tick(point.cost.mean)
        )
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// Where a point is drawn: at its bound if nothing was seen.
fn height(point: &Point) -> f64 {
    if point.stale.is_bound() { point.stale.range().1 } else { point.stale.mean }
}

fn plot(page: &Page, points: &[Point], cost: Cost) -> Plot {
    let range = |values: &dyn Fn(&Point) -> (f64, f64)| {
        let low = points.iter().map(|it| values(it).0).filter(|it| *it > 0.0);
        let high = points.iter().map(|it| values(it).1).fold(0.0, f64::max);
        (low.fold(f64::INFINITY, f64::min).min(high), high)
    };
    let (low, high) = range(&|it| (it.cost.range().0, it.cost.range().1));
    let x = match high > 10.0 * low && low > 0.0 {
        true => Scale::log(low, high, |value| cost.tick(value)),
        false => Scale::linear(0.0, high * 1.1, |value| cost.tick(value)),
    };
    let (least, most) = range(&|it| (height(it), it.stale.range().1));
    let y = match (least.is_finite() && least > 0.0, most > 20.0 * least) {
        (true, true) => Scale::log_and_zero(least, most, words::percent_tick),
        _ => Scale::linear(0.0, if most > 0.0 { most * 1.1 } else { 0.01 }, words::percent_tick),
    };
    let titles = Titles { x: cost.title(), y: "stale reads" };
    // Names of points at the right need room.
    let area = Area { right: page.body.right - 40.0, ..page.body };
    frame(area, x, y, titles)
}

fn mark(page: &mut Page, plot: &Plot, point: &Point, look: Look) {
    let (x, y) = plot.at(point.cost.mean, height(point));
    let (low, high) = point.cost.range();
    page.rule((plot.x_at(low), y), (plot.x_at(high), y), 3.0, look.color);
    let (low, high) = point.stale.range();
    let low = if point.stale.is_bound() { 0.0 } else { low.max(0.0) };
    page.rule((x, plot.y_at(low)), (x, plot.y_at(high)), 3.0, look.color);
    page.point((x, y), 13.0, look, point.stale.is_bound());
}

/// The names, beside their points as far as there is room.
fn names(page: &mut Page, plot: &Plot, run: &Run, points: &[Point], frontier: &[usize]) {
    let at: Vec<(f64, f64)> = points.iter().map(|it| plot.at(it.cost.mean, height(it))).collect();
    let name = |point: &Point| words::short(&run.variants[point.index].name);
    let size = LABEL_LEAST + 2.0;
    let sizes: Vec<(f64, f64)> = points
        .iter()
        .map(|it| (text_width(&name(it), size, Weight::SemiBold) + 4.0, size * 1.12))
        .collect();
    let area = Area { bottom: plot.area.bottom - 4.0, ..plot.area };
    let mut taken = vec![corner_note(page, plot)];
    taken.extend(drawn_lines(plot, points, frontier));
    let placed = beside(&at, &sizes, 20.0, area, taken);
    let placed = placed.unwrap_or_default();
    for ((point, (x, y)), Placed { left, top, away }) in points.iter().zip(&at).zip(placed) {
        let (width, _) = sizes[0];
        let text = name(point);
        let wide = text_width(&text, size, Weight::SemiBold);
        if away {
            let end =
                (left + if left > *x { 0.0 } else { wide.min(width.max(wide)) }, top + size * 0.6);
            page.rule((*x, *y), end, 1.8, page.theme.context());
        }
        page.say((left, top + size * 0.84), &text, page.bold(size));
    }
}

/// The room that lines take: the frontier's, and those of the intervals.
fn drawn_lines(plot: &Plot, points: &[Point], frontier: &[usize]) -> Vec<Area> {
    let line = |(x, y): (f64, f64), (to_x, to_y): (f64, f64)| Area {
        left: x.min(to_x) - 3.0,
        top: y.min(to_y) - 3.0,
        right: x.max(to_x) + 3.0,
        bottom: y.max(to_y) + 3.0,
    };
    let stairs: Vec<(f64, f64)> =
        stairs(points, frontier).iter().map(|(x, y)| plot.at(*x, *y)).collect();
    let mut lines: Vec<Area> = stairs.windows(2).map(|pair| line(pair[0], pair[1])).collect();
    for point in points {
        let (x, y) = plot.at(point.cost.mean, height(point));
        let ((low, high), (least, most)) = (point.cost.range(), point.stale.range());
        lines.push(line((plot.x_at(low), y), (plot.x_at(high), y)));
        let least = if point.stale.is_bound() { 0.0 } else { least.max(0.0) };
        lines.push(line((x, plot.y_at(least)), (x, plot.y_at(most))));
    }
    lines
}

/// Which way is better.
fn corner_note(page: &mut Page, plot: &Plot) -> Area {
    let (left, bottom) = (plot.area.left + 14.0, plot.area.bottom - 14.0);
    let words = "← ↓ better";
    let style = Text { anchor: Anchor::Start, ..page.muted(TICK) };
    page.say((left, bottom), words, style);
    let width = text_width(words, TICK, Weight::Regular);
    Area { left, top: bottom - TICK, right: left + width, bottom: bottom + TICK * 0.3 }
}

/// The points that no other beats in both, by cost.
fn frontier(points: &[Point]) -> Vec<usize> {
    let beats = |one: &Point, other: &Point| {
        let (a, b) = ((one.cost.mean, one.stale.mean), (other.cost.mean, other.stale.mean));
        a.0 <= b.0 && a.1 <= b.1 && a != b
    };
    let mut kept: Vec<usize> = (0..points.len())
        .filter(|index| !points.iter().any(|other| beats(other, &points[*index])))
        .collect();
    kept.sort_by(|a, b| points[*a].cost.mean.total_cmp(&points[*b].cost.mean));
    kept
}

/// The frontier as a line of stairs.
fn stairs(points: &[Point], frontier: &[usize]) -> Vec<(f64, f64)> {
    let mut path: Vec<(f64, f64)> = Vec::new();
    for index in frontier {
        let point = (points[*index].cost.mean, height(&points[*index]));
        if let Some(last) = path.last().copied() {
            path.push((point.0, last.1));
        }
        path.push(point);
    }
    path
}

/// What the freshest variant saves against the cheapest, and what it costs, if the replications
/// show the first.
fn title(run: &Run, points: &[Point], frontier: &[usize], cost: Cost) -> String {
    let neutral = "What consistency costs".to_owned();
    // That a database without a cache is fresh is no finding.
    let cached = |it: &&usize| run.variants[points[**it].index].strategy != "no-cache";
    let (Some(cheap), Some(fresh)) = (frontier.first(), frontier.iter().rfind(cached)) else {
        return neutral;
    };
    let (cheap, fresh) = (&points[*cheap], &points[*fresh]);
    let name = |point: &Point| words::short(&run.variants[point.index].name);
    if cheap.index == fresh.index {
        return format!("{}: fewest stale reads at the lowest cost, on average", name(cheap));
    }
    if !run.is_less(STALE, fresh.index, cheap.index) {
        return neutral;
    }
    let price = |point: &Point| match cost {
        Cost::Latency => words::time(point.cost.mean),
        Cost::Load => format!("{} reads/s", words::digits(point.cost.mean, 3)),
    };
    let saved = match fresh.stale.mean > 0.0 {
        true => {
            format!("{} fewer stale reads than", words::times(cheap.stale.mean / fresh.stale.mean))
        }
        false => "no stale read seen, unlike".to_owned(),
    };
    format!("{}: {saved} {}, at {} to {}", name(fresh), name(cheap), price(fresh), price(cheap))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(index: usize, cost: f64, stale: f64) -> Point {
        let measured = |mean| Measured { mean, interval: None, replications: 2.0 };
        Point { index, cost: measured(cost), stale: measured(stale) }
    }

    proptest! {
        #[test]
        fn the_frontier_is_what_nothing_dominates(
            places in proptest::collection::vec((0u32..6, 0u32..6), 1..9),
        ) {
            let points: Vec<Point> = places
                .iter()
                .enumerate()
                .map(|(index, (x, y))| point(index, f64::from(*x), f64::from(*y)))
                .collect();
            let found = frontier(&points);
            for (index, (x, y)) in places.iter().enumerate() {
                let dominated = places.iter().any(|(a, b)| a <= x && b <= y && (a, b) != (x, y));
                prop_assert_eq!(found.contains(&index), !dominated);
            }
        }
    }
}
