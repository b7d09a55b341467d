//! What is wrong with the answer of an endpoint, whatever its body is: a contract and an answer in, faults out, the most
//! telling one first.
//!
//! Texts of answers are hostile: they are cut short, and headers that hold secrets are never shown.

mod http;
mod json;
mod text;

pub(super) use http::{judge as judge_http, judge_page, looks_like_html};
pub(super) use json::judge as judge_json;
pub(super) use text::{clean, clip, phrase, shown};

use crate::finding::{Finding, Findings};
use crate::model::{Answer, Failure, LiveEndpoint, Method};
use crate::plan::{Plan, endpoint_contracts};
use crate::source::Place;

/// Further faults that a finding names.
const MAX_FURTHER: usize = 4;

/// Something wrong with an answer.
#[derive(Debug)]
pub(super) struct Fault {
    /// What the endpoint does, to follow its address: ``answers 503, planned 200``.
    pub(super) what: String,
    /// The line of the plan that forbids it.
    pub(super) planned: Place,
    /// What to do about it.
    pub(super) help: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, planned: &Place) -> Self {
        Self { what: what.into(), planned: planned.clone(), help: None }
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}

/// Whether the plan has a contract that this rule judges, for all services or for one.
pub(super) fn planned(plan: &Plan, rule: &str) -> bool {
    let for_all = endpoint_contracts(plan, None);
    let contracts = plan.services.iter().flat_map(|row| &row.contracts);
    let mut own = contracts.filter_map(|contract| contract.demands.as_ref());
    for_all.iter().any(|contract| contract.rule() == rule) || own.any(|contract| contract.rule() == rule)
}

/// What is wrong with an answer: what forbids to look into the body, else what `body` says of it, and then what is wrong
/// beside it.
pub(super) fn faults(endpoint: &LiveEndpoint, body: impl FnOnce(&mut Vec<Fault>)) -> Vec<Fault> {
    let contract = &endpoint.contract;
    let mut found = Vec::new();
    match &endpoint.answer {
        Answer::Http(answer) => {
            judge_http(contract, answer, &mut found, body);
        }
        Answer::Failed(failure) => found.push(failed(failure, &contract.place)),
        Answer::NotAsked(_) | Answer::Unreachable(_) => {}
    }
    found
}

/// Reports faults as one finding: the first one, and the others in its help.
pub(super) fn report(endpoint: &LiveEndpoint, faults: &[Fault], out: &mut Findings) {
    match &endpoint.answer {
        Answer::NotAsked(why) => {
            let message = format!("cannot tell what {} answers: {}", endpoint_name(endpoint), shown(why));
            return without_answer(endpoint, out.open(&endpoint.place, message));
        }
        Answer::Unreachable(why) => {
            let message = format!("{} cannot be reached: {}", endpoint_name(endpoint), shown(why));
            let finding = out.add(&endpoint.place, message);
            finding.help("give the container a network, or publish its port");
            return without_answer(endpoint, finding);
        }
        Answer::Http(_) | Answer::Failed(_) => {}
    }
    let Some((first, further)) = faults.split_first() else { return };
    let finding = out.add(&endpoint.place, format!("{} {}", address(endpoint), first.what));
    finding.service(endpoint.name.clone()).subject(endpoint.url.clone());
    if first.planned != endpoint.place {
        finding.planned_at(&first.planned, "planned here");
    }
    let mut help: Vec<String> = first.help.iter().map(|help| (*help).to_owned()).collect();
    if !further.is_empty() {
        let further: Vec<&str> = further.iter().take(MAX_FURTHER).map(|fault| fault.what.as_str()).collect();
        help.push(format!("it also {}", further.join("; it ")));
    }
    if !help.is_empty() {
        finding.help(help.join("; "));
    }
}

/// What a finding about an endpoint that was never asked has.
fn without_answer(endpoint: &LiveEndpoint, finding: &mut Finding) {
    finding.service(endpoint.name.clone());
    if endpoint.contract.place != endpoint.place {
        finding.planned_at(&endpoint.contract.place, "planned here");
    }
}

/// An endpoint by its address, with the method where it is not GET.
fn address(endpoint: &LiveEndpoint) -> String {
    match endpoint.contract.method {
        Method::Get => format!("`{}`", endpoint.url),
        method => format!("`{} {}`", method.name(), endpoint.url),
    }
}

/// An endpoint that may have no address.
fn endpoint_name(endpoint: &LiveEndpoint) -> String {
    match endpoint.url.is_empty() {
        true => format!("`{}` of `{}`", endpoint.contract.path.value, endpoint.name),
        false => address(endpoint),
    }
}

fn failed(failure: &Failure, place: &Place) -> Fault {
    let fault = |what: String| Fault::new(what, place);
    match failure {
        Failure::NoAddress(host) => fault(format!("cannot be reached: `{}` has no address", shown(host)))
            .help("name its host in the machine's `host`, or with `--host`"),
        Failure::Forbidden(address) => {
            fault(format!("was not asked: the address `{}` is forbidden", shown(address)))
                .help("link-local addresses and metadata services of clouds are never asked")
        }
        Failure::Refused => fault("refuses the connection: nothing listens there".to_owned())
            .help("start the service, or put right its port in the plan"),
        Failure::TimedOut(time) => fault(format!("gave no answer within {}", text::seconds(*time)))
            .help("look at what holds it up, or give it more time with `--timeout`"),
        Failure::Closed(why) => fault(format!("gave no answer: {}", phrase(why)))
            .help("the log of the service tells why it hangs up"),
        Failure::NotHttp(why) => fault(format!("does not speak HTTP: {}", phrase(why)))
            .help("something else may listen there: compare the port with the row of the plan"),
        Failure::Deadline => {
            fault("was not asked to the end: the time of the whole call was over".to_owned())
                .help("give the call more time with `--deadline`")
        }
        Failure::Other(why) => fault(format!("cannot be asked: {}", phrase(why))),
    }
}

#[cfg(test)]
mod tests;
