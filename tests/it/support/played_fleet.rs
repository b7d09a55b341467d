//! A running fleet that an example of a page plays, without network and engine.
//!
//! A block `http http://127.0.0.1:8212/health` is the answer of that address, as it comes over the wire; or one word:
//! `refused`, `timeout`, `closed`. A block `json NAME.container.json` is a container: what `docker inspect` prints of it, as
//! far as it matters, with `processes`, `listeners` (`"0.0.0.0:8212"`), `files` (text by path; null: not there), `image`
//! (what `docker image inspect` prints) and `registry` (the digest that its registry has; or `{"error": …}`) beside it. What
//! is not played refuses.

use std::path::Path;
use std::time::Duration;

use plimsoll::live::{ContainerParts, FleetSource, Judge, Question, Reply};
use plimsoll::model::{Answer, BodyEnd, Failure, HttpAnswer, Listener, LiveFile, Process};
use plimsoll::report::{Format, Style};
use plimsoll::rules::{Example, Rule};
use plimsoll::run::{CheckRequest, FleetRequest, PlanChoice, validate_fleet};
use serde_json::{Value, json};

use super::write;

const CONTAINER: &str = ".container.json";

/// Whether an example plays a fleet.
pub(crate) fn is_live(example: &Example) -> bool {
    example.files.iter().any(|(name, _)| is_url(name) || name.ends_with(CONTAINER))
}

fn is_url(name: &str) -> bool {
    name.starts_with("http://")
}

/// What plays.
#[derive(Debug, Default)]
pub(crate) struct Played {
    answers: Vec<(String, Answer)>,
    containers: Option<Vec<ContainerParts>>,
}

impl Played {
    /// An engine that has none.
    pub(crate) fn without_containers() -> Self {
        Self { containers: Some(Vec::new()), ..Self::default() }
    }

    /// Of the blocks of an example, or of files by name.
    pub(crate) fn of(files: &[(String, String)]) -> Self {
        let mut played = Self::default();
        for (name, text) in files {
            if is_url(name) {
                played.answers.push((name.clone(), answer(text)));
            } else if let Some(name) = name.strip_suffix(CONTAINER) {
                let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
                played.containers.get_or_insert_default().push(container(name, value));
            }
        }
        played
    }
}

impl FleetSource for Played {
    fn ask(&self, questions: &[Question], judge: &mut dyn Judge) {
        let ask = |question: &Question| {
            let found = question.urls.iter().enumerate().find_map(|(url, address)| {
                let (_, answer) = self.answers.iter().find(|(known, _)| known == address)?;
                Some(Reply { url, answer: answer.clone() })
            });
            found.unwrap_or(Reply { url: 0, answer: Answer::Failed(Failure::Refused) })
        };
        for (at, question) in questions.iter().enumerate() {
            judge.answer(at, ask(question));
            judge.heard(at, true);
        }
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        Ok(self.containers.clone())
    }
}

/// An answer as it comes over the wire; lines may end in a bare line feed.
fn answer(text: &str) -> Answer {
    match text.trim() {
        "refused" => return Answer::Failed(Failure::Refused),
        "timeout" => return Answer::Failed(Failure::TimedOut(Duration::from_secs(5))),
        "closed" => return Answer::Failed(Failure::Closed("the connection was closed".into())),
        _ => {}
    }
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let mut time = Duration::from_millis(3);
    let mut kept = Vec::new();
    for (name, value) in headers {
        match name {
            // No header of HTTP: how long the answer took.
            "Played-Time-Ms" => time = Duration::from_millis(value.parse().unwrap()),
            _ => kept.push((name.to_ascii_lowercase().into(), value.into())),
        }
    }
    Answer::Http(HttpAnswer {
        status: status.unwrap_or_else(|| panic!("no status line: {text}")),
        headers: kept,
        body: body.as_bytes().into(),
        end: BodyEnd::Whole,
        time,
    })
}

