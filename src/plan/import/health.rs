//! The health contract and further endpoints in running text.

use super::claims::{Claims, Value, key};
use super::statements::{Pattern, Statement};

static PATH: Pattern = Pattern::new(
    "/",
    r"(?:get\s+|expose[sd]?\s+|asks?\s+|endpoints?\W{0,5}\s*|path\W{0,5}\s*)`?(?:get\s+)?(/[a-z0-9_./-]*[a-z0-9_-])",
);
static HEALTHZ: Pattern =
    Pattern::new("health", r"(?:^|[\s`(])(/[a-z0-9_./-]*health[a-z]{0,2})(?:[\s`),;]|\.?$|\. )");
static JSON: Pattern = Pattern::new(
    "{",
    r#"\{\s*("?[a-z_][a-z0-9_.]*"?\s*:\s*(?:"[^"{}]*"|true|false|\d+(?:\.\d+)?)(?:\s*,\s*"?[a-z_][a-z0-9_.]*"?\s*:\s*(?:"[^"{}]*"|true|false|\d+(?:\.\d+)?))*)\s*\}"#,
);
static STATUS: Pattern = Pattern::new("http", r"\bhttp\s+(2\d\d)\b");
static LABEL: Pattern = Pattern::new("label", "label:?\\s+`([a-z0-9_.-]+)`");
static INTERVAL: Pattern = Pattern::new(
    "",
    r"(?:\bevery|\binterval\W{0,4}(?:of|is)?)\s*`?(\d+(?:\.\d+)?)\s*(ms|seconds?|secs?|minutes?|min|s|m)\b",
);
static TIMEOUT: Pattern = Pattern::new(
    "",
    r"(?:\btime-?out\W{0,4}(?:of|is|after)?|\bwaits(?: for)?(?: up to)?|\banswers? within)\s*`?(\d+(?:\.\d+)?)\s*(ms|seconds?|secs?|minutes?|min|s|m)\b",
);
static START: Pattern = Pattern::new(
    "",
    r"(?:\bstart[- ]period\W{0,4}(?:of|is)?|\bgrace period\W{0,4}(?:of|is)?|\bforgives the first|\bfirst)\s*`?(\d+(?:\.\d+)?)\s*(ms|seconds?|secs?|minutes?|min|s|m)\b",
);
static RETRIES: Pattern = Pattern::new(
    "",
    r"\bretries\W{0,4}(?:is)?\s*`?(\d{1,4})\b|\b(\d{1,4})\s+(?:retries|tries|attempts|failed tries|failures)\b",
);
static METRICS: Pattern =
    Pattern::new("metrics", r"(?:^|[\s`(])(/[a-z0-9_./-]*metrics)(?:[\s`),;]|\.?$|\. )");
static METRIC_NAMES: Pattern = Pattern::new(
    "metrics",
    r"^(?:prometheus )?metrics(?: names)?\s*:\s*(`?[a-z_:][a-z0-9_:]*`?(?:\s*,\s*`?[a-z_:][a-z0-9_:]*`?)+)\.?$",
);

#[cfg(test)]
pub(super) static ALL: [&Pattern; 11] =
    [&PATH, &HEALTHZ, &JSON, &STATUS, &LABEL, &INTERVAL, &TIMEOUT, &START, &RETRIES, &METRICS, &METRIC_NAMES];

/// Reads one statement.
pub(super) fn read(statement: &Statement, claims: &mut Claims) {
    metrics(statement, claims);
    if !statement.speaks_of(&["health"]) {
        return;
    }
    path(statement, claims);
    answer(statement, claims);
    for found in LABEL.find_all(&statement.lower) {
        let Some(range) = found[1].clone() else { continue };
        let (at, name) = (range.start, statement.text.get(range).unwrap_or("").to_owned());
        if statement.lower.contains("port") && !name.starts_with("org.") {
            claims.add(
                key(["health", "label"]),
                Value::Text(name),
                statement.offset(at),
                statement.voice(at, &[]),
            );
        }
    }
    timing(statement, claims);
}

