//! Variants against anomalies: seen, never seen, or impossible within stated bounds. The three
//! must not look alike.

use super::page::{Heading, LABEL, Page, TICK, fit};
use super::run::{Measured, Run, Variant};
use super::{NotDrawn, words};
use crate::picture::{Anchor, Color, Drawing, Style, Text, Weight, text_width};
use crate::report::number::upper_bound;

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
    anomaly("ack_stale_read_ratio", ["stale", "reads"], true),
    anomaly("read_your_writes_violation_ratio", ["own write", "not seen"], true),
    anomaly("monotonic_read_violation_ratio", ["back in", "time"], true),
    anomaly("dirty_read_ratio", ["dirty", "reads"], true),
    anomaly("lost_writes", ["lost", "writes"], false),
    anomaly("permanently_stale_keys", ["stale", "for good"], false),
];

/// What a cell says.
enum Verdict {
    Seen(Measured),
    NeverSeen(Measured),
    Impossible,
    Unknown,
}

fn verdict(run: &Run, index: usize, anomaly: &Anomaly) -> Verdict {
    let value = run.variants[index].metric(anomaly.metric);
    match value {
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
    let proofs = match run.bounds() {
        Some(bounds) => format!(" ◆ impossible within {bounds}."),
        None => String::new(),
    };
    let subtitle = format!(
        "{} per variant. Stale reads: older than an acknowledged write. ✗ seen, mean over {}. ○ \
         never seen: at most this (95 %).{proofs}",
        words::capital(&words::reads_each(run)),
        words::many(run.replications as usize, "replication"),
    );
    let parameters = super::parameters::workload(run);
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle, parameters });
    let body = page.body;
    let names = body.width() * 0.27;
    let column = (body.width() - names) / ANOMALIES.len() as f64;
    let head = TICK * 2.6;
    let row = ((body.height() - head) / run.variants.len() as f64).min(96.0);
    for (index, anomaly) in ANOMALIES.iter().enumerate() {
        let x = body.left + names + column * (index as f64 + 0.5);
        for (line, words) in anomaly.heading.iter().enumerate() {
            let at = (x, body.top + TICK * (0.9 + 1.15 * line as f64));
            page.say(at, words, Text { anchor: Anchor::Middle, ..page.muted(TICK) });
        }
    }
    for (index, variant) in run.variants.iter().enumerate() {
        let top = body.top + head + row * index as f64;
        page.rule((body.left, top), (body.right, top), 2.0, page.theme.grid());
        let y = top + row / 2.0 + LABEL * 0.35;
        let size = LABEL.min(row / 1.3);
        let name = words::short(&variant.name);
        let full = text_width(&name, size, Weight::SemiBold);
        let size = (size * (names - 16.0) / full.max(1.0)).min(size).max(16.0);
        let name = fit(&name, names - 16.0, size, Weight::SemiBold);
        page.say((body.left, y), &name, page.bold(size));
        for (place, anomaly) in ANOMALIES.iter().enumerate() {
            let x = body.left + names + column * (place as f64 + 0.5);
            cell(&mut page, (x, y), (column - 12.0, LABEL.min(row / 1.3)), run, (index, anomaly));
        }
    }
    let said = run.variants.iter().enumerate().map(|(index, variant)| {
        format!("{}: {} of {} seen.", variant.name, seen(run, index), ANOMALIES.len())
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

fn cell(
    page: &mut Page,
    at: (f64, f64),
    (width, size): (f64, f64),
    run: &Run,
    (index, anomaly): (usize, &Anomaly),
) {
    let theme = page.theme;
    let amount = |value: f64| match anomaly.is_ratio {
        true => format!("{} %", words::digits(value * 100.0, 2)),
        false => words::digits(value, 2),
    };
    let bound = |value: &Measured| {
        let most = value.range().1;
        match anomaly.is_ratio {
            true => format!("{} %", upper_bound(most * 100.0)),
            false => upper_bound(most),
        }
    };
    let (text, color, weight): (String, Color, Weight) = match verdict(run, index, anomaly) {
        Verdict::Seen(value) => {
            (format!("✗ {}", amount(value.mean)), theme.stale(), Weight::SemiBold)
        }
        Verdict::NeverSeen(value) if value.is_bound() => {
            (format!("○ ≤ {}", bound(&value)), theme.muted(), Weight::Regular)
        }
        Verdict::NeverSeen(_) => ("○".to_owned(), theme.muted(), Weight::Regular),
        Verdict::Impossible => ("◆".to_owned(), theme.truth(), Weight::SemiBold),
        Verdict::Unknown => ("–".to_owned(), theme.context(), Weight::Regular),
    };
    let full = text_width(&text, size, weight);
    let size = (size * width / full.max(1.0)).min(size);
    page.say(at, &text, Text { size, weight, color, anchor: Anchor::Middle });
}

/// How many of the anomalies were seen of a variant.
fn seen(run: &Run, index: usize) -> usize {
    let is_seen = |it: &&Anomaly| matches!(verdict(run, index, it), Verdict::Seen(_));
    ANOMALIES.iter().filter(is_seen).count()
}

/// Of which variant most was seen, and of which least.
fn title(run: &Run) -> String {
    let all = ANOMALIES.len();
    let counts: Vec<(usize, usize)> =
        (0..run.variants.len()).map(|index| (seen(run, index), index)).collect();
    let cached = |it: &&(usize, usize)| run.variants[it.1].strategy != "no-cache";
    let most = counts.iter().rev().max_by_key(|it| it.0);
    let least = counts.iter().filter(cached).min_by_key(|it| it.0);
    let name = |index: usize| words::short(&run.variants[index].name);
    match (most, least) {
        (Some((0, _)), _) | (None, _) => format!("None of {all} anomalies was seen"),
        (Some((most, worst)), Some((least, best))) if least < most => {
            format!("{}: {most} of {all} anomalies seen, {}: {least}", name(*worst), name(*best))
        }
        (Some((most, worst)), _) => format!("{}: {most} of {all} anomalies seen", name(*worst)),
    }
}