/// A container of what an example says of it; what `docker inspect` always has is put in.
pub(crate) fn container(name: &str, mut value: Value) -> ContainerParts {
    let mut taken = |key: &str| value.as_object_mut().and_then(|object| object.remove(key));
    let (processes, listeners) = (taken("processes"), taken("listeners"));
    let (files, image, registry) = (taken("files"), taken("image"), taken("registry"));
    let mut inspect = json!({
        "Id": format!("{:0>64}", name.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()),
        "Name": format!("/{name}"),
        "State": {"Status": "running", "Running": true, "Pid": 4242},
        "RestartCount": 0,
        "Image": format!("sha256:{}", "a".repeat(64)),
        "HostConfig": {"NetworkMode": "default"},
        "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}, "Ports": {}},
        "Config": {"Image": format!("{name}:1.0"), "Labels": {}, "Env": []},
    });
    merge(&mut inspect, value);
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap_or_default()).unwrap();
    let process = |process: &Value| Process {
        pid: number(&process["pid"]),
        parent: number(&process["parent"]),
        uid: number(&process["uid"]),
        gid: number(&process["gid"]),
        groups: process["groups"].as_array().map(|list| list.iter().map(number).collect()),
        name: process["name"].as_str().unwrap_or_default().into(),
        command: strings(&process["command"]).map(Into::into).collect(),
        capabilities: process["capabilities"].as_u64(),
        no_new_privileges: process["no_new_privileges"].as_bool(),
    };
    let listener = |text: &str| {
        let address: std::net::SocketAddr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        Listener { address: address.ip(), port: address.port() }
    };
    let untold = || Err("nobody told".into());
    let file = |(path, text): (&String, &Value)| {
        let file = text.as_str().map_or(LiveFile::Absent, |text| LiveFile::Text(text.into()));
        (path.as_str().into(), file)
    };
    ContainerParts {
        inspect,
        image: image.unwrap_or_default(),
        processes: processes
            .map_or_else(untold, |list| Ok(list.as_array().into_iter().flatten().map(process).collect())),
        listeners: listeners
            .map_or_else(|| Err("nobody told".into()), |list| Ok(strings(&list).map(listener).collect())),
        files: files.as_ref().and_then(Value::as_object).into_iter().flatten().map(file).collect(),
        registry: registry.map(|said| match said.as_str() {
            Some(digest) => Ok(digest.into()),
            None => Err(said["error"].as_str().unwrap_or_default().into()),
        }),
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Lays one JSON value over another, objects key by key.
fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                // Networks are given whole.
                match key.as_str() {
                    "Networks" => {
                        below.insert(key, value);
                    }
                    _ => merge(below.entry(key).or_insert(Value::Null), value),
                }
            }
        }
        (below, above) => *below = above,
    }
}

/// What `validate-fleet --select RULE --format concise` prints for an example in a folder.
pub(crate) fn printed(folder: &Path, rule: &Rule, example: &Example) -> String {
    for (name, text) in &example.files {
        if !is_url(name) {
            write(&folder.join(name), text);
        }
    }
    let plan = folder.join("plimsoll.toml");
    let choice = match plan.exists() {
        true => PlanChoice { file: Some(plan), pack: None },
        false => PlanChoice { file: None, pack: Some("recommended".to_owned()) },
    };
    let deployed = |name: &&(String, String)| name.0.ends_with(".yaml") || name.0.ends_with(".yml");
    let request = FleetRequest {
        paths: example.files.iter().filter(deployed).map(|(name, _)| folder.join(name)).collect(),
        check: CheckRequest { plan: choice, select: vec![rule.id], ..CheckRequest::default() },
        ..FleetRequest::default()
    };
    let outcome = validate_fleet(&request, &Played::of(&example.files), &|_| {})
        .unwrap_or_else(|error| panic!("{}: {error:?}", rule.id));
    let mut out = Vec::new();
    let style = Style { quiet: true, ..Style::default() };
    plimsoll::report::write(Format::Concise, &outcome.report(style), &mut out).unwrap();
    let base = std::env::current_dir().unwrap();
    let prefix = format!("{}/", folder.strip_prefix(base).unwrap_or(folder).display());
    String::from_utf8(out).unwrap().replace(&prefix, "")
}
