//! Stale reads by strategy: a row per variant, bars from zero, or dots where they are decades
//! apart.

use super::frame::x_axis;
use super::page::{Heading, LABEL, LABEL_LEAST, NAME_LEAST, Page, TICK};
use super::plot::{Mark, Plot};
use super::run::{Measured, Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::texts::{all_shrunk, fit, shrunk};
use crate::picture::{Anchor, Area, Drawing, Look, Style, Text, Weight, text_width};
use crate::report::number::upper_bound;

const METRIC: &str = "stale_read_ratio";

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let values = words::with(run, METRIC);
    let any_read = run.variants.iter().any(|variant| variant.reads() > 0.0);
    if values.is_empty() && any_read {
        return Err(NotDrawn("no variant has a steady state, so there is no ratio to show".into()));
    }
    let form = Form::of(&values);
    let nothing = words::nothing_read(run);
    let nothing_measured = nothing.as_ref().map(|_| {
        format!(
            "{}, and not one successful read: there is nothing that stale reads could be a share \
             of.",
            words::capital(&words::many(run.replications as usize, "replication"))
        )
    });
    let title = nothing.unwrap_or_else(|| title(run));
    let at_least =
        if title.contains("at least") { ", and the title’s “at least”" } else { "" };
    let measured = format!(
        "Stale reads {}, {} per variant. A read is stale if a newer version was committed before \
         it began. Whiskers{at_least}: {}.",
        form.unit(),
        words::reads_each(run),
        words::uncertainty(run, METRIC),
    );
    let subtitle = nothing_measured.unwrap_or(measured);
    let mut page = Page::new(run, style, Heading { title, subtitle });
    let rows = Rows::new(run, &page, form);
    rows.draw(run, style, &mut page);
    let said = rows.order.iter().map(|index| {
        let variant = &run.variants[*index];
        format!("{}: {}.", variant.name, rows.form.value(variant))
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// What was found, if the replications show it.
fn title(run: &Run) -> String {
    let values = words::with(run, METRIC);
    let neutral = "Stale reads by strategy".to_owned();
    let by_mean = |a: &&(usize, &Variant, Measured), b: &&(usize, &Variant, Measured)| {
        a.2.mean.total_cmp(&b.2.mean)
    };
    let Some(worst) = values.iter().max_by(by_mean) else { return neutral };
    let reads: f64 = values.iter().map(|(_, variant, _)| variant.reads()).sum();
    if worst.2.mean == 0.0 {
        return format!("No stale read seen in {}", words::about(reads));
    }
    // That a database without a cache is fresh is no finding, unless it is all there is.
    let cached = |it: &&(usize, &Variant, Measured)| it.1.strategy != "no-cache";
    let others: Vec<_> = values.iter().filter(|it| it.0 != worst.0).collect();
    let best = others.iter().copied().filter(cached).min_by(by_mean);
    let best = best.or_else(|| others.iter().copied().min_by(by_mean));
    let of_worst = words::share_of_reads(worst.2.mean);
    let are = if worst.2.mean >= 0.01 { "are" } else { "is" };
    let worst_name = words::short(&worst.1.name);
    let Some(best) = best else { return format!("{worst_name}: {of_worst} {are} stale") };
    // All that may be as good: the replications do not tell them apart.
    let alike = others.iter().copied().filter(cached).filter(|it| {
        it.0 == best.0
            || it.2.mean == best.2.mean
            || best.2.mean > 0.0 && run.may_be_as_little(METRIC, best.0, it.0)
    });
    let alike: Vec<&(usize, &Variant, Measured)> = alike.collect();
    let alike = if alike.is_empty() { vec![best] } else { alike };
    if !alike.iter().all(|it| run.is_less(METRIC, it.0, worst.0)) {
        return neutral;
    }
    let names: Vec<String> = alike.iter().map(|it| words::short(&it.1.name)).collect();
    let best_name = words::listed(&names);
    if best.2.mean == 0.0 {
        let least = alike.iter().map(|it| it.1.reads()).fold(f64::INFINITY, f64::min);
        let seen = words::about(least);
        return format!("{worst_name}: {of_worst} {are} stale. {best_name}: none seen in {seen}");
    }
    // The end of the ratio's interval: its mean may rest on a single stale read.
    let times = alike.iter().map(|it| run.times_at_least(METRIC, worst.0, it.0));
    match times.collect::<Option<Vec<f64>>>().and_then(|it| it.into_iter().reduce(f64::min)) {
        Some(times) if times >= 1.95 => {
            let times = words::times_at_least(times);
            format!("{best_name}: at least {times} fewer stale reads than {worst_name}")
        }
        Some(times) if times >= 1.01 => {
            let less = words::digits(words::down((1.0 - 1.0 / times) * 100.0), 2);
            format!("{best_name}: at least {less} % fewer stale reads than {worst_name}")
        }
        _ => format!("{best_name}: fewer stale reads than {worst_name}"),
    }
}

/// In which unit, on which scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Percent,
    PerMillion,
    /// Decades apart: dots on a logarithmic scale, in reads per million.
    Decades,
}

impl Form {
    fn of(values: &[(usize, &Variant, Measured)]) -> Form {
        let seen = values.iter().map(|(_, _, value)| value.mean).filter(|mean| *mean > 0.0);
        let most = seen.clone().fold(0.0, f64::max);
        let least = seen.fold(f64::INFINITY, f64::min);
        // A bound needs a place too: next to bars it would be nothing.
        let bound = values.iter().filter(|it| it.2.is_bound()).map(|it| it.2.range().1);
        let far = bound.fold(least, f64::min);
        match most {
            0.0 => Form::Decades,
            most if most > 100.0 * far => Form::Decades,
            most if most >= 0.005 => Form::Percent,
            _ => Form::PerMillion,
        }
    }

    fn unit(self) -> &'static str {
        if self == Form::Percent { "in percent of all reads" } else { "per million reads" }
    }

    fn factor(self) -> f64 {
        if self == Form::Percent { 100.0 } else { 1e6 }
    }

    /// A variant's value in words.
    fn value(self, variant: &Variant) -> String {
        let Some(value) = variant.metric(METRIC) else { return words::missing(variant) };
        if value.is_bound() {
            let bound = upper_bound(value.range().1 * self.factor());
            let bound = bound.parse().map_or(bound, words::tick);
            let unit = if self == Form::Percent { "\u{202f}%" } else { " per million" };
            return format!("none seen: at most {bound}{unit}");
        }
        let factor = self.factor();
        let Some((low, high)) = value.interval else {
            return words::digits(value.mean * factor, 3);
        };
        let interval = (low * factor, high * factor);
        match words::mean_and_interval(value.mean * factor, interval) {
            (mean, half) if half.starts_with('±') => format!("{mean} {half}"),
            (mean, ends) => format!("{mean} ({ends})"),
        }
    }

    fn scale(self, values: &[(usize, &Variant, Measured)]) -> Scale {
        let ends = values.iter().flat_map(|(_, _, value)| [value.range().1, value.mean]);
        let high = ends.fold(0.0, f64::max);
        match self {
            Form::Percent => Scale::linear(0.0, high * 100.0, words::tick),
            Form::PerMillion => Scale::linear(0.0, high * 1e6, words::tick),
            Form::Decades => {
                let lows = values.iter().map(|(_, _, value)| match value.is_bound() {
                    true => value.range().1,
                    false if value.range().0 > 0.0 => value.range().0.max(value.mean / 10.0),
                    false => value.mean / 10.0,
                });
                let low = lows.filter(|low| *low > 0.0).fold(f64::INFINITY, f64::min);
                let low = if low.is_finite() { low } else { 1e-6 };
                Scale::log_and_zero(low * 1e6 / 2.0, high.max(low) * 1e6, words::tick)
            }
        }
    }
}

/// The rows, and where their parts are.
struct Rows {
    form: Form,
    order: Vec<usize>,
    plot: Plot,
    height: f64,
    font: f64,
}

impl Rows {
    fn new(run: &Run, page: &Page, form: Form) -> Rows {
        let mut order: Vec<usize> = (0..run.variants.len()).collect();
        let badness = |index: &usize| {
            run.variants[*index].metric(METRIC).map_or(f64::INFINITY, |value| value.mean)
        };
        order.sort_by(|a, b| badness(a).total_cmp(&badness(b)));
        let body = page.body;
        let room = body.height() - 2.8 * TICK;
        let height = (room / order.len() as f64).min(400.0);
        let font = (height * 0.3).clamp(LABEL, 36.0).min(height * 0.6).max(NAME_LEAST);
        let widest = |texts: &mut dyn Iterator<Item = String>, weight: Weight| {
            texts.map(|text| text_width(&text, font, weight)).fold(0.0, f64::max)
        };
        let names = &mut run.variants.iter().map(|variant| words::short(&variant.name));
        let values = &mut run.variants.iter().map(|variant| match variant.metric(METRIC) {
            Some(_) => form.value(variant),
            None => String::new(),
        });
        let names = widest(names, Weight::SemiBold).min(body.width() * 0.32);
        let values = widest(values, Weight::Regular).min(body.width() * 0.32);
        let area = Area {
            left: body.left + names + 30.0,
            top: body.top,
            right: body.right - values - 34.0,
            bottom: body.top + height * order.len() as f64,
        };
        let y = Scale::exact(0.0, 1.0, |_| String::new());
        let plot = Plot { area, x: form.scale(&words::with(run, METRIC)), y };
        Rows { form, order, plot, height, font }
    }

    fn draw(&self, run: &Run, style: Style, page: &mut Page) {
        // Without a value there is nothing to have a scale of.
        if run.variants.iter().any(|it| it.metric(METRIC).is_some()) {
            self.axis(page);
        }
        let looks = run.looks(style.theme);
        let names: Vec<String> = run.variants.iter().map(|it| words::short(&it.name)).collect();
        let room = self.plot.area.left - page.body.left - 24.0;
        let texts = names.iter().map(String::as_str);
        let size = all_shrunk(texts, room, self.font, NAME_LEAST, Weight::SemiBold);
        for (row, index) in self.order.iter().enumerate() {
            let variant = &run.variants[*index];
            let middle = self.plot.area.top + self.height * (row as f64 + 0.5);
            let baseline = middle + self.font * 0.35;
            let (left, area) = (page.body.left, self.plot.area);
            page.name((left, baseline), &names[*index], room, size);
            let text = self.form.value(variant);
            match variant.metric(METRIC) {
                None => {
                    let room = page.body.right - area.left - 16.0;
                    let text = fit(&text, room, self.font, Weight::Regular);
                    let style = page.muted(self.font);
                    super::frame::note(page, (area.left + 16.0, baseline), &text, style);
                }
                Some(value) => {
                    self.value(page, value, middle, looks[*index]);
                    let room = page.body.right - area.right - 20.0;
                    let size = shrunk(&text, room, self.font, NAME_LEAST, Weight::Regular);
                    let style = Text { anchor: Anchor::End, ..page.ink(size) };
                    let text = fit(&text, room, size, Weight::Regular);
                    page.say((page.body.right, baseline), &text, style);
                }
            }
        }
    }

    fn value(&self, page: &mut Page, value: Measured, y: f64, look: Look) {
        let factor = self.form.factor();
        let (low, high) = value.range();
        let x = |value: f64| self.plot.x_at(value * factor);
        let thick = (self.height * 0.07).clamp(3.0, 5.0);
        let radius = (self.height * 0.14).clamp(8.0, 13.0);
        let cap = radius + 5.0;
        if self.form == Form::Decades {
            page.point((x(value.mean), y), radius, look, value.is_bound());
        } else {
            let (from, to) = (x(0.0), x(value.mean));
            let tall = (self.height * 0.52).min(120.0);
            let corner = (from, y - tall / 2.0);
            page.svg.rectangle(corner, (to - from, tall), 3.0, look.color, 1.0);
        }
        let (from, to) = (x(low), x(high));
        let color = page.theme.ink();
        if value.is_bound() {
            page.svg.line(&[(x(0.0), y), (to, y)], thick, look.color, &[2.0, 1.6]);
            page.rule((to, y - cap), (to, y + cap), thick, look.color);
        } else if value.interval.is_some() {
            // On top, and with ends that stand out of the point, however short it is.
            page.rule((from, y), (to, y), thick, color);
            for end in [from, to] {
                page.rule((end, y - cap), (end, y + cap), thick * 0.7, color);
            }
        }
    }

    fn axis(&self, page: &mut Page) {
        let area = self.plot.area;
        let grid = page.theme.grid();
        for (value, _) in &self.plot.x.ticks {
            let line = vec![(*value, 0.0), (*value, 1.0)];
            let drawn = self.plot.draw(&Mark::Line(line, 2.0, grid, &[]));
            page.svg.raw(&drawn);
        }
        // Nothing stands below the values at the right.
        x_axis(page, &self.plot, page.body.right - area.right);
        let unit = if self.form == Form::Percent { "% of reads" } else { "per million reads" };
        let size = shrunk(unit, area.width(), TICK, LABEL_LEAST * 0.6, Weight::Regular);
        let style = Text { anchor: Anchor::End, ..page.muted(size) };
        page.say((area.right, area.bottom + TICK * 2.6), unit, style);
    }
}
