//! Which keys a schema knows at one of its places: its own, and those of what it refers to.

use serde_json::Value;

/// The keys that the schema which holds a keyword knows; `keyword` is a JSON pointer (`/$defs/service/additionalProperties`).
pub(super) fn keys<'s>(schema: &'s Value, keyword: &str) -> Vec<&'s str> {
    let holder = keyword.rsplit_once('/').map_or("", |(holder, _)| holder);
    let mut found = Vec::new();
    let mut open: Vec<&Value> = schema.pointer(holder).into_iter().collect();
    let mut seen: Vec<*const Value> = Vec::new();
    while let Some(part) = open.pop() {
        if seen.contains(&std::ptr::from_ref(part)) {
            continue;
        }
        seen.push(part);
        if let Some(properties) = part.get("properties").and_then(Value::as_object) {
            found.extend(properties.keys().map(String::as_str));
        }
        for list in ["allOf", "anyOf", "oneOf"] {
            open.extend(part.get(list).and_then(Value::as_array).into_iter().flatten());
        }
        // References into other files are never followed.
        let local = part.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
        open.extend(local.and_then(|pointer| schema.pointer(pointer)));
    }
    found.sort_unstable();
    found.dedup();
    found
}
