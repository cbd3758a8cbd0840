//! The JSON schema of scenario files, for completion and hover texts in editors. It is made of
//! the same list of fields the parser reads. Draft 7, which is what TOML editors understand.

use serde_json::{Map, Value, json};

use super::fields::{self, Field, Kinds, Shape};
use super::model::FAULTS;
use super::values;
use crate::metrics::METRICS;
use crate::op::{Component, OP_KINDS};
use crate::strategies::{self, Info, ParamKind};

/// The JSON schema of scenario files.
pub fn schema() -> Value {
    let mut schema = table(fields::SCENARIO);
    let top = schema.as_object_mut().expect("a table's schema is an object");
    top.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
    top.insert("title".into(), json!("stalelab scenario"));
    top.insert("required".into(), json!(["workload", "variant"]));
    top.insert(
        "definitions".into(),
        json!({
            "duration": {
                "type": "string",
                "description": "A duration: a number and a unit, as 250us, 5ms, 1m 30s, 24h.",
                "pattern": "^\\s*([0-9]+\\s*[a-z]+\\s*)+$",
                "examples": ["250us", "5ms", "60s", "24h"],
            },
            "distribution": distribution(),
            "popularity": one_of(fields::POPULARITIES, &["uniform"]),
        }),
    );
    schema
}

fn table(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), described(field))).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn described(field: &Field) -> Value {
    let mut doc = field.doc.to_owned();
    if !field.default.is_empty() {
        doc.push_str(&format!(" Default: {}.", field.default));
    }
    let mut value = match (field.name, field.shape) {
        ("metric", Shape::Text) => {
            json!({ "enum": METRICS.iter().map(|metric| metric.name).collect::<Vec<_>>() })
        }
        ("operation", Shape::Text) => json!({ "enum": OP_KINDS.iter()
            .filter(|(_, component)| *component != Component::Local)
            .map(|(name, _)| *name).collect::<Vec<_>>() }),
        _ => shape(field.shape),
    };
    if let Some((_, does)) = FAULTS.iter().find(|(name, _)| *name == field.name) {
        doc.push_str(&format!(" ({does})"));
    }
    if let Some(object) = value.as_object_mut() {
        // Draft 7 ignores what stands beside a $ref.
        if let Some(reference) = object.remove("$ref") {
            object.insert("allOf".into(), json!([{ "$ref": reference }]));
        }
        object.insert("description".into(), json!(doc));
    }
    value
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Title => json!({ "type": "string", "minLength": 1 }),
        Shape::Seed => json!({ "type": "integer", "minimum": 0 }),
        Shape::Count(limits) => {
            json!({ "type": "integer", "minimum": limits.least, "maximum": limits.most })
        }
        Shape::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Shape::Part => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Positive => {
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": values::POSITIVE_MOST })
        }
        Shape::Duration { .. } => json!({ "$ref": "#/definitions/duration" }),
        Shape::Distribution => json!({ "$ref": "#/definitions/distribution" }),
        Shape::Popularity => json!({ "$ref": "#/definitions/popularity" }),
        Shape::PopularityOrSame => json!({
            "oneOf": [{ "const": "same" }, { "$ref": "#/definitions/popularity" }]
        }),
        Shape::Arrivals => one_of(fields::ARRIVALS, &[]),
        Shape::Replications => replications(),
        Shape::Journey => one_of(fields::JOURNEYS, &["independent"]),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Strategy => {
            json!({ "oneOf": strategies::ALL.iter().map(strategy).collect::<Vec<_>>() })
        }
        Shape::Overrides => overrides(),
        Shape::Table(fields) => table(fields),
        Shape::Tables(fields) => json!({ "type": "array", "items": table(fields) }),
        Shape::Nothing => json!({ "type": "object", "additionalProperties": false }),
    }
}

fn tagged(name: &str, content: &Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": [name],
        "properties": { name: content },
    })
}

fn one_of(kinds: Kinds, words: &[&str]) -> Value {
    let words = words.iter().map(|word| json!({ "const": word }));
    let kinds = kinds.iter().map(|(name, content)| tagged(name, &shape(*content)));
    json!({ "oneOf": words.chain(kinds).collect::<Vec<_>>() })
}

fn replications() -> Value {
    let number = shape(Shape::Count(fields::REPLICATIONS_LIMITS));
    let kinds = fields::REPLICATIONS.iter();
    let kinds = kinds.map(|(name, content)| tagged(name, &shape(*content)));
    json!({ "oneOf": std::iter::once(number).chain(kinds).collect::<Vec<_>>() })
}

fn distribution() -> Value {
    let constant = json!({ "$ref": "#/definitions/duration" });
    let kinds = fields::DISTRIBUTIONS.iter();
    let kinds = kinds.map(|(name, content)| tagged(name, &shape(*content)));
    json!({
        "description": "A distribution of a length of time; a plain duration is a constant.",
        "oneOf": std::iter::once(constant).chain(kinds).collect::<Vec<_>>(),
    })
}

fn strategy(info: &Info) -> Value {
    let mut required = Vec::new();
    let mut properties = Map::new();
    for param in info.params {
        let (mut value, default) = match param.kind {
            ParamKind::RequiredSpan => {
                required.push(param.name);
                (json!({ "allOf": [{ "$ref": "#/definitions/duration" }] }), "required".to_owned())
            }
            ParamKind::OptionalSpan(default) => (
                json!({ "allOf": [{ "$ref": "#/definitions/duration" }] }),
                format!("default: {default}"),
            ),
            ParamKind::Flag(default) => {
                (json!({ "type": "boolean" }), format!("default: {default}"))
            }
        };
        if let Some(object) = value.as_object_mut() {
            object.insert("description".into(), json!(format!("{} ({default})", param.doc)));
        }
        properties.insert(param.name.to_owned(), value);
    }
    let content = json!({
        "type": "object",
        "description": info.summary,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    });
    tagged(info.name, &content)
}

fn overrides() -> Value {
    let tables = [
        ("workload", fields::WORKLOAD),
        ("cache", fields::CACHE),
        ("database", fields::DATABASE),
        ("servers", fields::SERVERS),
    ];
    let mut properties = Map::new();
    for (name, fields) in tables {
        properties.insert(name.to_owned(), table(fields));
        for field in fields {
            properties.insert(format!("{name}.{}", field.name), described(field));
        }
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}
