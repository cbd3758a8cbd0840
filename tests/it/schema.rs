//! The JSON schema and the parser accept the same keys, in every table there is.
//!
//! The schema is walked; for each of its tables a scenario is made that has a key of no meaning
//! there, and for each of its keys one that has a date there, which is the value of nothing.

use serde_json::Value as Schema;
use stalelab::scenario::{Diagnostics, Input, parse, schema};
use toml::{Table, Value};

/// A step on the way into a scenario.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    /// The first element of an array of tables.
    First,
}

/// What the schema says of one table: the keys it may have, or the kinds it may name.
#[derive(Debug)]
struct Found {
    path: Vec<Step>,
    keys: Vec<String>,
}

fn resolve<'a>(root: &'a Schema, node: &'a Schema) -> &'a Schema {
    let reference = node["$ref"].as_str().or_else(|| node["allOf"][0]["$ref"].as_str());
    match reference.and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).expect("what is referred to is there"),
        None => node,
    }
}

/// The keys of a table and the schemas of their values.
fn properties(node: &Schema) -> impl Iterator<Item = (&String, &Schema)> {
    node["properties"].as_object().into_iter().flatten()
}

/// Collects the tables below this place.
fn walk(root: &Schema, node: &Schema, path: &[Step], found: &mut Vec<Found>) {
    let node = resolve(root, node);
    if node["type"] == "array" {
        walk(root, &node["items"], &[path, &[Step::First]].concat(), found);
    }
    if node["type"] == "object" {
        assert_eq!(node["additionalProperties"], false, "{path:?}");
        let keys = properties(node).map(|(key, _)| key.clone()).collect();
        found.push(Found { path: path.to_vec(), keys });
    }
    let kinds = alternatives(root, node);
    let kinds: Vec<(&String, &Schema)> = kinds.iter().flat_map(|kind| properties(kind)).collect();
    if !kinds.is_empty() {
        let keys = kinds.iter().map(|(key, _)| (*key).clone()).collect();
        found.push(Found { path: path.to_vec(), keys });
    }
    for (key, value) in properties(node).chain(kinds) {
        walk(root, value, &[path, &[Step::Key(key.clone())]].concat(), found);
    }
}

/// The alternatives of a value, and theirs.
fn alternatives<'a>(root: &'a Schema, node: &'a Schema) -> Vec<&'a Schema> {
    let direct = node["oneOf"].as_array().into_iter().flatten();
    direct
        .flat_map(|one| {
            let one = resolve(root, one);
            [vec![one], alternatives(root, one)].concat()
        })
        .collect()
}

fn found() -> Vec<Found> {
    let (root, mut found) = (schema(), Vec::new());
    walk(&root, &root, &[], &mut found);
    found
}

/// What is said of a scenario with this value under this path, and little else.
fn said(path: &[Step], value: Value) -> Diagnostics {
    let mut scenario: Value = "[[variant]]".parse::<Table>().expect("TOML").into();
    *enter(&mut scenario, path) = value;
    let text = toml::to_string(&scenario).expect("it is TOML");
    let input = Input::from_text("made up", &text);
    parse(&input, &[]).expect_err("it is no scenario")
}

/// The value under a path, made on the way.
fn enter<'a>(mut value: &'a mut Value, path: &[Step]) -> &'a mut Value {
    for step in path {
        value = match step {
            Step::Key(key) => {
                if !value.is_table() {
                    *value = Table::new().into();
                }
                let table = value.as_table_mut().expect("made above");
                table.entry(key).or_insert_with(|| Table::new().into())
            }
            Step::First => {
                if !value.is_array() {
                    *value = vec![Value::from(Table::new())].into();
                }
                &mut value.as_array_mut().expect("made above")[0]
            }
        };
    }
    value
}

/// What stands in backticks, or before `=` in braces, after "accepted:".
fn accepted(help: &str) -> Vec<String> {
    let list = help.split("accepted: ").nth(1).unwrap_or_default();
    let mut words: Vec<String> = list
        .split(", ")
        .filter(|word| !word.is_empty() && !word.starts_with('"'))
        .map(|word| word.trim_matches(|c: char| "`{}=… ".contains(c)).to_owned())
        .collect();
    words.sort();
    words
}

#[test]
fn every_table_accepts_the_keys_of_its_schema_and_says_so() {
    for Found { path, mut keys } in found() {
        let nonsense = [&path[..], &[Step::Key("xyzzy".into())]].concat();
        let said = said(&nonsense, Table::new().into());
        let about = said.iter().find(|one| one.message.contains("`xyzzy`"));
        let about = about.unwrap_or_else(|| panic!("{path:?} takes a key of no meaning: {said:?}"));
        let help = about.help.as_deref().unwrap_or_default();
        if path.last() == Some(&Step::Key("set".into())) {
            // It says so in a sentence; the test below tries them all.
            assert_eq!(about.code, "S016", "{about:?}");
            continue;
        }
        keys.sort();
        assert_eq!(accepted(help), keys, "{path:?}: {about:?}");
    }
}

#[test]
fn every_key_of_the_schema_is_read() {
    let date: Value = "1979-05-27".parse::<toml::value::Datetime>().expect("a date").into();
    let mut tried = 0;
    for Found { path, keys } in found() {
        for key in keys {
            let path = [&path[..], &[Step::Key(key)]].concat();
            let said = said(&path, date.clone());
            let read = said.iter().any(|one| one.message.contains("a date"));
            assert!(read, "{path:?} is not read: {said:?}");
            tried += 1;
        }
    }
    assert!(tried > 300, "the schema has many more keys than {tried}");
}
