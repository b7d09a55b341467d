//! Questions go out, each once however many services ask it; answers are read and judged for each of them as they come.
//!
//! Bodies are gone with their judgement, so memory grows with the endpoints and not with what they send.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::targets::{Found, Target};
use super::{FleetProgress, FleetStep, judge};
use crate::finding::Finding;
use crate::live::{FleetSource, Judge, Question, Reply};
use crate::lower::live::read_body;
use crate::model::{Answer, BodyReading, LiveEndpoint};
use crate::plan::Plan;
use crate::rules::Rule;

/// Bytes of all bodies together that are kept to be compared with others. Read, one may take ten times as much.
const MAX_KEPT: usize = 4 << 20;

/// Everything that makes two questions one.
type Same = (Vec<SmolStr>, &'static str, Option<SmolStr>, Option<SmolStr>, usize);

/// Questions, and the targets that each is asked for.
struct Asked {
    questions: Vec<Question>,
    targets: Vec<Vec<usize>>,
}

impl Asked {
    fn new(targets: &[Target]) -> Self {
        let mut asked = Self { questions: Vec::new(), targets: Vec::new() };
        let mut known: HashMap<Same, usize> = HashMap::with_capacity(targets.len());
        for (at, target) in targets.iter().enumerate() {
            let question = target.question();
            let method = question.method.name();
            let (body, accept) = (question.body.clone(), question.accept.clone());
            let same = (question.urls.clone(), method, body, accept, question.max_body);
            let place = *known.entry(same).or_insert(asked.questions.len());
            match asked.targets.get_mut(place) {
                Some(list) => list.push(at),
                None => {
                    asked.questions.push(question);
                    asked.targets.push(vec![at]);
                }
            }
        }
        asked
    }
}

/// An endpoint with its answer, and what the rules say about it.
#[derive(Debug)]
pub(super) struct Judged {
    /// Without its body, unless other endpoints are compared with it.
    pub(super) endpoint: LiveEndpoint,
    /// What is said about it alone.
    pub(super) said: Vec<Finding>,
    /// Bytes of the body that was kept.
    kept: usize,
}

/// Every endpoint that was asked, and those that cannot be.
#[derive(Debug)]
pub(super) struct Answered {
    /// In the order of the targets, then those that are not asked.
    pub(super) all: Vec<Judged>,
    /// How many bodies were to be compared with others, and were not kept.
    pub(super) not_kept: usize,
}

/// What hears the answers of a call.
struct Hearing<'a> {
    found: &'a Found,
    asked: &'a Asked,
    rules: &'a [&'static Rule],
    plan: &'a Plan,
    progress: FleetProgress<'a>,
    /// Whether any body is held against a manifest.
    compares: bool,
    /// The latest answer to each question, for each of its targets.
    latest: Vec<Vec<Judged>>,
    /// Questions with their last answer.
    done: usize,
    /// Bytes of bodies that are kept.
    kept: usize,
    not_kept: usize,
}

impl Judge for Hearing<'_> {
    fn answer(&mut self, question: usize, reply: Reply) -> bool {
        let Some(targets) = self.asked.targets.get(question) else { return true };
        let before = std::mem::take(&mut self.latest[question]);
        self.kept -= before.iter().map(|judged| judged.kept).sum::<usize>();
        let mut judged = Vec::with_capacity(targets.len());
        for target in targets {
            judged.push(self.judge(&self.found.targets[*target], &reply));
        }
        let is_good = is_good(&judged);
        self.latest[question] = judged;
        is_good
    }

    fn heard(&mut self, question: usize, is_last: bool) {
        self.done += usize::from(is_last);
        let Some(judged) = self.latest.get(question) else { return };
        let Some(first) = judged.first() else { return };
        (self.progress)(FleetStep::Answer {
            done: self.done,
            all: self.asked.questions.len(),
            service: &first.endpoint.name,
            url: &first.endpoint.url,
            good: is_good(judged),
            last: is_last,
        });
    }
}

fn is_good(judged: &[Judged]) -> bool {
    judged.iter().all(|judged| judged.said.is_empty())
}

impl Hearing<'_> {
    fn judge(&mut self, target: &Target, reply: &Reply) -> Judged {
        let reading = read_body(&reply.answer, target.contract.format);
        let url = target.urls.get(reply.url).cloned().unwrap_or_default();
        let mut endpoint = LiveEndpoint { url, answer: reply.answer.clone(), reading, ..target.blank() };
        let said = judge::endpoint(self.rules, &endpoint, self.plan);
        let size = match &endpoint.answer {
            Answer::Http(answer) => answer.body.len(),
            _ => 0,
        };
        let is_compared = self.compares && endpoint.contract.is_compared();
        let is_kept = is_compared && self.kept + size <= MAX_KEPT;
        self.not_kept += usize::from(is_compared && !is_kept);
        if let Answer::Http(answer) = &mut endpoint.answer {
            (answer.body, answer.headers) = (Arc::default(), Vec::new());
        }
        if !is_kept {
            endpoint.reading = BodyReading::None;
        }
        let kept = if is_kept { size } else { 0 };
        self.kept += kept;
        Judged { endpoint, said, kept }
    }
}

/// Asks every endpoint; those that cannot be asked come last.
pub(super) fn ask(
    found: &Found,
    source: &dyn FleetSource,
    rules: &[&'static Rule],
    plan: &Plan,
    progress: FleetProgress<'_>,
) -> Answered {
    let asked = Asked::new(&found.targets);
    let latest = asked.questions.iter().map(|_| Vec::new()).collect();
    let compares = found.targets.iter().any(|target| target.contract.is_held_against_manifest());
    let mut hearing = Hearing {
        found,
        asked: &asked,
        rules,
        plan,
        progress,
        compares,
        latest,
        done: 0,
        kept: 0,
        not_kept: 0,
    };
    source.ask(&asked.questions, &mut hearing);
    let not_kept = hearing.not_kept;
    let mut endpoints: Vec<Option<Judged>> = found.targets.iter().map(|_| None).collect();
    for (targets, judged) in asked.targets.iter().zip(hearing.latest) {
        for (target, judged) in targets.iter().zip(judged) {
            endpoints[*target] = Some(judged);
        }
    }
    let unasked = found.unasked.iter().map(|target| {
        let endpoint = target.blank();
        Judged { said: judge::endpoint(rules, &endpoint, plan), endpoint, kept: 0 }
    });
    Answered { all: endpoints.into_iter().flatten().chain(unasked).collect(), not_kept }
}
