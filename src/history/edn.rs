//! A reader for the part of EDN that histories are written in: one map with keywords for keys. What
//! is not asked for is passed over, whatever it is.
//!
//! The notation: <https://github.com/edn-format/edn>.

use super::mistake::At;

/// A value, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value<'a> {
    /// The column, from 1 on.
    pub(super) column: usize,
    pub(super) is: Is<'a>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Is<'a> {
    Nil,
    Whole(i64),
    /// With its colon.
    Keyword(&'a str),
    /// Without its quotes, and not yet without its escapes.
    Text(&'a str),
    /// A list or a vector, without its brackets.
    Vector(&'a str),
    /// Something else.
    Other(&'a str),
}

impl Value<'_> {
    /// The value as it is written, for a message.
    pub(super) fn written(&self) -> String {
        const LONGEST: usize = 40;
        let text = match self.is {
            Is::Nil => "nil".to_owned(),
            Is::Whole(number) => number.to_string(),
            Is::Keyword(text) | Is::Other(text) => text.to_owned(),
            Is::Text(text) => format!("\"{text}\""),
            Is::Vector(text) => format!("[{text}]"),
        };
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

/// A place in a line.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    place: usize,
    /// The column of the text's first byte.
    first: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, first: usize) -> Cursor<'a> {
        Cursor { text, place: 0, first }
    }

    pub(super) fn column(&self) -> usize {
        self.first + self.place
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, At> {
        Err(At::new(self.column(), message))
    }

    /// Passes over blanks, commas, comments and what is discarded.
    pub(super) fn skip_blanks(&mut self) -> Result<(), At> {
        loop {
            let rest = self.rest();
            let blank = |c: char| c.is_whitespace() || c == ',';
            let trimmed = rest.trim_start_matches(blank);
            self.place += rest.len() - trimmed.len();
            if trimmed.starts_with(';') {
                self.place = self.text.len();
            } else if trimmed.starts_with("#_") {
                self.place += 2;
                self.value()?;
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// The next value. A tag before it says nothing that is needed here.
    pub(super) fn value(&mut self) -> Result<Value<'a>, At> {
        self.skip_blanks()?;
        while self.rest().starts_with('#') && !self.rest().starts_with("#{") {
            self.place += 1;
            self.token();
            self.skip_blanks()?;
        }
        let column = self.column();
        let start = self.place;
        let is = match self.rest().bytes().next() {
            None => return self.error("the line ends here; accepted: a value"),
            Some(b'"') => self.text()?,
            Some(b'[' | b'(') => {
                self.skip_nested()?;
                Is::Vector(&self.text[start + 1..self.place - 1])
            }
            Some(b'{' | b'#') => {
                self.skip_nested()?;
                Is::Other(&self.text[start..self.place])
            }
            Some(b']' | b')' | b'}') => {
                return self.error("a bracket that was not opened; accepted: a value");
            }
            Some(_) => self.atom(),
        };
        Ok(Value { column, is })
    }

    /// Passes over what is neither blank nor bracket.
    fn token(&mut self) -> &'a str {
        let ends = |c: char| c.is_whitespace() || ",;\"()[]{}".contains(c);
        let rest = self.rest();
        // A character may be any, a bracket too.
        let least = match rest.strip_prefix('\\') {
            Some(after) => 1 + after.chars().next().map_or(0, char::len_utf8),
            None => 0,
        };
        let length = rest[least..].find(ends).map_or(rest.len(), |end| least + end);
        self.place += length;
        &rest[..length]
    }

    fn atom(&mut self) -> Is<'a> {
        let token = self.token();
        if token == "nil" {
            return Is::Nil;
        }
        let digits = token.strip_suffix('N').unwrap_or(token);
        match digits.parse() {
            Ok(number) => Is::Whole(number),
            Err(_) if token.starts_with(':') => Is::Keyword(token),
            Err(_) => Is::Other(token),
        }
    }

    fn text(&mut self) -> Result<Is<'a>, At> {
        let inside = &self.rest()[1..];
        let mut escaped = false;
        for (place, c) in inside.char_indices() {
            match c {
                '"' if !escaped => {
                    self.place += place + 2;
                    return Ok(Is::Text(&inside[..place]));
                }
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        self.error("a text that does not end on this line; accepted: a closing \"")
    }

    /// Passes over brackets and all that is between them, however deep.
    fn skip_nested(&mut self) -> Result<(), At> {
        let opened_at = self.column();
        let mut open: Vec<u8> = Vec::new();
        loop {
            let Some(next) = self.rest().bytes().next() else {
                let message = "a bracket that is not closed on this line; accepted: one operation \
                               a line";
                return Err(At::new(opened_at, message));
            };
            match next {
                b'[' => open.push(b']'),
                b'(' => open.push(b')'),
                b'{' => open.push(b'}'),
                b']' | b')' | b'}' => {
                    if open.pop() != Some(next) {
                        return self.error("a bracket that closes another one");
                    }
                }
                b'"' => {
                    self.text()?;
                    continue;
                }
                b',' | b'#' => {}
                b';' => {
                    self.place = self.text.len();
                    continue;
                }
                next if next.is_ascii_whitespace() => {}
                _ => {
                    let before = self.place;
                    self.token();
                    // Blanks beyond ASCII are no token either.
                    let blank = self.rest().chars().next().map_or(0, char::len_utf8);
                    self.place += if self.place == before { blank } else { 0 };
                    continue;
                }
            }
            self.place += 1;
            if open.is_empty() && next != b'#' {
                return Ok(());
            }
        }
    }
}

/// What a text says once its escapes are resolved; the same as those of JSON.
pub(super) fn unescaped(text: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{text}\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<Vec<Is<'_>>, At> {
        let mut cursor = Cursor::new(text, 1);
        let mut values = Vec::new();
        cursor.skip_blanks()?;
        while !cursor.is_at_end() {
            values.push(cursor.value()?.is);
            cursor.skip_blanks()?;
        }
        Ok(values)
    }

    #[test]
    fn values_are_told_apart() {
        let text = r#" nil 12 -3,7N :ok "a \" b" [x 5] (1) 1.5 {:a [}] 2} "#;
        assert!(values(text).is_err(), "the brackets do not match");
        let text = r#" nil 12 -3,7N :ok "a \" b" [x 5] (1) 1.5 {:a ["}"] 2 #{\] 4}} x ; nil"#;
        let expected = [
            Is::Nil,
            Is::Whole(12),
            Is::Whole(-3),
            Is::Whole(7),
            Is::Keyword(":ok"),
            Is::Text(r#"a \" b"#),
            Is::Vector("x 5"),
            Is::Vector("1"),
            Is::Other("1.5"),
            Is::Other(r#"{:a ["}"] 2 #{\] 4}}"#),
            Is::Other("x"),
        ];
        assert_eq!(values(text).expect("it is EDN"), expected);
    }

    #[test]
    fn tags_and_what_is_discarded_are_passed_over() {
        let text = "#inst \"2020\" #_ [1 2] #jepsen.history.Op {:a 1} #{1}";
        let expected = [Is::Text("2020"), Is::Other("{:a 1}"), Is::Other("#{1}")];
        assert_eq!(values(text).expect("it is EDN"), expected);
    }

    #[test]
    fn mistakes_have_a_column() {
        for (text, column) in [("[1 2", 1), ("nil ]", 5), ("  \"abc", 3), ("[(])", 3), ("#_", 3)] {
            assert_eq!(values(text).map_err(|at| at.column), Err(column), "{text}");
        }
    }

    #[test]
    fn nothing_nests_too_deep_and_no_text_is_cut_inside_a_character() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(values(&deep).expect("it is EDN").len(), 1);
        let value = Value { column: 1, is: Is::Other(&"é".repeat(50)) };
        assert_eq!(value.written().chars().count(), 41);
        assert!(values("[é\u{a0}é] é\\é \\é").is_ok());
        assert_eq!(unescaped(r"a\nb").as_deref(), Some("a\nb"));
    }
}
