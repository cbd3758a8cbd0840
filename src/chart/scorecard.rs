//! Variants against anomalies: seen, never seen, or impossible within stated bounds. The three
//! must not look alike.

use super::page::{Heading, LABEL, NAME_LEAST, Page, TICK};
use super::run::{Measured, Run, Variant};
use super::{NotDrawn, words};
use crate::picture::texts::{all_shrunk, shrunk};
use crate::picture::{Anchor, Color, Drawing, Style, Text, Theme, Weight};
use crate::report::number::{self, significant, upper_bound};

/// An anomaly: its metric, and what stands above its column, in two lines.
struct Anomaly {
    metric: &'static str,
    heading: [&'static str; 2],
    is_ratio: bool,
}

const fn anomaly(metric: &'static str, heading: [&'static str; 2], is_ratio: bool) -> Anomaly {
    Anomaly { metric, heading, is_ratio }
}

const ANOMALIES: [Anomaly; 6] = [
    anomaly("ack_stale_read_ratio", ["acked write", "not seen"], true),
    anomaly("read_your_writes_violation_ratio", ["own write", "not seen"], true),
    anomaly("monotonic_read_violation_ratio", ["back in", "time"], true),
    anomaly("dirty_read_ratio", ["dirty", "reads"], true),
    anomaly("lost_writes", ["lost", "writes"], false),
    anomaly("permanently_stale_keys", ["keys stale", "for good"], false),
];

const UNKNOWN: &str = "–";
/// About what is above and below the rows, and how high a row is whose cells have two lines.
const AROUND_ROWS: f64 = 420.0;
const ROW_OF_TWO: f64 = 60.0;
/// What stands in a cell is not smaller.
const CELL_LEAST: f64 = 13.0;

/// What a cell says.
enum Verdict {
    Seen(Measured),
    NeverSeen(Measured),
    Impossible,
    Unknown,
}

