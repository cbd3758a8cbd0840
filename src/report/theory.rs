//! What theory says of a run's variants beside what was simulated, as text and as JSON.

use serde_json::{Value, json};

use super::number::{count, significant, upper_bound, with_interval};
use super::prose::hanging;
use super::table::{BAD, DIM, GOOD, HEADING, styled};
use crate::metrics::{Estimate, Metric};
use crate::prediction::{Compared, EVENTS_MIN, Load, Prediction, Row, Says, deviations_allowed};
use crate::theory::metastability::Stability;

/// A variant's prediction, compared.
#[derive(Clone, Debug)]
pub struct Theory {
    /// The variant's name.
    pub name: String,
    /// What theory says.
    pub prediction: Prediction,
    /// A row per metric.
    pub rows: Vec<Row>,
    /// Whether the simulation found no steady state.
    pub is_unstable: bool,
    /// How many late fills it expects in the run: [`late_fills`](crate::prediction::late_fills).
    pub late_fills: Option<f64>,
}

impl Theory {
    fn count(&self, compared: Compared) -> usize {
        let values = self.rows.iter().filter(|row| !matches!(row.says, Says::Never { .. }));
        values.filter(|row| row.compared == compared).count()
    }

    /// Whether anything could be compared, and whether anything differs.
    pub fn outcome(&self) -> (bool, bool) {
        let any = |compared| self.rows.iter().any(|row| row.compared == compared);
        (any(Compared::Agrees) || any(Compared::Differs), any(Compared::Differs))
    }
}

/// The comparison of every variant. Lines of at most [`super::WIDTH`] columns.
pub fn theory(variants: &[Theory]) -> String {
    let mut out = String::new();
    // What is true of all of them is said once, at the end.
    let lines: Vec<Vec<String>> =
        variants.iter().map(|it| [never(it), unsaid(it)].concat()).collect();
    let (first, others) = lines.split_first().map_or((&[][..], &[][..]), |(a, b)| (&a[..], b));
    let common = |line: &String| !others.is_empty() && others.iter().all(|it| it.contains(line));
    for (variant, lines) in variants.iter().zip(&lines) {
        out.push_str(&format!("{}\n{}", styled(HEADING, &variant.name), table(variant)));
        lines.iter().filter(|line| !common(line)).for_each(|line| out.push_str(line));
        out.push('\n');
    }
    if first.iter().any(common) {
        out.push_str(&format!("{}\n", styled(HEADING, "All variants")));
        first.iter().filter(|line| common(line)).for_each(|line| out.push_str(line));
        out.push('\n');
    }
    let sum = |compared| variants.iter().map(|it| it.count(compared)).sum::<usize>();
    let (agree, differ) = (sum(Compared::Agrees), sum(Compared::Differs));
    let replications = variants.iter().flat_map(|it| &it.rows).filter_map(|row| row.simulated);
    let replications = replications.map(|it| it.replications).max().unwrap_or(0);
    let compared = variants
        .iter()
        .flat_map(|it| &it.rows)
        .filter(|row| matches!(row.compared, Compared::Agrees | Compared::Differs));
    let farthest = compared.filter_map(beyond).fold(0.0, f64::max);
    let mut says = format!(
        "{agree} of {} figures agree: no farther apart than what the form may be off and {} \
         standard errors (se), which {replications} replications exceed by chance once in two \
         thousand. Beyond what it may be off, the farthest is {farthest:.1} se away.",
        agree + differ,
        significant(deviations_allowed(replications), 2),
    );
    if agree + differ == 0 {
        says = "Nothing could be compared.".to_owned();
    }
    if out.contains("×÷") {
        says.push_str(" ×÷: the factor to either end of a wide interval.");
    }
    out.push_str(&hanging("", 0, &says));
    out
}

/// How many standard errors a row is away, beyond its tolerance.
fn beyond(row: &Row) -> Option<f64> {
    let Says::Value { value, tolerance, .. } = row.says else { return None };
    let error = row.standard_error.filter(|error| *error > 0.0)?;
    let apart = (row.simulated?.mean - value).abs();
    Some((apart - tolerance * value.abs()).max(0.0) / error)
}

/// The cells of a row that has a value.
struct Cells {
    glyph: String,
    text: [String; 5],
}

