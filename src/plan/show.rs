//! The resolved plan as text: every value with the file and line that says it.

use std::fmt::{Display, Write as _};

use smol_str::SmolStr;

use super::types::{Contract, Machine, Plan, RuleSetting, ServiceRow, Stated};
use crate::finding::Severity;
use crate::model::Spanned;
use crate::source::{Place, is_hidden};

/// Values longer than this are not padded for, in characters.
const MAX_VALUE: usize = 48;

/// One line per value: key, value, `file:line`; aligned inside each section.
#[must_use]
pub fn show(plan: &Plan) -> String {
    let mut out = Sections::default();
    build(plan, &mut out);
    images(plan, &mut out);
    health(plan, &mut out);
    labels(plan, &mut out);
    deployments(plan, &mut out);
    for machine in &plan.machines {
        show_machine(machine, &mut out);
    }
    for row in &plan.services {
        show_row(plan, row, &mut out);
    }
    out.section("services.contracts");
    out.contracts(&plan.contracts);
    stated(plan, &mut out);
    policy(plan, &mut out);
    out.print()
}

fn build(plan: &Plan, out: &mut Sections) {
    out.section("user");
    out.value("uid", plan.user.uid.as_ref());
    out.value("gid", plan.user.gid.as_ref());
    out.value("name", plan.user.name.as_ref());
    out.value("non-root", plan.user.non_root.as_ref());
    out.section("init");
    out.value("process", plan.init.process.as_ref());
    out.list("accept", &plan.init.accept);
    out.section("build");
    out.value("multi-stage", plan.build.multi_stage.as_ref());
    out.value("pip-hashes", plan.build.pip_hashes.as_ref());
    out.value("pip-cache-mount", plan.build.pip_cache_mount.as_ref());
    out.value("apt-snapshot", plan.build.apt_snapshot.as_ref());
}

fn images(plan: &Plan, out: &mut Sections) {
    out.section("images");
    out.value("registry", plan.images.registry.as_ref());
    out.value("tag", plan.images.tag.as_ref());
    out.value("pinned", plan.images.pinned.as_ref());
    out.list("platforms", &plan.images.platforms);
    out.section("images.size");
    for (key, size) in [("cpu", &plan.images.size.cpu), ("gpu", &plan.images.size.gpu)] {
        if let Some(size) = size {
            out.line(key, &size.value.written, &size.place);
        }
    }
    out.value("unpacked", plan.images.size.unpacked.as_ref());
    out.section("images.hierarchy");
    for image in &plan.images.hierarchy {
        out.value(&image.name.value, Some(&image.from));
        out.value("  path", image.path.as_ref());
        out.value("  repository", image.repository.as_ref());
    }
    out.section("python");
    out.value("version", plan.python.version.as_ref());
    out.value("legacy.version", plan.python.legacy_version.as_ref());
    out.value("legacy.base", plan.python.legacy_base.as_ref());
    out.section("pins");
    out.pairs(&plan.pins);
    out.section("cuda");
    out.value("version", plan.cuda.version.as_ref());
    out.list("arch", &plan.cuda.arch);
}

fn health(plan: &Plan, out: &mut Sections) {
    let health = &plan.health;
    out.section("health");
    out.value("required", health.required.as_ref());
    out.value("path", health.path.as_ref());
    for (key, value) in &health.expect {
        out.value(&format!("expect.{key}"), Some(value));
    }
    for status in &health.status {
        out.value("status", Some(status));
    }
    out.value("content-type", health.content_type.as_ref());
    if let Some(schema) = &health.schema {
        out.line("schema", &schema.value.name, &schema.place);
    }
    out.value("label", health.label.as_ref());
    for (key, value) in [
        ("max-time", &health.max_time),
        ("interval", &health.interval),
        ("timeout", &health.timeout),
        ("start-period", &health.start_period),
    ] {
        if let Some(value) = value {
            out.line(key, &value.value.0, &value.place);
        }
    }
    out.value("retries", health.retries.as_ref());
}

