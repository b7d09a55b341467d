//! `plimsoll plan`

use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Subcommand;

use super::Verdict;
use super::check::JudgeArgs;
use super::options::PlanArgs;
use super::output::{ColorWhen, OutputArgs, visible};
use crate::model::Spanned;
use crate::plan::{Contract, Plan};
use crate::run::{self, CheckRequest};
use crate::source::Place;

/// Arguments of `plan`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Print every value of the resolved plan with the line that says it.
    Show(ShowArgs),
    /// Check the plan against itself.
    Check(Box<CheckArgs>),
}

#[derive(Debug, Clone, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Debug, Clone, clap::Args)]
struct CheckArgs {
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    match args.what {
        What::Show(args) => {
            let plan = run::load_plan(&args.plan.into())?;
            let mut out = BufWriter::new(io::stdout().lock());
            show(&plan, &mut out)?;
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        What::Check(args) => {
            let request = CheckRequest { plan: args.plan.into(), ..args.judge.request()? };
            let outcome = run::check_plan(&request)?;
            args.output.write(&outcome, color)?;
            Ok(args.judge.fail_on.code(&outcome))
        }
    }
}

/// One line a value: `user.uid = 10001   # plimsoll.toml:4`.
fn show(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::default();
    general(plan, &mut rows);
    health(plan, &mut rows);
    machines(plan, &mut rows);
    services(plan, &mut rows);
    policy(plan, &mut rows);
    let width =
        rows.0.iter().map(|(said, _)| said.chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
    for (said, at) in &rows.0 {
        writeln!(out, "{said:width$}   # {at}")?;
    }
    Ok(())
}

/// Lines of the listing: what is said, and where.
#[derive(Default)]
struct Rows(Vec<(String, String)>);

impl Rows {
    fn add(&mut self, key: &str, value: impl Display, place: &Place) {
        let said = format!("{key} = {value}");
        let at = format!("{}:{}", place.source.path(), place.start().line);
        self.0.push((visible(&said).into_owned(), visible(&at).into_owned()));
    }

    fn one<T: Display>(&mut self, key: &str, value: Option<&Spanned<T>>) {
        if let Some(value) = value {
            self.add(key, &value.value, &value.place);
        }
    }

    fn text<T: AsRef<str>>(&mut self, key: &str, value: Option<&Spanned<T>>) {
        if let Some(value) = value {
            self.add(key, quoted(value.value.as_ref()), &value.place);
        }
    }

    fn texts<T: AsRef<str>>(&mut self, key: &str, values: &[Spanned<T>]) {
        values.iter().for_each(|value| self.text(&format!("{key}[]"), Some(value)));
    }

    fn pairs<K: AsRef<str>, T: AsRef<str>>(&mut self, table: &str, pairs: &[(K, Spanned<T>)]) {
        pairs
            .iter()
            .for_each(|(key, value)| self.text(&format!("{table}.{}", key_part(key.as_ref())), Some(value)));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// A key as TOML writes it: bare when it may be.
fn key_part(key: &str) -> String {
    let bare =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if bare { key.to_owned() } else { quoted(key) }
}

fn general(plan: &Plan, rows: &mut Rows) {
    rows.one("user.uid", plan.user.uid.as_ref());
    rows.one("user.gid", plan.user.gid.as_ref());
    rows.text("user.name", plan.user.name.as_ref());
    rows.one("user.non-root", plan.user.non_root.as_ref());
    rows.text("init.process", plan.init.process.as_ref());
    rows.texts("init.accept", &plan.init.accept);
    rows.one("build.multi-stage", plan.build.multi_stage.as_ref());
    rows.one("build.pip-hashes", plan.build.pip_hashes.as_ref());
    rows.one("build.pip-cache-mount", plan.build.pip_cache_mount.as_ref());
    rows.one("build.apt-snapshot", plan.build.apt_snapshot.as_ref());
    rows.text("images.registry", plan.images.registry.as_ref());
    rows.text("images.tag", plan.images.tag.as_ref());
    rows.one("images.pinned", plan.images.pinned.as_ref());
    for image in &plan.images.hierarchy {
        let key = format!("images.hierarchy.{}", key_part(&image.name.value));
        rows.text(&format!("{key}.from"), Some(&image.from));
        rows.text(&format!("{key}.path"), image.path.as_ref());
    }
    rows.text("python.version", plan.python.version.as_ref());
    rows.text("python.legacy.version", plan.python.legacy_version.as_ref());
    rows.text("python.legacy.base", plan.python.legacy_base.as_ref());
    rows.pairs("pins", &plan.pins);
    rows.text("cuda.version", plan.cuda.version.as_ref());
    rows.texts("cuda.arch", &plan.cuda.arch);
    rows.texts("labels.required", &plan.labels.required);
    rows.pairs("labels.values", &plan.labels.values);
    rows.texts("dockerignore.covers", &plan.dockerignore_covers);
    for (name, values) in &plan.env {
        rows.add(&format!("env.{}", key_part(name)), format!("{:?}", values.value), &values.place);
    }
}

fn health(plan: &Plan, rows: &mut Rows) {
    let health = &plan.health;
    rows.one("health.required", health.required.as_ref());
    rows.text("health.path", health.path.as_ref());
    rows.pairs("health.expect", &health.expect);
    rows.text("health.label", health.label.as_ref());
    let times = [
        ("interval", &health.interval),
        ("timeout", &health.timeout),
        ("start-period", &health.start_period),
    ];
    for (key, time) in times {
        if let Some(time) = time {
            rows.add(&format!("health.{key}"), quoted(&time.value.0), &time.place);
        }
    }
    rows.one("health.retries", health.retries.as_ref());
}

fn machines(plan: &Plan, rows: &mut Rows) {
    for machine in &plan.machines {
        let key = format!("machines.{}", key_part(&machine.name.value));
        rows.texts(&format!("{key}.alias"), &machine.alias);
        rows.text(&format!("{key}.host"), machine.host.as_ref());
        rows.text(&format!("{key}.profile"), machine.profile.as_ref());
        rows.texts(&format!("{key}.cuda-arch"), &machine.cuda_arch);
        rows.pairs(&format!("{key}.values"), &machine.values);
    }
}

fn services(plan: &Plan, rows: &mut Rows) {
    for row in &plan.services {
        let key = format!("services.rows.{}", key_part(&row.name.value));
        if let Some(on) = &row.on {
            let names: Vec<&str> = on
                .value
                .iter()
                .filter_map(|at| plan.machines.get(*at))
                .map(|machine| machine.name.value.as_str())
                .collect();
            rows.add(&format!("{key}.on"), format!("{names:?}"), &on.place);
        }
        rows.text(&format!("{key}.base"), row.base.as_ref());
        rows.one(&format!("{key}.port"), row.service_port.as_ref());
        rows.one(&format!("{key}.health-port"), row.health_port.as_ref());
        rows.texts(&format!("{key}.paths"), &row.paths);
        rows.text(&format!("{key}.needs"), row.needs.as_ref());
        contracts(&key, &row.contracts, rows);
    }
    contracts("services", &plan.contracts, rows);
}

fn contracts(table: &str, contracts: &[Contract], rows: &mut Rows) {
    for contract in contracts {
        rows.pairs(&format!("{table}.contracts.{}", key_part(&contract.name.value)), &contract.values);
    }
}

fn policy(plan: &Plan, rows: &mut Rows) {
    for setting in &plan.rules {
        let severity = match setting.severity {
            Some(severity) => severity.map_or("off", crate::finding::Severity::name),
            None => "default",
        };
        let firm = if setting.suppressible { "" } else { ", not suppressible" };
        rows.add(&format!("rules.{}", setting.rule.value), format!("{severity}{firm}"), &setting.rule.place);
    }
    for waiver in &plan.waivers {
        rows.text("waivers[].rule", Some(&waiver.rule));
        rows.text("waivers[].path", waiver.path.as_ref());
        rows.text("waivers[].service", waiver.service.as_ref());
        if let Some(until) = &waiver.until {
            let (year, month, day) = until.value;
            rows.add("waivers[].until", format!("{year:04}-{month:02}-{day:02}"), &until.place);
        }
        rows.text("waivers[].owner", waiver.owner.as_ref());
        rows.text("waivers[].reason", waiver.reason.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    #[test]
    fn every_value_names_its_line() {
        let source = Source::new("plimsoll.toml", b"a\nb\n".to_vec());
        let at = |start| Place::new(&source, Span::new(start, start + 1));
        let mut plan = Plan::default();
        plan.user.uid = Some(Spanned::new(10001, at(0)));
        plan.pins.push(("torch".into(), Spanned::new("2.2\x1b".into(), at(2))));
        plan.labels.values.push(("org.x".into(), Spanned::new("y".into(), at(2))));
        let mut out = Vec::new();
        show(&plan, &mut out).unwrap();
        let expected = "\
user.uid = 10001             # plimsoll.toml:1
pins.torch = \"2.2\\u{1b}\"     # plimsoll.toml:2
labels.values.\"org.x\" = \"y\"   # plimsoll.toml:2
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
