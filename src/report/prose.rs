//! Paragraphs for a terminal: wrapping, and nothing else.

/// The most columns a line of text output takes.
pub const WIDTH: usize = 100;

/// Wraps `text` at spaces into lines of at most `width` characters. A word that is longer is cut.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        length += word.len();
        line.extend(word);
    }
    if length > 0 {
        lines.push(line);
    }
    lines
}

/// Wraps a name like [`wrap`], into lines of about the same length and no more of them.
pub(super) fn balanced(name: &str, width: usize) -> Vec<String> {
    let longest = name.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    let lines = wrap(name, width).len();
    let widths = longest.min(width)..=width;
    widths
        .map(|width| wrap(name, width))
        .find(|candidate| candidate.len() == lines)
        .unwrap_or_default()
}

/// `label`, then `text` beside it, wrapped to [`WIDTH`] with every further line under the first.
/// The label is padded to `label_width` characters; ends with a line break.
pub fn hanging(label: &str, label_width: usize, text: &str) -> String {
    let mut out = String::new();
    for (number, line) in wrap(text, WIDTH.saturating_sub(label_width)).iter().enumerate() {
        let label = if number == 0 { label } else { "" };
        out.push_str(format!("{label:label_width$}{line}").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefghij b", 4), ["a", "abcd", "efgh", "ij b"]);
        assert!(wrap("  ", 4).is_empty());
    }

    #[test]
    fn a_name_is_not_left_with_a_widow() {
        assert_eq!(balanced("delete on write, 60 s", 20), ["delete on", "write, 60 s"]);
        assert_eq!(balanced("no cache", 20), ["no cache"]);
        assert_eq!(balanced("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert!(balanced("", 4).is_empty());
    }

    #[test]
    fn a_paragraph_hangs_under_its_label() {
        let text = hanging("no cache", 12, &"word ".repeat(30));
        assert!(text.starts_with("no cache    word word"));
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("            word")));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    }
}