fn labels(plan: &Plan, out: &mut Sections) {
    out.section("labels");
    out.list("required", &plan.labels.required);
    for (key, value) in &plan.labels.values {
        out.value(&format!("values.{key}"), Some(value));
    }
    out.section("dockerignore");
    out.list("covers", &plan.dockerignore_covers);
    out.section("env");
    for (key, value) in &plan.env {
        out.line(key, &value.value.join(", "), &value.place);
    }
}

fn deployments(plan: &Plan, out: &mut Sections) {
    out.section("limits");
    let limits = &plan.limits;
    for (key, value) in [
        ("cpu", &limits.cpu_limit),
        ("memory", &limits.memory_limit),
        ("cpu-reserved", &limits.cpu_reserved),
        ("memory-reserved", &limits.memory_reserved),
    ] {
        if let Some(value) = value {
            out.line(key, &value.value.written, &value.place);
        }
    }
    out.section("logging");
    out.value("driver", plan.logging.driver.as_ref());
    for (key, value) in &plan.logging.options {
        out.value(&format!("options.{key}"), Some(value));
    }
    out.section("mounts");
    out.list("read-only", &plan.read_only_mounts);
    out.section("deploy");
    out.value("required", plan.deploy.required.as_ref());
    out.value("restart", plan.deploy.restart.as_ref());
    out.value("read-only", plan.deploy.read_only.as_ref());
    out.section("workflows");
    out.value("matrix", plan.workflows.matrix.as_ref());
    out.section("machine-profile");
    out.value("schema", plan.profile_schema.as_ref());
}

fn show_machine(machine: &Machine, out: &mut Sections) {
    out.section(&format!("machines.{}", machine.name.value));
    out.list("alias", &machine.alias);
    out.value("host", machine.host.as_ref());
    if let Some(profile) = &machine.profile {
        let missing = if matches!(machine.profile_file, Some(Err(_))) { " (cannot be read)" } else { "" };
        out.line("profile", &format!("{}{missing}", profile.value), &profile.place);
    }
    out.list("compose", &machine.compose);
    out.list("cuda-arch", &machine.cuda_arch);
    for (key, value) in &machine.values {
        out.value(&format!("values.{key}"), Some(value));
    }
}

fn show_row(plan: &Plan, row: &ServiceRow, out: &mut Sections) {
    out.section(&format!("services.rows.{}", row.name.value));
    if let Some(on) = &row.on {
        let known =
            on.value.iter().filter_map(|at| plan.machines.get(*at)).map(|machine| &machine.name.value);
        let all: Vec<&str> =
            known.chain(row.unknown_machines.iter().map(|name| &name.value)).map(SmolStr::as_str).collect();
        out.line("on", &all.join(", "), &on.place);
    }
    out.value("base", row.base.as_ref());
    out.value("port", row.service_port.as_ref());
    out.value("health-port", row.health_port.as_ref());
    out.value("needs", row.needs.as_ref());
    out.value("python", row.python.as_ref());
    out.value("repository", row.repository.as_ref());
    out.list("paths", &row.paths);
    out.contracts(&row.contracts);
    if out.is_empty_section() {
        out.line("name", &row.name.value, &row.name.place);
    }
}

fn stated(plan: &Plan, out: &mut Sections) {
    out.section("stated beside the plan");
    for stated in &plan.stated {
        match stated {
            Stated::MachineValue { machine, key, value } => {
                let name = plan.machines.get(*machine).map_or("?", |machine| machine.name.value.as_str());
                out.value(&format!("{name}.{key}"), Some(value));
            }
            Stated::CudaArch(list) => out.value("TORCH_CUDA_ARCH_LIST", Some(list)),
            Stated::Hierarchy { image, parent } => {
                let parent = parent.as_ref().map_or("(root)", |parent| parent.value.as_str());
                out.line(&format!("image {}", image.value), parent, &image.place);
            }
        }
    }
    for example in &plan.examples {
        out.line("example Dockerfile", "", example);
    }
}

