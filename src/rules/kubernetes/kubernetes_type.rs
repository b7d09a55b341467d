//! `kubernetes-type`: a value has the type that the API server takes.
//!
//! apimachinery decodes the JSON form strictly by Go type (`pkg/runtime/serializer/json`), so a number where a text is
//! wanted ends in "cannot unmarshal number into Go struct field … of type string".

use super::typed::{Type, fields};
use crate::finding::Findings;
use crate::model::ManifestFile;
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::is_placeholder;
use crate::syntax::yaml::{Node, Resolved, Typing};

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    for object in file.objects.iter().filter(|object| object.has_known_api()) {
        out.concern(None, Some(object.label()));
        for (node, wanted) in fields(object) {
            judge(node, wanted, out);
        }
    }
}

fn judge(node: &Node, wanted: Type, out: &mut Findings) {
    let Some(scalar) = node.scalar() else {
        let what = if node.is_mapping() { "a mapping" } else { "a list" };
        out.add(&node.place, format!("is {what}, and the API server takes {} here", name(wanted)));
        return;
    };
    // An explicit tag says the type; a null is the same as no value.
    if node.tag().is_some() || scalar.is_null() || is_placeholder(&scalar.text) {
        return;
    }
    let resolved = scalar.resolve(Typing::Kubernetes);
    let (what, right) = match &resolved {
        Resolved::Null => return,
        Resolved::Text(text) if wanted == Type::Port => {
            ("the text", text.bytes().any(|byte| byte.is_ascii_alphabetic()))
        }
        Resolved::Text(_) | Resolved::Timestamp(_) => ("the text", wanted == Type::Text),
        Resolved::Bool(_) => ("the truth value", wanted == Type::Truth),
        Resolved::Int(_) => ("the number", matches!(wanted, Type::Whole | Type::Port)),
        Resolved::Float(value) => {
            ("the number", matches!(wanted, Type::Whole | Type::Port) && value.fract() == 0.0)
        }
    };
    if right {
        return;
    }
    let message = format!("is {what} `{}`, and the API server takes {} here", scalar.text, name(wanted));
    let finding = out.add(&node.place, message);
    // What an alias brought in is used elsewhere as well.
    let own = node.properties.as_ref().is_none_or(|properties| properties.alias.is_none());
    match (wanted, &resolved) {
        (Type::Text, _) if own => {
            finding.help("write it in quotes").safe_fix(node.place.clone(), format!("\"{}\"", scalar.text));
        }
        (Type::Whole | Type::Port, Resolved::Text(text)) if own && text.parse::<u32>().is_ok() => {
            finding.help("write it without quotes").safe_fix(node.place.clone(), text.to_string());
        }
        (Type::Truth, Resolved::Text(text)) if own && matches!(text.as_str(), "true" | "false") => {
            finding.help("write it without quotes").safe_fix(node.place.clone(), text.to_string());
        }
        _ => {}
    }
}

fn name(wanted: Type) -> &'static str {
    match wanted {
        Type::Text => "a text",
        Type::Whole => "a whole number",
        Type::Truth => "`true` or `false`",
        Type::Port => "a number or the name of a port",
    }
}
