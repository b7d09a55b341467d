//! `knative-scale`: autoscaling annotations stand on the template, and say what Knative takes.
//!
//! knative/serving `pkg/apis/autoscaling/annotation_validation.go` and `register.go` (keys, old spellings, bounds),
//! `pkg/apis/serving/metadata_validation.go` (where they may stand).

use std::collections::HashMap;

use super::scale::{Kind, Limit, kind_of, nearest_key, parse_seconds};
use crate::finding::Findings;
use crate::model::{Manifest, ManifestFile, Spanned};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::is_placeholder;
use crate::syntax::yaml::{Resolved, Typing};

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

const PREFIX: &str = "autoscaling.knative.dev/";

type Pair = Spanned<(smol_str::SmolStr, smol_str::SmolStr)>;

fn check(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    let knative = file.objects.iter().filter(|object| object.is_knative());
    for object in knative.filter(|object| matches!(object.kind.value.as_str(), "Service" | "Configuration")) {
        out.concern(None, Some(object.label()));
        for pair in object.annotations.iter().filter(|pair| pair.value.0.starts_with(PREFIX)) {
            let message = format!("`{}` on the {} itself is refused", pair.value.0, object.kind.value);
            out.add(&pair.place, message).help("put it under `spec.template.metadata.annotations`");
        }
        let Some(pod) = &object.pod else { continue };
        for pair in pod.labels.iter().filter(|pair| pair.value.0.starts_with(PREFIX)) {
            out.add(&pair.place, format!("`{}` is a label, and Knative reads annotations only", pair.value.0))
                .help("put it under `spec.template.metadata.annotations`");
        }
        template(&pod.annotations, out);
        concurrency(object, out);
    }
}

fn template(annotations: &[Pair], out: &mut Findings) {
    let mut said: HashMap<&str, &Pair> = HashMap::new();
    for pair in annotations {
        let Some(key) = pair.value.0.strip_prefix(PREFIX) else { continue };
        let Some((name, kind)) = kind_of(key) else {
            if let Some(near) = nearest_key(key) {
                let message = format!("Knative knows no `{}`, so it has no effect", pair.value.0);
                out.add(&pair.place, message).help(format!("write `{PREFIX}{near}`"));
            }
            continue;
        };
        if is_placeholder(&pair.value.1) {
            continue;
        }
        said.insert(name, pair);
        if let Some(wrong) = wrong_value(&pair.value.1, kind) {
            out.add(&pair.place, format!("`{}` is `{}`, {wrong}", pair.value.0, pair.value.1));
        }
    }
    metric(&said, out);
    bounds(&said, out);
}

/// What is wrong with a value of its own; `None` when nothing is.
fn wrong_value(value: &str, kind: Kind) -> Option<String> {
    match kind {
        Kind::Whole { least } => match value.parse::<i32>() {
            Ok(number) if number >= least => None,
            Ok(_) => Some(format!("and may not be below `{least}`")),
            Err(_) => Some("and has to be a whole number".to_owned()),
        },
        Kind::Number(Limit { least, most }) => match value.parse::<f64>() {
            Ok(number) if (least..=most).contains(&number) => None,
            Ok(_) if most.is_infinite() => Some(format!("and may not be below `{least}`")),
            Ok(_) => Some(format!("and has to lie between `{least}` and `{most}`")),
            Err(_) => Some("and has to be a number".to_owned()),
        },
        Kind::Burst => match value.parse::<f64>() {
            Ok(number) if number >= 0.0 || (number + 1.0).abs() < f64::EPSILON => None,
            _ => Some("and has to be `-1` or a number from `0`".to_owned()),
        },
        Kind::Duration { least } => match parse_seconds(value) {
            None => Some("and has to be a duration like `60s`".to_owned()),
            Some(seconds) if !(least..=3600.0).contains(&seconds) => {
                Some(format!("and has to lie between `{least}s` and `1h`"))
            }
            Some(_) => None,
        },
        Kind::Class => {
            let own = value.ends_with(".knative.dev");
            let known = matches!(value, "kpa.autoscaling.knative.dev" | "hpa.autoscaling.knative.dev");
            (own && !known).then(|| {
                "and Knative has `kpa.autoscaling.knative.dev` and `hpa.autoscaling.knative.dev`".to_owned()
            })
        }
        Kind::Free => None,
    }
}

/// The metric against the class: KPA takes two, HPA any.
fn metric(said: &HashMap<&str, &Pair>, out: &mut Findings) {
    let Some(metric) = said.get("metric") else { return };
    let class = said.get("class").map_or("kpa.autoscaling.knative.dev", |class| class.value.1.as_str());
    let value = metric.value.1.as_str();
    let wrong = match class {
        "kpa.autoscaling.knative.dev" => !matches!(value, "concurrency" | "rps"),
        "hpa.autoscaling.knative.dev" => value.is_empty(),
        _ => false,
    };
    if wrong {
        let message = format!("`{}` is `{value}`, and the class takes `concurrency` and `rps`", metric.value.0);
        let finding = out.add(&metric.place, message);
        if matches!(value, "cpu" | "memory") {
            finding.help(format!("add `{PREFIX}class: hpa.autoscaling.knative.dev`"));
        }
    }
}

/// min-scale, activation-scale and max-scale against each other; a max-scale of 0 is no limit.
fn bounds(said: &HashMap<&str, &Pair>, out: &mut Findings) {
    let number = |name: &str| {
        let pair = *said.get(name)?;
        Some((pair.value.1.parse::<i32>().ok().filter(|number| *number >= 0)?, pair))
    };
    let max = number("max-scale").filter(|(max, _)| *max > 0);
    for name in ["min-scale", "activation-scale"] {
        let (Some((least, low)), Some((most, high))) = (number(name), max) else { continue };
        if most < least {
            let message = format!("`max-scale` is `{most}` and `{name}` is `{least}`");
            out.add(&high.place, message).related(&low.place, "the lower bound");
        }
    }
}

/// `containerConcurrency` and `timeoutSeconds` are never below 0.
fn concurrency(object: &Manifest, out: &mut Findings) {
    for key in ["containerConcurrency", "timeoutSeconds"] {
        let Some(node) = object.tree.at(&["spec", "template", "spec", key]) else { continue };
        let number = node.scalar().map(|scalar| scalar.resolve(Typing::Kubernetes));
        if let Some(Resolved::Int(number)) = number.filter(|said| matches!(said, Resolved::Int(..0))) {
            out.add(&node.place, format!("`{key}` is `{number}`, and may not be below `0`"));
        }
    }
}
