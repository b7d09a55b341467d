//! Probes of a container.

use smol_str::SmolStr;

use super::scalars::{integer, text};
use crate::model::{CommandLine, Duration, Form, PodProbe, ProbeAction, ProbeKind, Spanned};
use crate::syntax::yaml::Node;

/// The probes of a container, each at its key.
pub(super) fn probes(container: &Node) -> Vec<Spanned<PodProbe>> {
    let kinds = [ProbeKind::Liveness, ProbeKind::Readiness, ProbeKind::Startup].into_iter();
    let said = kinds.filter_map(|kind| {
        let entry = container.entry(kind.key()).filter(|entry| entry.value.is_mapping())?;
        Some(Spanned::new(probe(kind, &entry.value), entry.key.place.clone()))
    });
    said.collect()
}

fn probe(kind: ProbeKind, node: &Node) -> PodProbe {
    let seconds = |key: &str| {
        let said = integer(node.get(key)?)?;
        let milliseconds = u64::try_from(said.value).ok().and_then(|seconds| seconds.checked_mul(1000));
        let written = SmolStr::new(format!("{}s", said.value));
        Some(Spanned::new(Duration { written, milliseconds }, said.place))
    };
    let failure_threshold = node.get("failureThreshold").and_then(integer);
    PodProbe {
        kind,
        action: action(node),
        initial_delay: seconds("initialDelaySeconds"),
        period: seconds("periodSeconds"),
        timeout: seconds("timeoutSeconds"),
        failure_threshold: failure_threshold
            .and_then(|said| Some(Spanned::new(u32::try_from(said.value).ok()?, said.place))),
    }
}

/// What the probe does; of several handlers, which the API server refuses, the first.
fn action(node: &Node) -> ProbeAction {
    let said =
        |handler: &Node, key: &str| handler.get(key).and_then(text).filter(|said| !said.value.is_empty());
    if let Some(http) = node.get("httpGet") {
        return ProbeAction::Http { path: said(http, "path"), port: said(http, "port") };
    }
    if let Some(tcp) = node.get("tcpSocket") {
        return ProbeAction::Tcp { port: said(tcp, "port") };
    }
    if let Some(grpc) = node.get("grpc") {
        return ProbeAction::Grpc { port: said(grpc, "port") };
    }
    match node.at(&["exec", "command"]) {
        Some(command) => {
            let words = command.items().iter().filter_map(text).map(|word| word.value).collect();
            ProbeAction::Exec(CommandLine { form: Form::Exec, words })
        }
        None => ProbeAction::Unknown,
    }
}
