//! `variable-undefined`: every variable is declared where it is used.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Base, Build, ChainEnd, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Public images that bring no variables of their own beside the usual ones.
const PLAIN: [&str; 12] = [
    "debian", "ubuntu", "alpine", "busybox", "fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "archlinux", "python",
    "node",
];
/// Names that exist without a declaration: of the platform in FROM, of proxies in a stage, of the image's own config.
const GIVEN: [&str; 8] = ["PATH", "HOME", "LANG", "HOSTNAME", "TERM", "PWD", "GPG_KEY", "USER"];

/// More undeclared names in one stage say nothing new.
const MAX_TOLD: usize = 32;
/// Longer chains of stages are not walked for each of their stages.
const MAX_STAGES: usize = 64;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let global: HashMap<&str, &Place> =
        build.global_args.iter().map(|arg| (arg.value.name.as_str(), &arg.place)).collect();
    for stage in build.needed_stages() {
        in_from(stage, &global, out);
        // What a base says that nobody read is not known.
        let plain = match &stage.container.end {
            ChainEnd::Scratch => true,
            ChainEnd::WellKnown { base, .. } => PLAIN.contains(&base.repository),
            ChainEnd::Unknown { .. } => false,
        };
        if plain && stage.container.layers.len() <= MAX_STAGES {
            in_stage(build, stage, &global, out);
        }
    }
}

fn in_from(stage: &Stage, global: &HashMap<&str, &Place>, out: &mut Findings) {
    let known = |name: &str| is_platform(name) || global.contains_key(name);
    let undefined = names(&stage.from.written).find(|name| !known(name));
    // A name that comes out blank is a syntax error.
    if let Some(name) = undefined.filter(|_| !stage.from.reference.text.is_empty()) {
        let message = format!("`{name}` is not declared before the first FROM, so it is empty");
        let finding = out.add(&stage.from.reference_place, message);
        finding.subject(stage.label()).help(format!("write `ARG {name}=…` above the first FROM"));
    }
}

fn is_platform(name: &str) -> bool {
    name.starts_with("BUILD") || name.starts_with("TARGET")
}

fn in_stage(build: &Build, stage: &Stage, global: &HashMap<&str, &Place>, out: &mut Findings) {
    let args = arguments(build, stage);
    let is_declared = |name: &str, place: &Place| {
        GIVEN.contains(&name)
            || is_platform(name)
            || name.to_ascii_lowercase().ends_with("_proxy")
            || ["_VERSION", "PYTHON"].iter().any(|part| name.contains(part))
            || args.get(name).is_some_and(|span| *span < place.span)
            || stage.container.layers.iter().any(|layer| layer.env_pair(name).is_some())
    };
    let mut told: Vec<String> = Vec::new();
    for place in expanded(stage) {
        for name in names(&place.text()) {
            if told.len() >= MAX_TOLD || told.iter().any(|other| other == name) || is_declared(name, place) {
                continue;
            }
            told.push(name.to_owned());
            let declared = global.get(name);
            let finding = match declared {
                Some(_) => out.add(place, format!("`{name}` is declared before FROM only, so it is empty in the stage")),
                None => out.add(place, format!("`{name}` is not declared, so it is empty")),
            };
            finding.subject(stage.label()).help(format!("write `ARG {name}` in the stage, or set it with ENV"));
            if let Some(declared) = declared {
                finding.related(declared, "declared here");
            }
        }
    }
}

/// The words of a stage in which BuildKit puts values.
fn expanded(stage: &Stage) -> impl Iterator<Item = &Place> {
    let layer = stage.layer();
    let copies = stage.copies.iter().flat_map(|copy| {
        copy.sources.iter().map(|source| &source.place).chain([&copy.destination.place])
    });
    let values = layer.env.iter().map(|pair| &pair.place).chain(layer.labels.iter().map(|pair| &pair.place));
    let others = layer.workdir.iter().map(|said| &said.place).chain(layer.ports.iter().map(|port| &port.place));
    copies.chain(values).chain(others)
}

/// Where the arguments of a stage, and of the stages that it is based on, are declared first.
fn arguments<'b>(build: &'b Build, stage: &'b Stage) -> HashMap<&'b str, Span> {
    let chain = std::iter::successors(Some(stage), |stage| match stage.from.base {
        Base::Stage(index) => build.stages.get(index).filter(|earlier| earlier.index < stage.index),
        _ => None,
    });
    let mut found = HashMap::new();
    for arg in chain.take(MAX_STAGES).flat_map(|stage| &stage.args) {
        let span = found.entry(arg.value.name.as_str()).or_insert(arg.place.span);
        *span = (*span).min(arg.place.span);
    }
    found
}

/// Names of variables without a default, escaped ones and those in single quotes left out.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut quoted = false;
    let mut skip = false;
    text.char_indices().filter_map(move |(at, character)| {
        if std::mem::take(&mut skip) {
            return None;
        }
        match character {
            '\\' => skip = true,
            '\'' => quoted = !quoted,
            '$' if !quoted => {
                let start = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'{'));
                let rest = &text[start..];
                let end = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(rest.len());
                let behind = &rest[end..];
                let plain = start == at + 1 || behind.starts_with(['}', '#', '%', '/']);
                let is_name = rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
                return (plain && is_name).then_some(&rest[..end]);
            }
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_without_defaults() {
        for (text, wanted) in [
            ("a$X/${Y}", "X Y"),
            ("${X:-a}${Y-b}${Z:+c}${W:?}", ""),
            ("\\$X '$Y' \"$Z\"", "Z"),
            ("$1 $$ $", ""),
            ("${X%.*}é$Y", "X Y"),
        ] {
            assert_eq!(names(text).collect::<Vec<_>>().join(" "), wanted, "{text}");
        }
    }
}