fn path(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    // A word for it and a path, or a path that says it.
    let spoken = if lower.contains("health") { PATH.find_all(lower) } else { Vec::new() };
    for found in spoken.into_iter().chain(HEALTHZ.find_all(lower)) {
        let Some(range) = found[1].clone() else { continue };
        let at = range.start;
        let path = statement.text.get(range).unwrap_or("");
        let file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        // `/metrics` in the same paragraph is another endpoint, and `/usr/bin/health` is a program.
        let health =
            path.contains("health") || path.matches('/').count() == 1 && lower.contains("health endpoint");
        if !file
            && health
            && !path.starts_with("/usr/")
            && !path.starts_with("/bin/")
            && !path.contains("metrics")
        {
            let value = Value::Text(path.to_owned());
            claims.add(key(["health", "path"]), value, statement.offset(at), statement.voice(at, &[]));
        }
    }
}

fn answer(statement: &Statement, claims: &mut Claims) {
    for found in JSON.find_all(&statement.lower) {
        let Some(range) = found[1].clone() else { continue };
        let at = range.start;
        for field in statement.text.get(range).unwrap_or("").split(',') {
            let Some((name, value)) = field.split_once(':') else { continue };
            let value = scalar(value.trim());
            let name = key(["health", "expect", name.trim().trim_matches('"')]);
            claims.add(name, value, statement.offset(at), statement.voice(at, &[]));
        }
    }
    for found in STATUS.find_all(&statement.lower) {
        let Some(range) = found[1].clone() else { continue };
        let (at, code) = (range.start, statement.lower.get(range).and_then(|code| code.parse().ok()));
        // 200 is what is meant where nothing is said.
        if let Some(code) = code.filter(|code| *code != 200) {
            let voice = statement.voice(at, &[]);
            claims.add(key(["health", "status"]), Value::Number(code), statement.offset(at), voice);
        }
    }
}

/// A JSON scalar as a value.
pub(super) fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        _ => match text.parse::<u64>() {
            Ok(number) if number <= i64::MAX as u64 && (text == "0" || !text.starts_with('0')) => {
                Value::Number(number)
            }
            _ => Value::Text(text.trim_matches('"').to_owned()),
        },
    }
}

fn timing(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    for (name, pattern) in [("interval", &INTERVAL), ("timeout", &TIMEOUT), ("start-period", &START)] {
        for found in pattern.find_all(lower) {
            let (Some(number), Some(unit)) = (found[1].clone(), found[2].clone()) else { continue };
            let at = number.start;
            let (Some(number), Some(unit)) = (lower.get(number), lower.get(unit)) else { continue };
            let unit = match unit {
                "ms" => "ms",
                unit if unit.starts_with('m') => "m",
                _ => "s",
            };
            let value = Value::Text(format!("{number}{unit}"));
            claims.add(key(["health", name]), value, statement.offset(at), statement.voice(at, &[]));
        }
    }
    for found in RETRIES.find_all(lower) {
        let Some(range) = found.iter().skip(1).flatten().next().cloned() else { continue };
        let at = range.start;
        if let Some(count) = lower.get(range).and_then(|count| count.parse().ok()) {
            let voice = statement.voice(at, &[]);
            claims.add(key(["health", "retries"]), Value::Number(count), statement.offset(at), voice);
        }
    }
}

/// `/metrics` in Prometheus' format.
fn metrics(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    let contract = |name: &str| key(["services", "contracts", "metrics", name]);
    for found in METRICS.find_all(lower) {
        let Some(range) = found[1].clone() else { continue };
        let at = range.start;
        let sentence = lower.get(statement.sentence(at)).unwrap_or_default();
        if !sentence.contains("prometheus") {
            continue;
        }
        let path = Value::Text(statement.text.get(range).unwrap_or("").to_owned());
        let (offset, voice) = (statement.offset(at), statement.voice(at, &[]));
        claims.add(contract("path"), path, offset, voice.clone());
        claims.add(contract("format"), Value::Text("prometheus".to_owned()), offset, voice);
    }
    for found in METRIC_NAMES.find_all(lower) {
        let Some(range) = found[1].clone() else { continue };
        let at = range.start;
        for name in statement.text.get(range).unwrap_or("").split(',') {
            let name = Value::Item(name.trim().trim_matches('`').to_owned());
            claims.add(contract("names"), name, statement.offset(at), statement.voice(at, &[]));
        }
    }
}
