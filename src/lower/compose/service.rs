//! Services of a resolved project as what will run: their own words laid over the image.

use smol_str::SmolStr;

use super::loader::display;
use super::settings::{self, spanned, value};
use super::{canonical, env_files, is_remote, tree, words};
use crate::lower::images::{BuildQuestion, Images};
use crate::lower::overlay::Below;
use crate::lower::{entry, probe, user};
use crate::model::{
    CommandLine, Container, Fact, Form, Healthcheck, Layer, MountKind, Port, Probe, Quantity, Resources,
    Spanned, Unknown, Value, Workload, WorkloadBuild, WorkloadKind, WorkloadMount, WorkloadPort,
};
use crate::syntax::yaml::{Entry, Node};

/// The services of a project.
pub(super) fn workloads(root: &Node, folder: &str, images: &dyn Images) -> Vec<Workload> {
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    let services = services.iter().filter(|entry| entry.value.is_mapping());
    services.filter_map(|entry| workload(entry, folder, images)).collect()
}

fn workload(entry: &Entry, folder: &str, images: &dyn Images) -> Option<Workload> {
    let name = SmolStr::new(entry.key.text()?);
    let service = &entry.value;
    let image = spanned(service, &["image"]).filter(|image| !image.value.text.is_empty());
    let build = service.get("build").filter(|build| build.is_mapping());
    let mut build = build.map(|build| self::build(build, folder));
    let below = below(entry, image.as_ref(), build.as_ref(), images);
    if let Some(build) = &mut build {
        build.missing.clone_from(&below.missing);
    }
    let dockerfile = below.dockerfile.clone();
    let image_alone = below.container();
    let layer = layer(service, folder, &image_alone);
    let container = below.under(layer);
    let mut ports = Vec::new();
    for port in service.get("ports").map(Node::items).unwrap_or_default() {
        ports.extend(self::port(port));
    }
    let mounts = service.get("volumes").map(Node::items).unwrap_or_default();
    Some(Workload {
        kind: WorkloadKind::Compose,
        source: entry.key.place.source.clone(),
        subject: name.clone(),
        name: Spanned::new(name, entry.key.place.clone()),
        place: entry.key.place.clone(),
        service: None,
        image,
        build,
        dockerfile,
        image_probes: image_probes(&image_alone, &container),
        container,
        init: settings::truth(service, "init"),
        ports,
        probes: Vec::new(),
        resources: resources(service),
        mounts: mounts.iter().filter_map(|mount| self::mount(mount, folder)).chain(tmpfs(service)).collect(),
        cap_add: settings::texts(service, "cap_add").into_iter().map(settings::capability).collect(),
        cap_drop: settings::texts(service, "cap_drop").into_iter().map(settings::capability).collect(),
        privileged: settings::truth(service, "privileged"),
        read_only: settings::truth(service, "read_only"),
        run_as_non_root: None,
        run_as_group: None,
        shared_processes: None,
        env_elsewhere: service
            .get("env_file")
            .and_then(|files| files.items().iter().find(|file| file.tag() == Some(env_files::UNREAD)))
            .map(|file| file.place.clone()),
        env_references: Vec::new(),
        tree: service.clone(),
    })
}

/// What the health check of the image asks when the service's own variables go into it, if that is something else than
/// what it asks without them.
fn image_probes(image: &Container, container: &Container) -> Vec<Probe> {
    let own = container.layers.first();
    if own.is_none_or(|layer| layer.healthcheck.is_some() || layer.env.is_empty()) {
        return Vec::new();
    }
    let asks = entry::probes(container);
    if asks.is_empty() || asks == entry::probes(image) { Vec::new() } else { asks }
}