fn table(variant: &Theory) -> String {
    let valued = variant.rows.iter().filter(|row| matches!(row.says, Says::Value { .. }));
    let cells: Vec<Cells> = valued.map(cells).collect();
    let mut out = String::new();
    let titles = ["metric", "theory", "simulated", "apart", "may be off"].map(str::to_owned);
    let width = |column: usize| {
        let rows = cells.iter().map(|row| row.text[column].chars().count());
        rows.chain([titles[column].chars().count()]).max().unwrap_or(0)
    };
    let line = |text: &[String; 5]| {
        let cells = text.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if column == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    if !cells.is_empty() {
        out.push_str(&format!("{}\n", styled(DIM, &format!("    {}", line(&titles)))));
    }
    for row in &cells {
        out.push_str(&format!("  {} {}\n", row.glyph, line(&row.text)));
    }
    impossible(variant, &mut out);
    if let Some(load) = &variant.prediction.regime {
        out.push_str(&hanging("  ", 2, &regime(load, variant.is_unstable)));
    }
    if !variant.prediction.assumptions.is_empty() {
        out.push_str(&hanging("  ", 2, &variant.prediction.assumptions.join(" ")));
    }
    if let Some(races) = races(variant) {
        out.push_str(&hanging("  ", 2, &races));
    }
    out
}

/// How many lost races the run should have had.
fn races(variant: &Theory) -> Option<String> {
    let expected = variant.late_fills?;
    let enough = match expected {
        expected if expected <= EVENTS_MIN => format!(
            "to believe that there are none, one that is {} times as long must not show any",
            rough(EVENTS_MIN / expected)
        ),
        _ => "a run without any would have refuted it".to_owned(),
    };
    Some(format!("Theory expects {} late fills in this run: {enough}.", rough(expected)))
}

fn cells(row: &Row) -> Cells {
    let Says::Value { value, tolerance, .. } = row.says else { unreachable!("only values") };
    let metric = row.metric();
    let glyph = match row.compared {
        Compared::Agrees => styled(GOOD, "✓"),
        Compared::Differs => styled(BAD, "✗"),
        Compared::TooRare | Compared::Nothing => styled(DIM, "–"),
    };
    let apart = match (row.deviation(), row.simulated, row.expected) {
        (_, _, Some(expected)) => format!("{} expected", rough(expected)),
        (Some(errors), Some(simulated), _) => {
            let share = (simulated.mean / value - 1.0) * 100.0;
            format!("{share:+.2} % {errors:+.1} se")
        }
        (None, Some(simulated), _) if value != 0.0 => {
            format!("{:+.2} %", (simulated.mean / value - 1.0) * 100.0)
        }
        _ => String::new(),
    };
    let off = if tolerance > 0.0 {
        format!("{} %", significant(tolerance * 100.0, 2))
    } else {
        String::new()
    };
    let simulated = row.simulated.map_or("-".to_owned(), |it| simulated(metric, &it));
    Cells { glyph, text: [metric.name.to_owned(), number(metric, value), simulated, apart, off] }
}

fn rough(value: f64) -> String {
    if value >= 100.0 { count(value) } else { significant(value, 2) }
}

fn number(metric: &Metric, value: f64) -> String {
    if metric.unit == "count" { count(value) } else { significant(value, 4) }
}

fn simulated(metric: &Metric, estimate: &Estimate) -> String {
    match (estimate.zero_bound, estimate.ci95) {
        (Some(bound), _) => format!("<{}", upper_bound(bound)),
        (None, Some((low, high))) if metric.unit != "count" => {
            with_interval(estimate.mean, (low, high))
        }
        _ => number(metric, estimate.mean),
    }
}

/// What happened though it cannot.
fn impossible(variant: &Theory, out: &mut String) {
    for row in variant.rows.iter().filter(|row| row.compared == Compared::Differs) {
        let Says::Never { why } = row.says else { continue };
        let seen = significant(row.simulated.map_or(0.0, |it| it.mean), 3);
        let text = format!("{} is {seen}, and cannot be more than 0: {why}.", row.metric().name);
        out.push_str(&hanging(&format!("  {} ", styled(BAD, "✗")), 4, &text));
    }
}

/// What cannot happen and did not, by the reason.
fn never(variant: &Theory) -> Vec<String> {
    let kept = variant.rows.iter().filter(|row| row.compared != Compared::Differs);
    by_reason(kept, "Never, and not seen", |says| match says {
        Says::Never { why } => Some(why),
        _ => None,
    })
}

/// What theory says nothing of, by the reason.
fn unsaid(variant: &Theory) -> Vec<String> {
    by_reason(variant.rows.iter(), "No form", |says| match says {
        Says::Nothing { why } => Some(why),
        _ => None,
    })
}

/// A paragraph for each reason, with the metrics it is given for, and what they may be at most if
/// there was none of them.
fn by_reason<'a>(
    rows: impl Iterator<Item = &'a Row>,
    what: &str,
    reason: impl Fn(&'a Says) -> Option<&'a str>,
) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    // What no component brings about has no value either.
    for row in rows.filter(|row| row.metric().is_exercised()) {
        let Some(why) = reason(&row.says) else { continue };
        let bound = row.simulated.and_then(|it| it.zero_bound);
        let name = match bound.filter(|_| !matches!(row.says, Says::Nothing { .. })) {
            Some(bound) => format!("{} <{}", row.metric().name, upper_bound(bound)),
            None => row.metric().name.to_owned(),
        };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    let paragraphs = reasons.into_iter().map(|(why, names)| {
        let names =
            if names.len() > 20 { "all other metrics".to_owned() } else { names.join(", ") };
        hanging("  ", 2, &format!("{what} ({why}): {names}."))
    });
    paragraphs.collect()
}

fn regime(load: &Load, is_unstable: bool) -> String {
    let Load { regime, warm_connections, cold_connections, connections } = *load;
    let means = match (regime, is_unstable) {
        (Stability::Safe, false) => "safe, and the run was stable",
        (Stability::Safe, true) => "safe, and yet the run was unstable",
        (Stability::Vulnerable, false) => {
            "vulnerable to a cold cache; this run stayed or became stable"
        }
        (Stability::Vulnerable, true) => "vulnerable to a cold cache, and the run did not recover",
        (Stability::Hopeless, true) => "hopeless, and the run was unstable",
        (Stability::Hopeless, false) => "hopeless, and yet the run was stable",
    };
    format!(
        "The database is asked for {} of its {} connections with a warm cache, and for {} with a \
         cold one: {means}.",
        significant(warm_connections, 3),
        significant(connections, 3),
        significant(cold_connections, 3),
    )
}

/// The same for programs.
pub fn theory_json(variants: &[Theory]) -> Value {
    let variants = variants.iter().map(|variant| {
        json!({
            "variant": variant.name,
            "assumptions": variant.prediction.assumptions,
            "regime": variant.prediction.regime.map(|load| json!({
                "regime": format!("{:?}", load.regime).to_lowercase(),
                "warm_connections": load.warm_connections,
                "cold_connections": load.cold_connections,
                "connections": load.connections,
                "unstable": variant.is_unstable,
            })),
            "metrics": variant.rows.iter().map(row_json).collect::<Vec<_>>(),
        })
    });
    json!({ "schema_version": 1, "variants": variants.collect::<Vec<_>>() })
}

fn row_json(row: &Row) -> Value {
    let at_most = row.simulated.and_then(|it| it.zero_bound);
    let mut value = json!({
        "metric": row.metric().name,
        "unit": row.metric().unit,
        "simulated": row.simulated.map(|it| it.mean),
        "at_most": at_most,
        "standard_error": row.standard_error.filter(|_| at_most.is_none()),
        "compared": match row.compared {
            Compared::Agrees => "agrees",
            Compared::Differs => "differs",
            Compared::TooRare => "too rare to tell",
            Compared::Nothing => "nothing to compare",
        },
    });
    match &row.says {
        Says::Value { value: theory, tolerance, form } => {
            value["theory"] = json!(theory);
            value["tolerance"] = json!(tolerance);
            value["form"] = json!(form);
            value["deviation_se"] = json!(row.deviation());
        }
        Says::Never { why } => {
            value["theory"] = json!(0.0);
            value["why"] = json!(why);
        }
        Says::Nothing { why } => value["why"] = json!(why),
    }
    if let Some(expected) = row.expected {
        value["expected_events"] = json!(expected);
    }
    value
}
