//! Questions go out, each once however many services ask it; answers are read for each of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use smol_str::SmolStr;

use super::targets::{Found, Target};
use super::{FleetProgress, FleetStep, judge};
use crate::live::{FleetSource, Question, Reply};
use crate::lower::live::read_body;
use crate::model::LiveEndpoint;
use crate::plan::Plan;
use crate::rules::Rule;

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

/// Asks every endpoint; those that cannot be asked come last.
pub(super) fn ask(
    found: &Found,
    source: &dyn FleetSource,
    rules: &[&'static Rule],
    plan: &Plan,
    progress: FleetProgress<'_>,
) -> Vec<LiveEndpoint> {
    let asked = Asked::new(&found.targets);
    let accepts = |at: usize, reply: &Reply| {
        let targets = asked.targets[at].iter().map(|target| &found.targets[*target]);
        targets.into_iter().all(|target| judge::endpoint(rules, &endpoint(target, reply), plan).is_empty())
    };
    let done = AtomicUsize::new(0);
    let heard = |at: usize, reply: &Reply, last: bool| {
        let done = match last {
            true => done.fetch_add(1, Ordering::Relaxed) + 1,
            false => done.load(Ordering::Relaxed),
        };
        let Some(target) = asked.targets[at].first().map(|target| &found.targets[*target]) else { return };
        progress(FleetStep::Answer {
            done,
            all: asked.questions.len(),
            service: &target.owner.name,
            url: target.urls.get(reply.url).map_or("", SmolStr::as_str),
            good: accepts(at, reply),
            last,
        });
    };
    let replies = source.ask(&asked.questions, &accepts, &heard);
    let mut endpoints: Vec<Option<LiveEndpoint>> = found.targets.iter().map(|_| None).collect();
    for (targets, reply) in asked.targets.iter().zip(&replies) {
        for target in targets {
            endpoints[*target] = Some(endpoint(&found.targets[*target], reply));
        }
    }
    let unasked = found.unasked.iter().map(Target::blank);
    endpoints.into_iter().flatten().chain(unasked).collect()
}

fn endpoint(target: &Target, reply: &Reply) -> LiveEndpoint {
    let reading = read_body(&reply.answer, target.contract.format);
    let url = target.urls.get(reply.url).cloned().unwrap_or_default();
    LiveEndpoint { url, answer: reply.answer.clone(), reading, ..target.blank() }
}