/// What a service runs over: what it builds, else the image it names.
fn below(
    entry: &Entry,
    image: Option<&Spanned<Value>>,
    build: Option<&WorkloadBuild>,
    images: &dyn Images,
) -> Below {
    if let Some(build) = build {
        let name = build.context.text.as_str();
        let (Some(context), Some(dockerfile)) = (build.context.certain(), &build.dockerfile) else {
            let why = build.context.unknown.clone().unwrap_or(Unknown::Dynamic("dockerfile_inline".into()));
            return Below::unknown(why, name, &build.place);
        };
        let certain = build.args.iter().filter_map(|arg| {
            let (name, value) = &arg.value;
            Some((name.clone(), SmolStr::new(value.certain()?)))
        });
        let args: Vec<(SmolStr, SmolStr)> = certain.collect();
        let question = BuildQuestion {
            dockerfile: &dockerfile.value,
            context,
            target: build.target.as_ref().map(|target| target.value.as_str()),
            args: &args,
        };
        return match images.built(&question) {
            Ok(image) => Below::image(image, &build.place),
            Err(why) => Below::unknown(why, &dockerfile.value, &build.place),
        };
    }
    match image {
        Some(image) => Below::named(image, images),
        None => Below::unknown(Unknown::Dynamic("image".into()), "no image", &entry.key.place),
    }
}

fn build(build: &Node, folder: &str) -> WorkloadBuild {
    let said = build.get("context").unwrap_or(build);
    let mut context = value(said);
    if is_remote(&context.text) {
        context.unknown.get_or_insert(Unknown::Dynamic(context.text.clone()));
    } else if context.unknown.is_none() {
        context.text = display(folder, &context.text).into();
    }
    let inline = build.get("dockerfile_inline").is_some();
    let dockerfile = spanned(build, &["dockerfile"]).filter(|it| !it.value.text.is_empty());
    let dockerfile = match (dockerfile, inline) {
        (_, true) => None,
        (Some(said), _) => said.value.certain().map(|path| {
            let path = if path.starts_with('/') { path.to_owned() } else { display(&context.text, path) };
            Spanned::new(path.into(), said.place.clone())
        }),
        (None, _) => Some(Spanned::new(display(&context.text, "Dockerfile").into(), said.place.clone())),
    };
    let args = build.get("args").map(Node::entries).unwrap_or_default();
    let arg = |entry: &Entry| {
        let name = SmolStr::new(entry.key.text()?);
        let value = match entry.value.is_null() {
            true => Value { text: "".into(), unknown: Some(Unknown::Variable(name.clone())) },
            false => value(&entry.value),
        };
        Some(Spanned::new((name, value), entry.value.place.clone()))
    };
    WorkloadBuild {
        place: said.place.clone(),
        context,
        dockerfile,
        target: spanned(build, &["target"])
            .filter(|it| it.value.unknown.is_none() && !it.value.text.is_empty())
            .map(|it| Spanned::new(it.value.text, it.place)),
        args: args.iter().filter_map(arg).collect(),
        missing: None,
    }
}

/// What the service says itself.
fn layer(service: &Node, folder: &str, below: &Container) -> Layer {
    let mut layer = Layer { context: folder.into(), of_several_files: true, ..Layer::default() };
    layer.user = spanned(service, &["user"]).filter(|user| !user.value.text.is_empty()).map(|said| {
        let user = user::resolve(&said.value, below);
        Spanned::new(user, said.place)
    });
    layer.entrypoint = service.get("entrypoint").and_then(command);
    layer.cmd = service.get("command").and_then(command);
    // An empty entrypoint takes the image's away and leaves its command (moby: `daemon.merge`).
    let cleared = layer.entrypoint.as_ref().is_some_and(|entrypoint| entrypoint.value.words.is_empty());
    if cleared
        && layer.cmd.is_none()
        && let Fact::Known { value, origin } = below.cmd()
    {
        layer.cmd = Some(Spanned::new(value, origin.last().place.clone()));
    }
    for entry in service.get("environment").map(Node::entries).unwrap_or_default() {
        let Some(name) = entry.key.text() else { continue };
        let place = match entry.value.place.span.is_empty() {
            true => entry.key.place.clone(),
            false => entry.value.place.clone(),
        };
        layer.env.push(Spanned::new((name.into(), value(&entry.value)), place));
    }
    for entry in service.get("labels").map(Node::entries).unwrap_or_default() {
        let Some(name) = entry.key.text() else { continue };
        let pair = (Value::known(name), value(&entry.value));
        layer.labels.push(Spanned::new(pair, entry.key.place.clone()));
    }
    layer.workdir = spanned(service, &["working_dir"]).map(|said| {
        let base = match below.workdir() {
            Fact::Known { value, .. } => value,
            _ => Value::known("/"),
        };
        Spanned::new(crate::lower::stage::absolute(&said.value, &base), said.place)
    });
    for item in service.get("expose").map(Node::items).unwrap_or_default() {
        layer.ports.extend(expose(item));
    }
    // Without a test only the times of the image's check are changed; where no such check is known, nothing is.
    let has_check = |check: &Node| {
        let tests = check.get("test").is_some_and(|test| !test.items().is_empty());
        let disabled = check.get("disable").is_some_and(tree::is_true);
        tests || disabled || below.healthcheck().known().is_some()
    };
    let check = service.get("healthcheck").filter(|check| check.is_mapping() && has_check(check));
    layer.healthcheck = check.map(|check| {
        let place = check.get("test").map_or_else(|| check.place.clone(), |test| test.place.clone());
        Spanned::new(health(check, below, &layer), place)
    });
    layer
}

