//! `healthcheck-endpoint`: the health check asks the planned path on the health port.

mod inherited;
mod probes;

use super::watch::{Watch, watch, watch_image, watch_service};
use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Form, Probe, Spanned, Unknown, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::deployed::{is_compose, is_ours, row};
use crate::rules::images;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(deployed), Check::Image(image)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.health.path.is_some()
}

/// What is wrong with one request, and the text of it that shows that.
enum Verdict {
    Right,
    Open(Unknown),
    Wrong(String, String),
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(watch) = watch(build) else { return };
    let row = build.service.and_then(|index| plan.services.get(index));
    judge(&watch, &build.image_names, plan, row.and_then(|row| row.health_port.as_ref()), out);
}

/// What a compose service asks instead of its image, and what the probes of a pod ask.
fn deployed(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if !is_ours(workload, plan) {
        return;
    }
    let port = row(workload, plan).and_then(|row| row.health_port.as_ref());
    match watch_service(workload) {
        Some(watch) => judge(&watch, std::slice::from_ref(&workload.name.value), plan, port, out),
        None if is_compose(workload) => inherited::check(workload, plan, port, out),
        None => probes::check(workload, plan, out),
    }
}

/// What the config of a built image asks.
fn image(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(watch) = watch_image(image) else { return };
    let row = images::row(image, plan);
    let names: Vec<SmolStr> = row.iter().map(|row| row.name.value.clone()).collect();
    judge(&watch, &names, plan, row.and_then(|row| row.health_port.as_ref()), out);
}

/// `names`: those by which the container calls itself.
fn judge(
    watch: &Watch<'_>,
    names: &[SmolStr],
    plan: &Plan,
    port: Option<&Spanned<u16>>,
    out: &mut Findings,
) {
    let Some(path) = &plan.health.path else { return };
    let Some(first) = watch.probes.first() else {
        // What cannot fail is `healthcheck-noop`'s, a whole command line in one word `healthcheck-form`'s.
        if watch.health.can_fail && !is_one_word(watch) {
            let message = format!("cannot tell what the health check asks: `{}`", watch.command());
            out.open(&watch.in_command(""), message).subject(watch.label.clone());
        }
        return;
    };
    let judge = |probe: &Probe| verdict(probe, names, path, port);
    let mut open = None;
    for probe in watch.probes {
        match judge(probe) {
            // Further requests beside the planned one do no harm.
            Verdict::Right => return,
            Verdict::Open(why) => open = open.or(Some(why)),
            Verdict::Wrong(..) => {}
        }
    }
    match (open, judge(first)) {
        (Some(why), _) => {
            out.open(&watch.in_command(""), format!("cannot tell what the health check asks: {why}"))
                .subject(watch.label.clone());
        }
        (None, Verdict::Wrong(message, text)) => wrong(watch, &message, &text, path, port, out),
        _ => {}
    }
}

/// Whether the exec form takes a whole command line for the name of a program.
fn is_one_word(watch: &Watch<'_>) -> bool {
    let words = watch.health.command.as_ref().filter(|command| command.form == Form::Exec);
    words.is_some_and(|command| command.words.first().is_some_and(|first| first.contains(char::is_whitespace)))
}

fn wrong(
    watch: &Watch<'_>,
    message: &str,
    text: &str,
    path: &Spanned<SmolStr>,
    port: Option<&Spanned<u16>>,
    out: &mut Findings,
) {
    let finding = out.add(&watch.in_command(text), message);
    let by_port = port.filter(|_| text.starts_with(':'));
    match by_port {
        Some(port) => finding.planned(port),
        None => finding.planned(path),
    };
    let port = port.map_or_else(|| "<health port>".to_owned(), |port| port.value.to_string());
    finding.help(format!("ask `http://localhost:{port}{}`", path.value)).subject(watch.label.clone());
}

fn verdict(
    probe: &Probe,
    names: &[SmolStr],
    path: &Spanned<SmolStr>,
    port: Option<&Spanned<u16>>,
) -> Verdict {
    if let Some(host) = probe.host.certain().filter(|host| !is_own(host, names)) {
        return Verdict::Wrong(
            format!("the health check asks `{host}`, which is not the container itself"),
            host.into(),
        );
    }
    if let (Some(want), Some(found)) = (port, probe.port.certain())
        && found.parse() != Ok(want.value)
    {
        let message = format!("the health check asks port `{found}`, planned `{}`", want.value);
        return Verdict::Wrong(message, format!(":{found}"));
    }
    match probe.path.certain() {
        Some("") => {
            let message = format!(
                "the health check only connects with `{}`, planned a request of `{}`",
                probe.tool, path.value
            );
            return Verdict::Wrong(message, probe.tool.to_string());
        }
        Some(found) if without_query(found) != path.value => {
            let message = format!("the health check asks `{found}`, planned `{}`", path.value);
            return Verdict::Wrong(message, found.to_owned());
        }
        _ => {}
    }
    let unknown = probe.path.unknown.as_ref().or_else(|| port.and(probe.port.unknown.as_ref()));
    unknown.map_or(Verdict::Right, |why| Verdict::Open(why.clone()))
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or(path)
}

/// Whether a host name means the container itself.
fn is_own(host: &str, names: &[SmolStr]) -> bool {
    let bare = host.trim_matches(['[', ']']);
    let name = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
    };
    matches!(bare, "" | "localhost" | "0.0.0.0" | "::1" | "::" | "ip6-localhost" | "host.local")
        || bare.starts_with("127.")
        || names.iter().any(|own| name(own) == name(bare))
}
