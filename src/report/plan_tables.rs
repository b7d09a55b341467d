//! The resolved plan as Markdown tables.
//!
//! A plan comes in, a document comes out: what people look up first stands first, and nothing is printed that is not
//! planned. Two prints of one plan are equal. `plan import` reads the tables back, but for those of rules, waivers and
//! repositories of services, and for what the last table lists.

mod document;

use smol_str::SmolStr;

use document::{Document, Keys, code, codes};

use super::escape::markdown;
use crate::finding::Severity;
use crate::model::Spanned;
use crate::plan::{Contract, Machine, Plan, RuleSetting, ServiceRow, Waiver, is_cell};

/// The document.
#[must_use]
pub fn plan_tables(plan: &Plan) -> String {
    let mut out = Document::new("# The plan\n");
    services(plan, &mut out);
    hierarchy(plan, &mut out);
    machines(plan, &mut out);
    let mut keys = Keys::default();
    every_image(plan, &mut keys);
    out.keys("Every image", keys);
    let pins = plan.pins.iter().map(|(name, version)| vec![code(name), code(&version.value)]).collect();
    out.table("Pinned packages", &["Package", "Version"], pins);
    let mut keys = Keys::default();
    health(plan, &mut keys);
    plan.contracts.iter().for_each(|it| contract(it, &mut keys));
    out.keys("Health and endpoints", keys);
    let mut keys = Keys::default();
    deployment(plan, &mut keys);
    out.keys("Deployment", keys);
    policy(plan, &mut out);
    out.table("Not in a form that an import reads", &["Key", "Value"], lost(plan).0);
    out.text
}

/// What the tables above leave out or would change.
fn lost(plan: &Plan) -> Keys {
    let mut keys = Keys::default();
    for row in &plan.services {
        let path = format!("services.rows.{}", row.name.value);
        let texts = [("", Some(&row.name)), (".needs", row.needs.as_ref()), (".base", row.base.as_ref())];
        for (key, text) in texts.into_iter().chain([(".python", row.python.as_ref())]) {
            if let Some(text) = text.filter(|text| !is_plain(&text.value)) {
                keys.text(&format!("{path}{key}"), &text.value);
            }
        }
        for name in on(plan, row)
            .into_iter()
            .filter(|name| !is_plain(name) || name.contains([',', '+', '&', '/', ';']))
        {
            keys.text(&format!("{path}.on"), name);
        }
        keys.list(&format!("{path}.paths"), row.paths.iter().filter(|path| !is_path(&path.value)));
        for contract in &row.contracts {
            written(&format!("{path}.contracts.{}", contract.name.value), contract, &mut keys);
        }
    }
    for machine in &plan.machines {
        let path = format!("machines.{}", machine.name.value);
        for text in std::iter::once(&machine.name)
            .filter(|name| !is_plain(&name.value) || name.value.contains(['(', ')']))
        {
            keys.text(&path, &text.value);
        }
        for (key, text) in [("host", &machine.host), ("profile", &machine.profile)] {
            if let Some(text) = text.as_ref().filter(|text| !is_path(&text.value)) {
                keys.text(&format!("{path}.{key}"), &text.value);
            }
        }
        for (key, value) in machine.values.iter().filter(|(key, _)| !is_variable(key)) {
            keys.value(&format!("{path}.values.{key}"), Some(value));
        }
        let alias = |text: &Spanned<SmolStr>| is_cell(&text.value) && !text.value.contains(',');
        keys.list(&format!("{path}.alias"), machine.alias.iter().filter(|text| !alias(text)));
        keys.list(&format!("{path}.compose"), machine.compose.iter().filter(|text| !is_path(&text.value)));
    }
    for contract in &plan.contracts {
        let path = format!("services.contracts.{}", contract.name.value);
        if contract.name.value.contains('.') {
            written(&path, contract, &mut keys);
            continue;
        }
        for (key, value) in contract.values.iter().filter(|(key, _)| key.starts_with("endpoints")) {
            keys.value(&format!("{path}.{key}"), Some(value));
        }
    }
    keys
}

/// Whether a cell without code marks gives a text back: backslashes and quotes are escaped there.
fn is_plain(text: &str) -> bool {
    is_cell(&text.replace(['\\', '"'], "x"))
}

