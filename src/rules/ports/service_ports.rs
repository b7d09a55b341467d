//! `service-ports`: the image exposes the planned service and health port, and no other.

mod deployed;
mod image;

use crate::finding::Findings;
use crate::model::{Build, Container, Port, Spanned, Stage, Unknown};
use crate::plan::{Plan, ServiceRow};
use crate::rules::common::may_hide;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Image(image::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Ports beyond the plan that are told of one file; a hostile one exposes thousands.
const MAX_UNPLANNED: usize = 32;

type Exposed = Spanned<Result<Port, Unknown>>;

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage() else { return };
    let Some(row) = build.service.and_then(|index| plan.services.get(index)) else { return };
    let wanted = wanted(row);
    if wanted.is_empty() {
        return;
    }
    let missing = compare(&stage.container, own_ports(build, stage), &wanted, out);
    if !missing.is_empty() {
        report_missing(build, stage, &missing, out);
    }
}

/// Reports ports that the plan does not name; gives back the planned ones that nobody exposes and no finding stands for.
fn compare<'p>(
    container: &Container,
    own: impl Iterator<Item = &'p Exposed>,
    wanted: &[&'p Spanned<u16>],
    out: &mut Findings,
) -> Vec<&'p Spanned<u16>> {
    let holds = |port: u16| {
        container.ports().any(|(_, said)| said.value.as_ref().is_ok_and(|found| found.holds_tcp(port)))
    };
    let mut missing: Vec<&Spanned<u16>> = wanted.iter().copied().filter(|port| !holds(port.value)).collect();
    let right = |port: &Port| port.first == port.last && wanted.iter().any(|want| port.holds_tcp(want.value));
    let own = own.filter_map(|said| Some((said, said.value.as_ref().ok()?)));
    for (said, port) in own.filter(|(_, port)| !right(port)).take(MAX_UNPLANNED) {
        unplanned(said, port, wanted, &mut missing, out);
    }
    missing
}

/// `8080` and `9090`, for messages.
fn listed(ports: &[&Spanned<u16>]) -> String {
    ports.iter().map(|port| format!("`{}`", port.value)).collect::<Vec<_>>().join(" and ")
}

/// What is missing, for messages; `some`: other ports are exposed.
fn missing_text(ports: &str, some: bool) -> String {
    match some {
        true => format!("does not expose {ports}, which the plan names"),
        false => format!("exposes no port of the plan, planned {ports}"),
    }
}

/// What to write in a Dockerfile.
fn write_expose(ports: &str) -> String {
    format!("write `EXPOSE {}`", ports.replace(" and ", " ").replace('`', ""))
}

/// The planned ports, each once.
fn wanted(row: &ServiceRow) -> Vec<&Spanned<u16>> {
    let mut wanted: Vec<&Spanned<u16>> = Vec::new();
    for port in [&row.service_port, &row.health_port].into_iter().flatten() {
        if wanted.iter().all(|other| other.value != port.value) {
            wanted.push(port);
        }
    }
    wanted
}

/// What this file exposes for the final image; what comes from another file is judged there.
fn own_ports<'b>(build: &'b Build, stage: &'b Stage) -> impl Iterator<Item = &'b Exposed> {
    let path = build.source.path();
    stage.container.ports().map(|(_, said)| said).filter(move |said| said.place.source.path() == path)
}

/// A port, range or protocol that the plan does not name. It stands for the nearest planned port that is missing.
fn unplanned(
    said: &Exposed,
    port: &Port,
    wanted: &[&Spanned<u16>],
    missing: &mut Vec<&Spanned<u16>>,
    out: &mut Findings,
) {
    let word = said.place.text();
    let distance = |want: &Spanned<u16>| (i32::from(want.value) - i32::from(port.first)).abs();
    let nearest = (0..missing.len()).min_by_key(|index| distance(missing[*index]));
    match nearest.map(|index| missing.remove(index)) {
        Some(want) => {
            let protocol = if port.first == want.value { "/tcp" } else { "" };
            let planned = format!("{}{protocol}", want.value);
            out.add(&said.place, format!("exposes `{}`, planned `{planned}`", shown(port, &word)))
                .planned(want)
                .unsafe_fix(said.place.clone(), planned);
        }
        None => {
            out.add(&said.place, format!("exposes `{}`, planned only {}", shown(port, &word), listed(wanted)))
                .planned(wanted[0]);
        }
    }
}

/// The port's value; with the word when that is a variable.
fn shown(port: &Port, word: &str) -> String {
    let range = if port.first == port.last {
        port.first.to_string()
    } else {
        format!("{}-{}", port.first, port.last)
    };
    let protocol = if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
    match word.contains('$') {
        true => format!("{range}{protocol} ({word})"),
        false => format!("{range}{protocol}"),
    }
}

fn report_missing(build: &Build, stage: &Stage, missing: &[&Spanned<u16>], out: &mut Findings) {
    let ports = listed(missing);
    let unknown = own_ports(build, stage).find_map(|said| Some((&said.place, said.value.as_ref().err()?)));
    if let Some((place, why)) = unknown {
        out.open(place, format!("cannot tell whether {ports} is exposed: {why}")).subject(stage.label());
        return;
    }
    if may_hide(build, "EXPOSE") {
        let message = format!("cannot tell whether {ports} is exposed: a part of the file cannot be read");
        out.open(&stage.from.place, message).subject(stage.label());
        return;
    }
    let own = own_ports(build, stage).next();
    if let (None, Some((why, origin))) = (own, stage.container.unknown_end()) {
        out.open(&origin, format!("cannot tell whether {ports} is exposed: {why}")).subject(stage.label());
        return;
    }
    let place = own.map_or(&stage.from.place, |said| &said.place);
    out.add(place, missing_text(&ports, own.is_some()))
        .planned(missing[0])
        .help(write_expose(&ports))
        .subject(stage.label());
}
