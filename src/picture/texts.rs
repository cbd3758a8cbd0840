//! Texts in the room there is: in lines, smaller, or cut.

use super::{Anchor, Area, Text, Weight, text_width};

/// A text in lines of this width, as many as it takes. A word that is wider is broken.
pub(crate) fn wrap(text: &str, width: f64, size: f64, weight: Weight) -> Vec<String> {
    let fits = |line: &str| text_width(line, size, weight) <= width;
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => *line = format!("{line} {word}"),
            _ => lines.extend(pieces(&word, fits)),
        }
    }
    lines
}

/// The words of a text, a number and its unit as one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches([',', '.', ';', ':', ')']);
        let is_unit = matches!(bare, "ms" | "s" | "µs" | "%");
        match words.last_mut() {
            Some(last)
                if bare == "·" || is_unit && last.ends_with(|c: char| c.is_ascii_digit()) =>
            {
                *last = format!("{last} {word}");
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// A word in pieces that fit, of at least a character each.
fn pieces(word: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    if fits(word) {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let Some(last) = pieces.last_mut() else { break };
        if last.is_empty() || fits(&format!("{last}{c}")) {
            last.push(c);
        } else {
            pieces.push(c.to_string());
        }
    }
    pieces
}

/// At the first of these sizes at which it takes no more lines than go with it; at the last one,
/// cut to them.
pub(crate) fn fitted(
    text: &str,
    width: f64,
    weight: Weight,
    sizes: &[(f64, usize)],
) -> (f64, Vec<String>) {
    let (mut size, mut lines, mut most) = (0.0, Vec::new(), 0);
    for it in sizes {
        (size, most) = *it;
        lines = wrap(text, width, size, weight);
        if lines.len() <= most {
            return (size, lines);
        }
    }
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        *last = cut_to(last, |text| text_width(&format!("{text}…"), size, weight) <= width) + "…";
    }
    (size, lines)
}

/// The longest beginning of a text that fits.
fn cut_to(text: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut text = text.to_owned();
    while !text.is_empty() && !fits(&text) {
        text.pop();
    }
    text.trim_end_matches([' ', '·']).to_owned()
}

/// A text cut to a width.
pub(crate) fn fit(text: &str, width: f64, size: f64, weight: Weight) -> String {
    if text_width(text, size, weight) <= width {
        return text.to_owned();
    }
    cut_to(text, |text| text_width(&format!("{text}…"), size, weight) <= width) + "…"
}

/// The size at which a text has a width, but no more than `size`, and no less than `least`.
pub(crate) fn shrunk(text: &str, width: f64, size: f64, least: f64, weight: Weight) -> f64 {
    let full = text_width(text, size, weight);
    // A hair less, so that rounding does not make it too wide again.
    (size * width / full.max(1.0) * 0.999).min(size).max(least)
}

/// [`shrunk`] for all of several texts.
pub(crate) fn all_shrunk<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    width: f64,
    size: f64,
    least: f64,
    weight: Weight,
) -> f64 {
    texts.into_iter().map(|text| shrunk(text, width, size, least, weight)).fold(size, f64::min)
}

/// The room a text takes.
pub(crate) fn text_area((x, y): (f64, f64), text: &str, style: Text) -> Area {
    let width = text_width(text, style.size, style.weight);
    let left = match style.anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    let (top, bottom) = (y - style.size * 0.76, y + style.size * 0.24);
    Area { left, top, right: left + width, bottom }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_they_may_be_and_lose_nothing() {
        let text = "A title that is long enough to take two lines at any size that is allowed";
        for width in [300.0, 700.0, 1_400.0] {
            let lines = wrap(text, width, 30.0, Weight::SemiBold);
            assert!(lines.iter().all(|it| text_width(it, 30.0, Weight::SemiBold) <= width));
            assert_eq!(lines.join(" "), text);
        }
        let word = "x".repeat(500);
        let lines = wrap(&word, 200.0, 20.0, Weight::Regular);
        assert!(lines.iter().all(|it| text_width(it, 20.0, Weight::Regular) <= 200.0));
        assert_eq!(lines.concat(), word);
    }

    #[test]
    fn a_number_and_its_unit_stay_together() {
        assert_eq!(words("p99 12 ms, 95 % of · it"), ["p99", "12 ms,", "95 %", "of ·", "it"]);
    }

    #[test]
    fn what_does_not_fit_is_smaller_first_and_cut_last() {
        let sizes = [(50.0, 1), (30.0, 2)];
        assert_eq!(fitted("one two", 1e9, Weight::Regular, &sizes), (50.0, vec!["one two".into()]));
        let (size, lines) = fitted("one two", 150.0, Weight::Regular, &sizes);
        assert!(size == 30.0 && lines.join(" ") == "one two", "{lines:?}");
        let (_, lines) = fitted(&"word ".repeat(90), 150.0, Weight::Regular, &sizes);
        assert!(lines.len() == 2 && lines[1].ends_with('…'), "{lines:?}");
    }

    #[test]
    fn a_shrunk_name_fits_if_it_may_be_that_small() {
        let name = "a name of thirty characters...";
        let size = shrunk(name, 200.0, 27.0, 5.0, Weight::SemiBold);
        assert!(text_width(name, size, Weight::SemiBold) <= 200.0 && size < 27.0);
        assert_eq!(shrunk(name, 2_000.0, 27.0, 5.0, Weight::SemiBold), 27.0);
    }
}