/// A command in exec form; `None` for a null, which says nothing.
fn command(node: &Node) -> Option<Spanned<CommandLine>> {
    let words = match (node.is_sequence(), settings::unknown(node)) {
        (false, _) => return None,
        (true, Some(_)) if node.tag() == Some(canonical::COMMAND_TEXT.as_str()) => {
            words::split(&value(node).text).unwrap_or_default()
        }
        (true, _) => node.items().iter().map(|item| value(item).text).collect(),
    };
    Some(Spanned::new(CommandLine { form: Form::Exec, words }, node.place.clone()))
}

fn health(check: &Node, below: &Container, layer: &Layer) -> Healthcheck {
    let inherited = match below.healthcheck() {
        Fact::Known { value, .. } => Some(value.clone()),
        _ => None,
    };
    let test = check.get("test").map(|test| test.items()).filter(|test| !test.is_empty());
    let disabled = check.get("disable").is_some_and(tree::is_true);
    let is = |word: &str| test.is_some_and(|test| test[0].text() == Some(word));
    let mut health = match test {
        _ if disabled || is("NONE") => empty(),
        None => inherited.clone().unwrap_or_else(empty),
        Some(test) => {
            let words = test[1..].iter().map(|word| value(word).text);
            let command = match test[0].text() {
                Some("CMD-SHELL") => CommandLine { form: Form::Shell, words: words.take(1).collect() },
                Some("CMD") => CommandLine { form: Form::Exec, words: words.collect() },
                // Compose refuses anything else; what is meant is a command.
                _ => CommandLine { form: Form::Exec, words: test.iter().map(|it| value(it).text).collect() },
            };
            let env = |name: &str| match layer.env_pair(name) {
                Some(pair) => Some(pair.value.1.clone()),
                None => match below.env(name) {
                    Fact::Known { value, .. } => Some(value),
                    Fact::Absent => None,
                    Fact::Unknown { why, .. } => Some(Value { text: "".into(), unknown: Some(why) }),
                },
            };
            let understood = probe::understand(&command, None, &env);
            Healthcheck {
                command: Some(command),
                probes: understood.probes,
                can_fail: understood.can_fail,
                ignores_status: understood.ignores_status,
                tools: understood.tools,
                ..empty()
            }
        }
    };
    // Docker takes what is left out, or zero, from the image.
    let own = |key: &str| {
        let duration = check.get(key).filter(|node| !node.is_null()).map(settings::duration);
        duration.filter(|duration| duration.milliseconds != Some(0))
    };
    let of_image = |get: fn(&Healthcheck) -> Option<crate::model::Duration>| inherited.as_ref().and_then(get);
    health.interval = own("interval").or_else(|| of_image(|it| it.interval.clone()));
    health.timeout = own("timeout").or_else(|| of_image(|it| it.timeout.clone()));
    health.start_period = own("start_period").or_else(|| of_image(|it| it.start_period.clone()));
    let retries = check.get("retries").and_then(Node::text).and_then(|text| text.parse().ok());
    health.retries =
        retries.filter(|retries| *retries != 0).or_else(|| inherited.as_ref().and_then(|it| it.retries));
    health
}

fn empty() -> Healthcheck {
    Healthcheck {
        command: None,
        interval: None,
        timeout: None,
        start_period: None,
        retries: None,
        probes: Vec::new(),
        can_fail: true,
        ignores_status: false,
        tools: Vec::new(),
    }
}

