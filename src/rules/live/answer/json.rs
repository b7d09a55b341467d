//! A JSON body against the fields and the schema of its contract.

use serde_json::Value;

use super::http::looks_like_html;
use super::text::excerpt;
use super::{Fault, phrase, shown};
use crate::model::{
    BodyFormat, BodyReading, EndpointContract, HttpAnswer, JsonReading, PlannedScalar, Spanned,
};
use crate::rules::run::is_secret;

/// Doubled keys that a message names.
const MAX_NAMED: usize = 3;

/// Judges a body that is planned to be JSON. `None`: it is none, so there is nothing more to say about it.
pub(in crate::rules::live) fn judge<'a>(
    contract: &EndpointContract,
    answer: &HttpAnswer,
    reading: &'a BodyReading,
    out: &mut Vec<Fault>,
) -> Option<&'a Value> {
    let place = &contract.place;
    let BodyReading::Json(reading) = reading else { return None };
    let value = match &reading.value {
        Ok(value) => value,
        Err(_) if looks_like_html(answer) => {
            let what =
                format!("answers {} with an HTML page{}, planned JSON", answer.status, excerpt(answer));
            out.push(
                Fault::new(what, place).help("another service, a proxy or a login page may stand there"),
            );
            return None;
        }
        Err(why) => {
            let status = answer.status;
            let what = format!("answers {status} with no JSON{}: {}", excerpt(answer), shown(why));
            out.push(Fault::new(what, place));
            return None;
        }
    };
    let schema_alone =
        contract.schema.is_some() && contract.expect.is_empty() && contract.format == BodyFormat::Json;
    if !value.is_object() && !schema_alone {
        let what = format!("answers with {}, planned a JSON object", kind(value));
        out.push(Fault::new(what, place));
        return None;
    }
    readers_differ(reading, contract, out);
    fields(contract, value, out);
    if let Some(schema) = &contract.schema
        && let Some(fault) = schema.value.schema.first_fault(value)
    {
        let what = format!("breaks `{}`: {}", schema.value.name, phrase(&fault.message));
        out.push(Fault::new(what, &schema.place));
    }
    if reading.has_bom {
        let what = "starts its JSON with a byte order mark, which JSON forbids";
        out.push(Fault::new(what, place).help("readers that follow RFC 8259 refuse it"));
    }
    Some(value)
}

/// Keys that stand twice: of two values some readers take the first, most the last.
fn readers_differ(reading: &JsonReading, contract: &EndpointContract, out: &mut Vec<Fault>) {
    if reading.duplicates.is_empty() {
        return;
    }
    let keys: Vec<String> =
        reading.duplicates.iter().take(MAX_NAMED).map(|key| format!("`{}`", shown(key))).collect();
    let what = format!("says {} twice in one object", keys.join(" and "));
    let planned = contract.expect.iter().find(|(path, _)| reading.duplicates.contains(path));
    let place = planned.map_or(&contract.place, |(_, value)| &value.place);
    out.push(Fault::new(what, place).help("some readers take the first value, most the last"));
}

/// Fields that are not what the contract expects.
fn fields(contract: &EndpointContract, body: &Value, out: &mut Vec<Fault>) {
    for (path, planned) in &contract.expect {
        let what = match find(body, path) {
            Some(value) if planned.value.is(value) => continue,
            Some(Value::String(text)) if is_secret(path, text) => {
                format!("says `{path}` is another text than planned")
            }
            Some(value) => format!("says `{path}` is {}, planned {}", said(value), wanted(planned, value)),
            None => format!("says no `{path}`, planned `{}`", planned.value),
        };
        out.push(Fault::new(what, &planned.place));
    }
}

/// The value at a dotted path; a key that holds dots itself is found too, and numbers count the items of lists.
fn find<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = body;
    let mut rest = path;
    loop {
        if let Some(found) = value.get(rest) {
            return Some(found);
        }
        if let Value::Array(items) = value
            && let Some(found) = rest.parse().ok().and_then(|at: usize| items.get(at))
        {
            return Some(found);
        }
        let (step, further) = rest.split_once('.')?;
        value = match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            value => value.get(step)?,
        };
        rest = further;
    }
}

/// A value of an answer, as a message shows it.
fn said(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::String(text) => format!("`{}`", super::text::clip(text)),
        Value::Number(_) | Value::Bool(_) | Value::Null => format!("`{value}`"),
        value => kind(value).to_owned(),
    }
}

/// The planned value; with its kind where the two look the same.
fn wanted(planned: &Spanned<PlannedScalar>, found: &Value) -> String {
    let plain = planned.value.to_string();
    let same = match found {
        Value::String(text) => *text == plain,
        Value::Bool(flag) => plain == if *flag { "true" } else { "false" },
        Value::Number(number) => plain.parse().is_ok_and(|parsed: serde_json::Number| parsed == *number),
        _ => false,
    };
    match (&planned.value, same) {
        (PlannedScalar::Text(text), true) => format!("the text `{text}`"),
        (PlannedScalar::Number(number), true) => format!("the number `{number}`"),
        (PlannedScalar::Bool(flag), true) => format!("the truth value `{flag}`"),
        (planned, false) => format!("`{planned}`"),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