fn verdict(run: &Run, index: usize, anomaly: &Anomaly) -> Verdict {
    let variant = &run.variants[index];
    let value = variant.metric(anomaly.metric);
    match value {
        // Nobody saw anything of a variant that answered nothing.
        _ if variant.reads() == 0.0 => Verdict::Unknown,
        Some(value) if value.mean > 0.0 => Verdict::Seen(value),
        // A proof is worth more than not having seen it.
        _ if run.is_impossible(index, anomaly.metric) => Verdict::Impossible,
        Some(value) => Verdict::NeverSeen(value),
        None => Verdict::Unknown,
    }
}

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let any = |variant: &Variant| ANOMALIES.iter().any(|it| variant.metric(it.metric).is_some());
    if !run.variants.iter().any(any) {
        return Err(NotDrawn("no variant has any of the figures in a steady state".into()));
    }
    let proofs = match run.explored() {
        Some(explored) => format!(" ◆ impossible within {}.", explored.bounds),
        None => String::new(),
    };
    let room = (style.size.canvas().1 - AROUND_ROWS) / run.variants.len() as f64;
    let in_two = room >= ROW_OF_TWO;
    let cells: Vec<Vec<Cell>> = (0..run.variants.len())
        .map(|index| ANOMALIES.iter().map(|it| Cell::of(run, index, it, in_two)).collect())
        .collect();
    let subtitle = format!(
        "{} per variant; lost writes and keys are counted per replication. ✗ seen: mean, {}{}. ○ \
         never seen: at most this (95 %).{proofs}",
        words::capital(&words::reads_each(run)),
        words::uncertainty(run, "ack_stale_read_ratio"),
        match cells.iter().flatten().any(|cell| cell.text.contains("×÷")) {
            true => " (×÷: the factor to either end)",
            false => "",
        },
    );
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle });
    let body = page.body;
    let names = body.width() * 0.3;
    let column = (body.width() - names) / ANOMALIES.len() as f64;
    let head = TICK * 2.6;
    let row = ((body.height() - head) / run.variants.len() as f64).min(260.0);
    for (index, anomaly) in ANOMALIES.iter().enumerate() {
        let x = body.left + names + column * (index as f64 + 0.5);
        for (line, words) in anomaly.heading.iter().enumerate() {
            let at = (x, body.top + TICK * (0.9 + 1.15 * line as f64));
            page.say(at, words, Text { anchor: Anchor::Middle, ..page.muted(TICK) });
        }
    }
    let size = (row * 0.3).clamp(LABEL, 34.0).min(row / if in_two { 2.4 } else { 1.3 });
    let shorts: Vec<String> = run.variants.iter().map(|it| words::short(&it.name)).collect();
    let texts = shorts.iter().map(String::as_str);
    let name_size = all_shrunk(texts, names - 16.0, size, NAME_LEAST, Weight::SemiBold);
    let width = column - 12.0;
    let texts = cells.iter().flatten().map(|cell| cell.text.as_str());
    let cell_size = all_shrunk(texts, width, size, CELL_LEAST, Weight::SemiBold);
    for (index, (short, cells)) in shorts.iter().zip(&cells).enumerate() {
        let top = body.top + head + row * index as f64;
        page.rule((body.left, top), (body.right, top), 2.0, page.theme.grid());
        let y = top + row / 2.0 + LABEL * 0.35;
        page.name((body.left, y), short, names - 16.0, name_size);
        for (place, cell) in cells.iter().enumerate() {
            let x = body.left + names + column * (place as f64 + 0.5);
            if place == 0 || !cells.iter().all(Cell::is_unknown) {
                cell.draw(&mut page, (x, y), (width, cell_size));
            }
        }
        if cells.iter().all(Cell::is_unknown) {
            let why = words::missing(&run.variants[index]);
            let left = body.left + names + column * 0.5 + cell_size;
            page.say((left, y), &why, page.muted(cell_size));
        }
    }
    let said = run.variants.iter().enumerate().map(|(index, variant)| {
        format!("{}: {} of {} seen.", variant.name, seen(run, index), ANOMALIES.len())
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// What stands in a cell.
struct Cell {
    text: String,
    /// In a second line.
    below: String,
    color: fn(Theme) -> Color,
    weight: Weight,
}

impl Cell {
    fn new(text: String, color: fn(Theme) -> Color, weight: Weight) -> Cell {
        Cell { text, below: String::new(), color, weight }
    }

    /// Of a variant and an anomaly; with its interval in a second line, if there is room for one.
    fn of(run: &Run, index: usize, anomaly: &Anomaly, in_two: bool) -> Cell {
        let (unit, factor) = if anomaly.is_ratio { ("\u{202f}%", 100.0) } else { ("", 1.0) };
        match verdict(run, index, anomaly) {
            Verdict::Seen(value) => {
                let (mean, interval) = parts(&value, factor);
                let seen = |text| Cell::new(text, Theme::stale, Weight::SemiBold);
                match interval.is_empty() {
                    true => seen(format!("✗ {mean}{unit}")),
                    false if in_two => {
                        let below = format!("{interval}{unit}");
                        Cell { below, ..seen(format!("✗ {mean}{unit}")) }
                    }
                    false if interval.starts_with('±') => {
                        seen(format!("✗ {mean} {interval}{unit}"))
                    }
                    false => {
                        let mean = significant(value.mean * factor, 2);
                        let ends = number::factor(value.mean, value.range());
                        seen(format!("✗ {mean}{unit} {ends}"))
                    }
                }
            }
            Verdict::NeverSeen(value) if value.is_bound() => {
                let bound = upper_bound(value.range().1 * factor);
                Cell::new(format!("○ ≤ {bound}{unit}"), Theme::muted, Weight::Regular)
            }
            Verdict::NeverSeen(_) => Cell::new("○".to_owned(), Theme::muted, Weight::Regular),
            Verdict::Impossible => Cell::new("◆".to_owned(), Theme::truth, Weight::SemiBold),
            Verdict::Unknown => Cell::new(UNKNOWN.to_owned(), Theme::context, Weight::Regular),
        }
    }

    fn is_unknown(&self) -> bool {
        self.text == UNKNOWN
    }

    fn draw(&self, page: &mut Page, (x, y): (f64, f64), (width, size): (f64, f64)) {
        let (color, anchor) = ((self.color)(page.theme), Anchor::Middle);
        let y = if self.below.is_empty() { y } else { y - size * 0.5 };
        page.say((x, y), &self.text, Text { size, weight: self.weight, color, anchor });
        let below = shrunk(&self.below, width, size * 0.85, CELL_LEAST, Weight::Regular);
        page.say((x, y + size * 1.05), &self.below, Text { anchor, ..page.muted(below) });
    }
}

/// A mean and its interval in words; no words without one.
fn parts(value: &Measured, factor: f64) -> (String, String) {
    let Some((low, high)) = value.interval else {
        return (words::digits(value.mean * factor, 2), String::new());
    };
    match words::mean_and_interval(value.mean * factor, (low * factor, high * factor)) {
        // Less than a digit of the interval is still not nothing.
        (mean, interval) if mean.trim_matches(['0', '.']).is_empty() => {
            (words::digits(value.mean * factor, 1), interval)
        }
        both => both,
    }
}

/// How many of the anomalies were seen of a variant.
fn seen(run: &Run, index: usize) -> usize {
    let is_seen = |it: &&Anomaly| matches!(verdict(run, index, it), Verdict::Seen(_));
    ANOMALIES.iter().filter(is_seen).count()
}

/// Whether a variant has a verdict on everything: its reads succeeded, in a steady state.
fn is_judged(run: &Run, index: usize) -> bool {
    let known = |it: &Anomaly| !matches!(verdict(run, index, it), Verdict::Unknown);
    run.variants[index].reads() > 0.0 && ANOMALIES.iter().all(known)
}

/// Whether each of those with the most has an anomaly that is shown to be more than in any of those
/// with the fewest.
fn is_apart(
    run: &Run,
    most: (usize, &[(usize, usize)]),
    least: (usize, &[(usize, usize)]),
) -> bool {
    let range = |index: usize, it: &Anomaly| {
        run.variants[index].metric(it.metric).map_or((0.0, f64::INFINITY), |it| it.range())
    };
    let of = |(count, all): (usize, &[(usize, usize)])| -> Vec<usize> {
        all.iter().filter(|it| it.0 == count).map(|it| it.1).collect()
    };
    let (most, least) = (of(most), of(least));
    most.iter().all(|more| {
        let above = |it: &Anomaly, less: &usize| {
            run.is_impossible(*less, it.metric) && range(*more, it).0 > 0.0
                || range(*more, it).0 > range(*less, it).1
        };
        ANOMALIES.iter().any(|it| least.iter().all(|less| above(it, less)))
    })
}

/// Of which variants most was seen, and of which least.
fn title(run: &Run) -> String {
    if let Some(title) = words::nothing_read(run) {
        return title;
    }
    let all = ANOMALIES.len();
    let judged = (0..run.variants.len()).filter(|index| is_judged(run, *index));
    let counts: Vec<(usize, usize)> = judged.map(|index| (seen(run, index), index)).collect();
    let names = |count: usize, of: &[(usize, usize)]| {
        let names = of.iter().filter(|it| it.0 == count);
        words::listed(&names.map(|it| words::short(&run.variants[it.1].name)).collect::<Vec<_>>())
    };
    // That a database without a cache is fresh is no finding.
    let cached = |it: &&(usize, usize)| run.variants[it.1].strategy != "no-cache";
    let cached: Vec<(usize, usize)> = counts.iter().filter(cached).copied().collect();
    let most = counts.iter().map(|it| it.0).max();
    let least = cached.iter().map(|it| it.0).min();
    match (most, least) {
        (Some(0), _) => format!("None of {all} anomalies was seen"),
        // What was not seen of one may be as frequent as what was seen of another.
        (Some(most), Some(0)) if !is_apart(run, (most, &counts), (0, &cached)) => {
            format!("0 {} {most} of {all} anomalies seen", if most == 1 { "or" } else { "to" })
        }
        (Some(most), Some(0)) => {
            format!(
                "{}: {most} of {all} anomalies seen. {}: none",
                names(most, &counts),
                names(0, &cached)
            )
        }
        // Whether one more was seen or not may be chance.
        (Some(most), Some(least)) if least + 1 == most => {
            format!("{least} or {most} of {all} anomalies seen")
        }
        (Some(most), _) => format!("{}: {most} of {all} anomalies seen", names(most, &counts)),
        (None, _) => "Anomalies by strategy".to_owned(),
    }
}