/// Whether a name is one of an environment variable, by which an import knows a table of them.
fn is_variable(name: &str) -> bool {
    name.len() > 2
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a list that is split at blanks, too, gives a path back.
fn is_path(path: &str) -> bool {
    is_cell(if path == "." { "./" } else { path }) && !path.contains(|c: char| c == ',' || c.is_whitespace())
}

/// A contract key by key, as the plan writes it.
fn written(path: &str, contract: &Contract, keys: &mut Keys) {
    if contract.demands.is_none() {
        keys.text(path, "false");
    }
    for (key, value) in &contract.values {
        keys.value(&format!("{path}.{key}"), Some(value));
    }
}

/// The column by which an import knows the table, whatever else the rows say.
const PORTS: usize = 4;

fn services(plan: &Plan, out: &mut Document) {
    type Cell = fn(&Plan, &ServiceRow) -> String;
    let text =
        |value: &Option<Spanned<SmolStr>>| value.as_ref().map_or_else(String::new, |it| markdown(&it.value));
    let all: [(&str, Cell); 7] = [
        ("Service", |_, row| markdown(&row.name.value)),
        ("Machine(s)", |plan, row| markdown(&on(plan, row).join(", "))),
        ("Needs", |_, row| row.needs.as_ref().map_or_else(String::new, |it| markdown(&it.value))),
        ("Base family", |_, row| row.base.as_ref().map_or_else(String::new, |it| markdown(&it.value))),
        ("Ports (svc/health)", |_, row| ports(row)),
        ("Python", |_, row| row.python.as_ref().map_or_else(String::new, |it| markdown(&it.value))),
        ("Path(s)", |_, row| {
            let paths = row.paths.iter().filter(|path| is_path(&path.value));
            paths.map(|path| folder(&path.value)).collect::<Vec<_>>().join(", ")
        }),
    ];
    let used: Vec<&(&str, Cell)> = all
        .iter()
        .enumerate()
        .filter(|(at, (_, cell))| {
            matches!(*at, 0 | PORTS) || plan.services.iter().any(|row| !cell(plan, row).is_empty())
        })
        .map(|(_, column)| column)
        .collect();
    let header: Vec<&str> = used.iter().map(|(name, _)| *name).collect();
    let rows = plan.services.iter().map(|row| used.iter().map(|(_, cell)| cell(plan, row)).collect());
    out.table("Services", &header, rows.collect());
    let repositories = plan.services.iter().filter(|row| row.repository.is_some());
    let rows = repositories.map(|row| vec![markdown(&row.name.value), text(&row.repository)]).collect();
    out.table("Repositories of services", &["Service", "Repository"], rows);
}

/// A path; a lone dot in a cell would mean that there is none.
fn folder(path: &str) -> String {
    code(if path == "." { "./" } else { path })
}

/// The machines of a row, by name.
fn on<'p>(plan: &'p Plan, row: &'p ServiceRow) -> Vec<&'p str> {
    let known = row.on.iter().flat_map(|on| &on.value);
    let known = known.filter_map(|at| plan.machines.get(*at)).map(|machine| machine.name.value.as_str());
    let unknown = row.unknown_machines.iter().map(|name| name.value.as_str());
    known.chain(unknown).collect()
}

fn ports(row: &ServiceRow) -> String {
    match (&row.service_port, &row.health_port) {
        (Some(service), Some(health)) => format!("{} / {}", service.value, health.value),
        (Some(service), None) => service.value.to_string(),
        (None, Some(health)) => format!("- / {}", health.value),
        (None, None) => String::new(),
    }
}

fn hierarchy(plan: &Plan, out: &mut Document) {
    let images = &plan.images.hierarchy;
    let paths = images.iter().any(|image| image.path.is_some());
    let repositories = images.iter().any(|image| image.repository.is_some());
    let mut header = vec!["Image", "Parent"];
    header.extend(paths.then_some("Dockerfile"));
    header.extend(repositories.then_some("Repository"));
    let optional =
        |value: &Option<Spanned<SmolStr>>| value.as_ref().map_or_else(String::new, |it| code(&it.value));
    let row = |image: &crate::plan::HierarchyImage| {
        let mut cells = vec![code(&image.name.value), code(&image.from.value)];
        cells.extend(paths.then(|| optional(&image.path)));
        cells.extend(repositories.then(|| optional(&image.repository)));
        cells
    };
    out.table("Base images", &header, images.iter().map(row).collect());
}

fn machines(plan: &Plan, out: &mut Document) {
    type Cell = fn(&Machine) -> String;
    let list = |machine: &Machine| machine.name.value.clone();
    let all: [(&str, Cell); 5] = [
        ("Alias", |machine| codes(machine.alias.iter().map(|it| &it.value))),
        ("Host", |machine| machine.host.as_ref().map_or_else(String::new, |it| code(&it.value))),
        ("Profile", |machine| machine.profile.as_ref().map_or_else(String::new, |it| code(&it.value))),
        ("Compose files", |machine| codes(machine.compose.iter().map(|it| &it.value))),
        ("CUDA architectures", |machine| codes(machine.cuda_arch.iter().map(|it| &it.value))),
    ];
    let used: Vec<&(&str, Cell)> = all
        .iter()
        .filter(|(_, cell)| plan.machines.iter().any(|machine| !cell(machine).is_empty()))
        .collect();
    let header: Vec<&str> = std::iter::once("Machine").chain(used.iter().map(|(name, _)| *name)).collect();
    let row = |machine: &Machine| {
        let name = markdown(&list(machine));
        std::iter::once(name).chain(used.iter().map(|(_, cell)| cell(machine))).collect()
    };
    out.table("Machines", &header, plan.machines.iter().map(row).collect());
    values(&plan.machines, out);
}

/// One column per machine that has values.
fn values(machines: &[Machine], out: &mut Document) {
    let machines: Vec<&Machine> = machines.iter().filter(|machine| !machine.values.is_empty()).collect();
    let names: Vec<String> = machines.iter().map(|machine| markdown(&machine.name.value)).collect();
    let header: Vec<&str> = std::iter::once("Key").chain(names.iter().map(String::as_str)).collect();
    let maps: Vec<std::collections::HashMap<&str, &str>> = machines
        .iter()
        .map(|machine| {
            machine.values.iter().map(|(key, value)| (key.as_str(), value.value.as_str())).collect()
        })
        .collect();
    let mut keys: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (key, _) in machines.iter().flat_map(|machine| &machine.values) {
        if is_variable(key) && seen.insert(key.as_str()) {
            keys.push(key);
        }
    }
    let row = |key: &&str| {
        let values = maps.iter().map(|map| map.get(key).map_or_else(String::new, |value| code(value)));
        std::iter::once(code(key)).chain(values).collect()
    };
    out.table("Values of the machines", &header, keys.iter().map(row).collect());
}

fn every_image(plan: &Plan, out: &mut Keys) {
    out.value("user.uid", plan.user.uid.as_ref());
    out.value("user.gid", plan.user.gid.as_ref());
    out.value("user.name", plan.user.name.as_ref());
    out.value("user.non-root", plan.user.non_root.as_ref());
    out.value("init.process", plan.init.process.as_ref());
    out.list("init.accept", &plan.init.accept);
    out.value("build.multi-stage", plan.build.multi_stage.as_ref());
    out.value("build.pip-hashes", plan.build.pip_hashes.as_ref());
    out.value("build.pip-cache-mount", plan.build.pip_cache_mount.as_ref());
    out.value("build.apt-snapshot", plan.build.apt_snapshot.as_ref());
    out.value("images.registry", plan.images.registry.as_ref());
    out.value("images.tag", plan.images.tag.as_ref());
    out.value("images.pinned", plan.images.pinned.as_ref());
    out.list("images.platforms", &plan.images.platforms);
    for (key, size) in [("cpu", &plan.images.size.cpu), ("gpu", &plan.images.size.gpu)] {
        if let Some(size) = size {
            out.text(&format!("images.size.{key}"), &size.value.written);
        }
    }
    out.value("images.size.unpacked", plan.images.size.unpacked.as_ref());
    out.value("python.version", plan.python.version.as_ref());
    out.value("python.legacy.version", plan.python.legacy_version.as_ref());
    out.value("python.legacy.base", plan.python.legacy_base.as_ref());
    out.value("cuda.version", plan.cuda.version.as_ref());
    out.list("cuda.arch", &plan.cuda.arch);
    out.list("labels.required", &plan.labels.required);
    out.pairs("labels.values", &plan.labels.values);
    out.list("dockerignore.covers", &plan.dockerignore_covers);
    for (name, allowed) in &plan.env {
        out.cell(&format!("env.{name}"), codes(&allowed.value));
    }
}

fn health(plan: &Plan, out: &mut Keys) {
    let health = &plan.health;
    out.value("health.required", health.required.as_ref());
    out.value("health.path", health.path.as_ref());
    for (key, value) in &health.expect {
        out.scalar(&format!("health.expect.{key}"), &value.value);
    }
    if !health.status.is_empty() {
        let codes: Vec<String> = health.status.iter().map(|status| code(&status.value.to_string())).collect();
        out.cell("health.status", codes.join(", "));
    }
    out.value("health.content-type", health.content_type.as_ref());
    if let Some(schema) = &health.schema {
        out.text("health.schema", &schema.value.name);
    }
    out.value("health.label", health.label.as_ref());
    for (key, value) in [
        ("health.max-time", &health.max_time),
        ("health.interval", &health.interval),
        ("health.timeout", &health.timeout),
        ("health.start-period", &health.start_period),
    ] {
        if let Some(value) = value {
            out.text(key, &value.value.0);
        }
    }
    out.value("health.retries", health.retries.as_ref());
}

/// Keys of a contract in the form of a table of keys: a list in one cell, and texts that look like numbers in quotes.
fn contract(contract: &Contract, out: &mut Keys) {
    let path = format!("services.contracts.{}", contract.name.value);
    // The name ends at its first dot.
    if contract.name.value.contains('.') {
        return;
    }
    let Some(demands) = &contract.demands else { return out.text(&path, "false") };
    let mut lists: Vec<(&str, Vec<&Spanned<SmolStr>>)> = Vec::new();
    for (key, value) in &contract.values {
        match lists.last_mut() {
            Some((last, values)) if *last == key.as_str() => values.push(value),
            _ => lists.push((key, vec![value])),
        }
    }
    for (key, values) in lists.into_iter().filter(|(key, _)| !key.starts_with("endpoints")) {
        let way = format!("{path}.{key}");
        let field = key.strip_prefix("expect.");
        match field.and_then(|field| demands.expect.iter().find(|(name, _)| name == field)) {
            Some((_, value)) => out.scalar(&way, &value.value),
            None if matches!(key, "names" | "status") => out.list(&way, values),
            None => values.iter().for_each(|value| out.value(&way, Some(value))),
        }
    }
}

fn deployment(plan: &Plan, out: &mut Keys) {
    let limits = &plan.limits;
    for (key, value) in [
        ("limits.cpu", &limits.cpu_limit),
        ("limits.memory", &limits.memory_limit),
        ("limits.cpu-reserved", &limits.cpu_reserved),
        ("limits.memory-reserved", &limits.memory_reserved),
    ] {
        if let Some(value) = value {
            out.text(key, &value.value.written);
        }
    }
    out.value("logging.driver", plan.logging.driver.as_ref());
    out.pairs("logging.options", &plan.logging.options);
    out.list("mounts.read-only", &plan.read_only_mounts);
    out.value("deploy.required", plan.deploy.required.as_ref());
    out.value("deploy.restart", plan.deploy.restart.as_ref());
    out.value("deploy.read-only", plan.deploy.read_only.as_ref());
    out.value("workflows.matrix", plan.workflows.matrix.as_ref());
    out.value("machine-profile.schema", plan.profile_schema.as_ref());
}

fn policy(plan: &Plan, out: &mut Document) {
    let mut rows = Vec::new();
    let mut settings = |paths: &str, rules: &[RuleSetting]| {
        for setting in rules {
            let severity = match setting.severity {
                Some(severity) => severity.map_or("off", Severity::name),
                None => "as it is",
            };
            let suppressible = if setting.suppressible { "yes" } else { "no" };
            let rule = code(&setting.rule.value);
            rows.push(vec![rule, paths.to_owned(), severity.to_owned(), suppressible.to_owned()]);
        }
    };
    settings("", &plan.rules);
    for part in &plan.overrides {
        settings(&codes(part.paths.iter().map(|path| &path.value)), &part.rules);
    }
    if let Some(ruleset) = &plan.ruleset {
        rows.push(vec![
            format!("ruleset {}", code(&ruleset.value)),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    out.table("Changed rules", &["Rule", "Path(s)", "Severity", "Suppressible"], rows);
    let header = ["Rule", "Where", "Until", "Owner", "Reason"];
    out.table("Waivers", &header, plan.waivers.iter().map(waiver).collect());
}

fn waiver(waiver: &Waiver) -> Vec<String> {
    let text =
        |value: &Option<Spanned<SmolStr>>| value.as_ref().map_or_else(String::new, |it| markdown(&it.value));
    let part = |name: &str, value: &Option<Spanned<SmolStr>>| {
        value.as_ref().map(|value| format!("{name} {}", code(&value.value)))
    };
    // A waiver of a path and a service counts only where both are so.
    let parts = [part("path", &waiver.path), part("service", &waiver.service)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let place = if parts.is_empty() { "everywhere".to_owned() } else { parts.join(" and ") };
    let until = waiver.until.as_ref().map(|until| until.value);
    let until = until.map_or_else(String::new, |(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    vec![code(&waiver.rule.value), place, until, text(&waiver.owner), text(&waiver.reason)]
}
