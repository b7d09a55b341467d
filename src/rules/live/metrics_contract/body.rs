//! A body that should be metrics: whether it is any, whether Prometheus reads it, whether it means something.

use crate::model::{EndpointContract, HttpAnswer};
use crate::rules::live::answer::{Fault, clip, looks_like_html, phrase};
use crate::syntax::metrics::{Exposition, MAX_ALIKE, MetricFault, MetricProblem};

/// What the body is, when it is no metrics at all.
pub(super) fn no_metrics(contract: &EndpointContract, answer: &HttpAnswer) -> Option<Fault> {
    let body = answer.body.trim_ascii();
    let start = clip(&String::from_utf8_lossy(&body[..body.len().min(200)]));
    let status = answer.status;
    if body.is_empty() {
        let what = format!("answers {status} with an empty body, planned metrics");
        return Some(Fault::new(what, &contract.place).help("a registry without metrics writes nothing: register them"));
    }
    if looks_like_html(answer) {
        let what = format!("answers {status} with an HTML page (`{start}`), planned metrics");
        let help = "another service, a proxy or a login page may stand there";
        return Some(Fault::new(what, &contract.place).help(help));
    }
    if is_json(body) {
        let fault = Fault::new(format!("answers JSON (`{start}`), not Prometheus text"), &contract.place);
        // A handler that returns `body, 200, headers`, as one framework wants it, in another that makes a list of it.
        let is_wrapped = body.starts_with(b"[\"#") || body.starts_with(b"\"#");
        return Some(match is_wrapped {
            true => fault.help("the text of the metrics is wrapped into JSON: return it as a plain text response"),
            false => fault,
        });
    }
    None
}

/// Whether a body begins and ends like JSON, which no line of metrics does.
fn is_json(body: &[u8]) -> bool {
    match (body.first(), body.last()) {
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) => true,
        (Some(b'"'), Some(b'"')) => body.len() > 1,
        _ => false,
    }
}

/// Lines that cannot be read, and then what is read and means nothing: one fault of each kind.
pub(super) fn judge(
    contract: &EndpointContract,
    answer: &HttpAnswer,
    metrics: &Exposition,
    out: &mut Vec<Fault>,
) {
    if let Some((problem, more)) = first(metrics, MetricFault::Syntax) {
        let format = if metrics.is_openmetrics { "OpenMetrics does not allow" } else { "Prometheus refuses" };
        let what = format!("answers metrics that {format}: {}{}{more}", place(answer, problem), phrase(&problem.message));
        let fault = Fault::new(what, &contract.place);
        let is_open = !metrics.is_openmetrics && answer.body.trim_ascii_end().ends_with(b"\n# EOF");
        out.push(match is_open {
            true => fault.help("it looks like OpenMetrics: call it `application/openmetrics-text; version=1.0.0`"),
            false => fault.help("Prometheus drops every sample of a body that has one such line"),
        });
    }
    if first(metrics, MetricFault::Empty).is_some() {
        out.push(Fault::new(format!("answers {} without a single sample", answer.status), &contract.place));
    }
    let mut kinds: Vec<MetricFault> = Vec::new();
    for problem in &metrics.problems {
        let is_told = matches!(problem.kind, MetricFault::Syntax | MetricFault::Empty | MetricFault::TooMuch);
        if !is_told && !kinds.contains(&problem.kind) {
            kinds.push(problem.kind);
        }
    }
    for kind in kinds {
        if let Some((problem, more)) = first(metrics, kind) {
            let message = phrase(&problem.message);
            let what = format!("breaks the rules of its format in line {}: {message}{more}", problem.line);
            out.push(Fault::new(what, &contract.place));
        }
    }
}

/// The first problem of a kind, and how many there are beside it.
fn first(metrics: &Exposition, kind: MetricFault) -> Option<(&MetricProblem, String)> {
    let mut alike = metrics.problems.iter().filter(|problem| problem.kind == kind);
    let first = alike.next()?;
    let more = match alike.count() {
        0 => String::new(),
        count if count + 1 >= MAX_ALIKE => format!(" (and at least {count} more like it)"),
        count => format!(" (and {count} more like it)"),
    };
    Some((first, more))
}

/// A line by its number and first words.
fn place(answer: &HttpAnswer, problem: &MetricProblem) -> String {
    let at = (problem.line as usize).saturating_sub(1);
    let line = answer.body.split(|byte| *byte == b'\n').nth(at).unwrap_or_default();
    let text = clip(&String::from_utf8_lossy(&line[..line.len().min(200)]));
    match text.is_empty() {
        true => format!("line {}: ", problem.line),
        false => format!("line {} (`{text}`): ", problem.line),
    }
}
