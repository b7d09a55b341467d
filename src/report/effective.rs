//! The effective config as JSON: what one Dockerfile's image is, each value with the place that says it.
//!
//! The schemas are `schemas/effective-config.schema.json` and, for compose files, `schemas/compose-project.schema.json`. A value that cannot be told is an object with `unknown`.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use crate::model::{
    Build, CommandLine, Container, ContextChoice, Fact, Form, Healthcheck, Origin, Project, ProjectProblem,
    Stage, Unknown, Value, Workload,
};
use crate::plan::Plan;
use crate::rules::Redaction;
use crate::source::Place;

/// Writes one build, indented, with a line end.
///
/// # Errors
/// Those of the writer.
pub fn write(build: &Build, plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let value = json!({
        "file": build.source.path(),
        "service": build.service.map(|row| plan.services[row].name.value.as_str()),
        "image": build.image_names.first().map(|name| name.as_str()),
        "context": {
            "folder": build.context.folder,
            "assumed": !matches!(build.context.chosen, ContextChoice::Given),
            "ignore_file": build.context.ignore_file.as_ref().map(|source| source.path()),
        },
        "problems": build.problems.iter().map(|problem| json!({
            "message": problem.message,
            "line": problem.place.start().line,
        })).collect::<Vec<_>>(),
        "stages": build.stages.iter().map(stage).collect::<Vec<_>>(),
        "config": build.final_stage().map(|stage| config(&stage.container)),
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn stage(stage: &Stage) -> Json {
    json!({
        "name": stage.name.as_ref().map(|name| name.value.as_str()),
        "from": stage.from.reference.text.as_str(),
        "line": stage.from.place.start().line,
        "needed": stage.needed,
    })
}

/// Writes one compose project: its resolved form (`services`, `networks`, … in the shape of `docker compose config`), the
/// files that make it, what Compose refuses (`problems`), and what each of its services runs (`effective`), each value
/// with the way from the compose file to the line that says it.
///
/// # Errors
/// Those of the writer.
pub fn write_project(project: &Project, compose: Json, out: &mut dyn Write) -> io::Result<()> {
    let effective: Map<String, Json> = project.services.iter().map(workload).collect();
    let problem = |problem: &ProjectProblem| {
        let (file, line) = (problem.place.source.path(), problem.place.start().line);
        json!({ "message": problem.message, "file": file, "line": line })
    };
    let own = json!({
        "files": project.files.iter().map(|file| file.source.path()).collect::<Vec<_>>(),
        "name": project.name.as_ref().map(|name| name.value.as_str()),
        "problems": project.problems.iter().map(problem).collect::<Vec<_>>(),
        "effective": effective,
    });
    let mut value = match compose {
        Json::Object(resolved) => resolved,
        _ => Map::new(),
    };
    if let Json::Object(own) = own {
        value.extend(own);
    }
    // What a variable put in stands nowhere in the file, so that no place hides it.
    let mut value = Json::Object(value);
    let mut redaction = Redaction::of([project]);
    redaction.add_hidden(project);
    redaction.json(&mut value);
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn workload(workload: &Workload) -> (String, Json) {
    let value = json!({
        "dockerfile": workload.dockerfile.as_deref(),
        "config": config(&workload.container),
    });
    (workload.name.value.to_string(), value)
}

/// The config of a container with everything it inherits.
fn config(container: &Container) -> Json {
    let user = match container.user() {
        Fact::Known { value, origin } => {
            known(json!({ "name": value.name.as_str(), "uid": value.uid, "gid": value.gid }), &origin)
        }
        Fact::Absent => json!({ "value": { "name": "root", "uid": 0, "gid": 0 }, "origin": [] }),
        Fact::Unknown { why, origin } => unknown(&why, &origin),
    };
    let mut env = Map::new();
    let mut labels = Map::new();
    // From the lowest layer up, so that the nearest one wins.
    for (depth, layer) in container.layers.iter().enumerate().rev() {
        for pair in &layer.env {
            let origin = container.origin(depth, Some(&pair.place), "set here");
            env.insert(pair.value.0.to_string(), unless_hidden(&pair.place, &pair.value.1, &origin));
        }
        for pair in &layer.labels {
            let origin = container.origin(depth, Some(&pair.place), "set here");
            labels.insert(pair.value.0.text.to_string(), unless_hidden(&pair.place, &pair.value.1, &origin));
        }
    }
    let ports: Vec<Json> = container
        .ports()
        .map(|(depth, said)| {
            let origin = container.origin(depth, Some(&said.place), "exposed here");
            match &said.value {
                Ok(port) => known(
                    json!({ "first": port.first, "last": port.last, "protocol": port.protocol.as_str() }),
                    &origin,
                ),
                Err(why) => unknown(why, &origin),
            }
        })
        .collect();
    json!({
        "user": user,
        "entrypoint": fact(&container.entrypoint(), command),
        "cmd": fact(&container.cmd(), command),
        "shell": fact(&container.shell(), |words| json!(words.iter().map(|word| word.as_str()).collect::<Vec<_>>())),
        "workdir": match container.workdir() {
            Fact::Known { value, origin } => text(&value, &origin),
            other => fact(&other, |value| json!(value.text.as_str())),
        },
        "env": env,
        "labels": labels,
        "ports": ports,
        "healthcheck": fact(&container.healthcheck(), |check| healthcheck(check)),
    })
}

fn fact<T>(fact: &Fact<T>, show: impl Fn(&T) -> Json) -> Json {
    match fact {
        Fact::Known { value, origin } => known(show(value), origin),
        Fact::Absent => Json::Null,
        Fact::Unknown { why, origin } => unknown(why, origin),
    }
}

fn text(value: &Value, origin: &Origin) -> Json {
    match &value.unknown {
        None => known(json!(value.text.as_str()), origin),
        Some(why) => unknown(why, origin),
    }
}

/// A value, or that it is a secret.
fn unless_hidden(place: &Place, value: &Value, origin: &Origin) -> Json {
    let hidden = place.source.hidden();
    if hidden.iter().any(|span| span.start < place.span.end && place.span.start < span.end) {
        return json!({ "secret": true, "origin": steps(origin) });
    }
    text(value, origin)
}

fn known(value: Json, origin: &Origin) -> Json {
    json!({ "value": value, "origin": steps(origin) })
}

fn unknown(why: &Unknown, origin: &Origin) -> Json {
    json!({ "unknown": why.to_string(), "origin": steps(origin) })
}

fn steps(origin: &Origin) -> Json {
    origin
        .steps
        .iter()
        .map(|step| {
            json!({ "file": step.place.source.path(), "line": step.place.start().line, "what": step.what.as_str() })
        })
        .collect()
}

fn command(command: &CommandLine) -> Json {
    let words: Vec<&str> = command.words.iter().map(|word| word.as_str()).collect();
    match command.form {
        Form::Exec => json!(words),
        Form::Shell => json!(words.first()),
    }
}

fn healthcheck(check: &Healthcheck) -> Json {
    let duration = |value: &Option<crate::model::Duration>| value.as_ref().map(|it| it.written.to_string());
    json!({
        "command": check.command.as_ref().map(command),
        "interval": duration(&check.interval),
        "timeout": duration(&check.timeout),
        "start_period": duration(&check.start_period),
        "retries": check.retries,
        "probes": check.probes.iter().map(|probe| json!({
            "tool": probe.tool.as_str(),
            "host": probe.host.text.as_str(),
            "port": probe.port.text.as_str(),
            "path": probe.path.text.as_str(),
        })).collect::<Vec<_>>(),
    })
}