fn expose(item: &Node) -> Option<Spanned<Result<Port, Unknown>>> {
    if let Some(why) = settings::unknown(item) {
        return Some(Spanned::new(Err(why), item.place.clone()));
    }
    let text = item.text()?;
    let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let port = Port {
        first: first.parse().ok()?,
        last: last.parse().ok()?,
        protocol: protocol.to_ascii_lowercase().into(),
    };
    (port.first <= port.last).then(|| Spanned::new(Ok(port), item.place.clone()))
}

fn port(port: &Node) -> Option<Spanned<WorkloadPort>> {
    let text = |key: &str| port.get(key).and_then(Node::text).filter(|text| !text.is_empty());
    let open = settings::unknown(port)
        .or_else(|| port.entries().iter().find_map(|entry| settings::unknown(&entry.value)));
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse::<u16>().ok()?, last.parse::<u16>().ok()?))
    };
    let container = match (open.clone(), text("target")) {
        (Some(why), _) => Err(why),
        (None, Some(target)) => target.parse().map_err(|_| Unknown::TooLarge),
        (None, None) => return None,
    };
    Some(Spanned::new(
        WorkloadPort {
            container,
            host: text("published")
                .filter(|_| open.is_none())
                .and_then(range)
                .filter(|(first, _)| *first != 0),
            host_place: port.get("published").map(|node| node.place.clone()),
            host_ip: text("host_ip").map(SmolStr::from).filter(|ip| !matches!(ip.as_str(), "0.0.0.0" | "::")),
            protocol: text("protocol").unwrap_or("tcp").to_ascii_lowercase().into(),
            name: text("name").map(SmolStr::from),
        },
        port.get("target").map_or_else(|| port.place.clone(), |node| node.place.clone()),
    ))
}

fn mount(mount: &Node, folder: &str) -> Option<Spanned<WorkloadMount>> {
    let kind = match mount.get("type").and_then(Node::text)? {
        "bind" => MountKind::Bind,
        "volume" => MountKind::Volume,
        "tmpfs" => MountKind::Tmpfs,
        _ => MountKind::Other,
    };
    // Of a short form the variables of the whole text are those of every part.
    let open = settings::unknown(mount);
    let part = |key: &str| {
        let node = mount.get(key).filter(|node| !node.is_null())?;
        let mut value = value(node);
        if value.unknown.is_none() {
            value.unknown = open.clone();
        }
        Some(value)
    };
    let mut source = part("source").filter(|source| !source.text.is_empty() || source.unknown.is_some());
    if let Some(source) = source.as_mut().filter(|it| kind == MountKind::Bind && it.text.starts_with('.')) {
        source.text = display(folder, &source.text).into();
    }
    let read_only = mount.get("read_only").is_some_and(tree::is_true);
    let mount_of = WorkloadMount { kind, source, target: part("target")?, read_only };
    Some(Spanned::new(mount_of, mount.place.clone()))
}

fn tmpfs(service: &Node) -> impl Iterator<Item = Spanned<WorkloadMount>> {
    service.get("tmpfs").map(Node::items).unwrap_or_default().iter().filter_map(|item| {
        let mut target = value(item);
        if let Some((path, _)) = target.text.split_once(':') {
            target.text = path.into();
        }
        let mount = WorkloadMount { kind: MountKind::Tmpfs, source: None, target, read_only: false };
        item.scalar().map(|_| Spanned::new(mount, item.place.clone()))
    })
}

fn resources(service: &Node) -> Resources {
    let memory = |paths: &[&[&str]]| settings::quantity(service, paths, Quantity::memory);
    let cpus = |paths: &[&[&str]]| settings::quantity(service, paths, Quantity::cpus);
    Resources {
        cpu_limit: cpus(&[&["deploy", "resources", "limits", "cpus"], &["cpus"]]),
        memory_limit: memory(&[&["deploy", "resources", "limits", "memory"], &["mem_limit"]]),
        cpu_reserved: cpus(&[&["deploy", "resources", "reservations", "cpus"]]),
        memory_reserved: memory(&[&["deploy", "resources", "reservations", "memory"], &["mem_reservation"]]),
    }
}