fn policy(plan: &Plan, out: &mut Sections) {
    out.section("rules");
    out.value("ruleset", plan.ruleset.as_ref());
    settings(&plan.rules, out);
    for part in &plan.overrides {
        let paths: Vec<&str> = part.paths.iter().map(|path| path.value.as_str()).collect();
        out.section(&format!("overrides {}", paths.join(" ")));
        settings(&part.rules, out);
    }
    out.section("waivers");
    for waiver in &plan.waivers {
        let parts: Vec<&str> =
            [&waiver.path, &waiver.service].into_iter().flatten().map(|part| part.value.as_str()).collect();
        let mut text = if parts.is_empty() { "everywhere".to_owned() } else { parts.join(" and ") };
        if let Some((year, month, day)) = waiver.until.as_ref().map(|until| until.value) {
            let _ = write!(text, " until {year:04}-{month:02}-{day:02}");
        }
        if let Some(owner) = &waiver.owner {
            let _ = write!(text, " ({})", owner.value);
        }
        out.line(&waiver.rule.value, &text, &waiver.place);
    }
}

fn settings(rules: &[RuleSetting], out: &mut Sections) {
    for setting in rules {
        let mut text = match setting.severity {
            Some(severity) => severity.map_or("off", Severity::name).to_owned(),
            None => "as it is".to_owned(),
        };
        if !setting.suppressible {
            text.push_str(", not suppressible");
        }
        out.line(&setting.rule.value, &text, &setting.rule.place);
    }
}

/// Sections with their lines, for alignment.
#[derive(Default)]
struct Sections(Vec<(String, Vec<[String; 3]>)>);

impl Sections {
    fn section(&mut self, name: &str) {
        self.0.push((plain(name), Vec::new()));
    }

    fn is_empty_section(&self) -> bool {
        self.0.last().is_none_or(|(_, lines)| lines.is_empty())
    }

    fn line(&mut self, key: &str, value: &str, place: &Place) {
        // The line alone: a column would be counted from the start of a line that may be a megabyte long.
        let at = format!("{}:{}", place.source.path(), place.source.lines().line_of(place.span.start));
        if let Some((_, lines)) = self.0.last_mut() {
            lines.push([plain(key), plain(value), plain(&at)]);
        }
    }

    fn value<T: Display>(&mut self, key: &str, value: Option<&Spanned<T>>) {
        if let Some(value) = value {
            self.line(key, &value.value.to_string(), &value.place);
        }
    }

    fn list(&mut self, key: &str, values: &[Spanned<SmolStr>]) {
        for value in values {
            self.value(key, Some(value));
        }
    }

    fn pairs(&mut self, values: &[(SmolStr, Spanned<SmolStr>)]) {
        for (key, value) in values {
            self.value(key, Some(value));
        }
    }

    fn contracts(&mut self, contracts: &[Contract]) {
        for contract in contracts {
            if contract.demands.is_none() {
                self.line(&contract.name.value, "false", &contract.name.place);
            }
            for (key, value) in &contract.values {
                self.value(&format!("{}.{key}", contract.name.value), Some(value));
            }
        }
    }

    fn print(&self) -> String {
        let mut text = String::new();
        for (name, lines) in self.0.iter().filter(|(_, lines)| !lines.is_empty()) {
            let width = |column: usize| {
                let widths = lines.iter().map(|line| line[column].chars().count());
                widths.filter(|width| *width <= MAX_VALUE).max().unwrap_or(0)
            };
            let (keys, values) = (width(0), width(1));
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[{name}]");
            for [key, value, at] in lines {
                let _ = writeln!(text, "  {key:keys$}  {value:values$}  {at}");
            }
        }
        text
    }
}

/// The text without characters that a terminal obeys or that turn its direction.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
