//! `cuda-arch`: what is compiled for the GPU is compiled for the planned ones.

mod image;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::arch::{Reader, parse};
use crate::finding::Findings;
use crate::model::{Build, Fact, Origin, Spanned, Stage, Value, Workload};
use crate::plan::{Machine, Plan};
use crate::rules::Check;
use crate::rules::deployed::{is_ours, machines};
use crate::source::Place;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(deployed), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.cuda.arch.is_empty() || plan.machines.iter().any(|machine| !machine.cuda_arch.is_empty())
}

/// Variables that name architectures, and who reads them.
const NAMES: &[(&str, Reader)] = &[
    ("TORCH_CUDA_ARCH_LIST", Reader::PyTorch),
    ("CMAKE_CUDA_ARCHITECTURES", Reader::CMake),
    ("CUDAARCHS", Reader::CMake),
    ("CUDA_ARCHITECTURES", Reader::CMake),
];

/// One value that this file says.
struct Said<'a> {
    name: &'static str,
    reader: Reader,
    value: Cow<'a, Value>,
    place: Place,
    /// ARG: a build may say otherwise.
    is_default: bool,
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let judge = Judge { plan, machines: machines_of(build.service, plan) };
    for stage in build.needed_stages() {
        let mut faulty: Vec<&str> = Vec::new();
        for said in said_in(stage).chain(said_in_runs(stage)) {
            // ENV X=$X repeats the ARG.
            if said.place.text().contains('$') && faulty.contains(&said.name) {
                continue;
            }
            if judge.value(&said, out) {
                faulty.push(said.name);
            }
        }
    }
    if let Some(stage) = build.final_stage() {
        judge.inherited(stage, out);
    }
}

/// What a deployment file gives the container, and the build of its image.
fn deployed(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if !is_ours(workload, plan) {
        return;
    }
    let on = machines(workload, plan).map(|(on, _)| on).unwrap_or_default();
    let judge = Judge { plan, machines: with_gpu(&on, plan) };
    let args = workload.build.iter().flat_map(|build| &build.args);
    for pair in workload.overlay().env.iter().chain(args) {
        let Some((name, reader)) = NAMES.iter().find(|(name, _)| *name == pair.value.0) else { continue };
        let value = Cow::Borrowed(&pair.value.1);
        let said = Said { name, reader: *reader, value, place: pair.place.clone(), is_default: false };
        let before = out.len();
        judge.value(&said, out);
        let replaced = workload.replaced(|layer| layer.env_pair(name).map(place_of));
        if let (true, Some(place), Some(finding)) = (out.len() > before, replaced, out.last_mut()) {
            finding.related(place, "the image's value, which this replaces");
        }
    }
}

fn place_of<T>(said: &Spanned<T>) -> &Place {
    &said.place
}

fn machines_of(service: Option<usize>, plan: &Plan) -> Vec<&Machine> {
    let row = service.and_then(|row| plan.services.get(row));
    let on = row.and_then(|row| row.on.as_ref()).map(|on| on.value.as_slice()).unwrap_or_default();
    with_gpu(on, plan)
}

fn with_gpu<'p>(on: &[usize], plan: &'p Plan) -> Vec<&'p Machine> {
    on.iter()
        .filter_map(|index| plan.machines.get(*index))
        .filter(|machine| !machine.cuda_arch.is_empty())
        .collect()
}

fn said_in(stage: &Stage) -> impl Iterator<Item = Said<'_>> {
    NAMES.iter().flat_map(move |(name, reader)| {
        let (name, reader) = (*name, *reader);
        let args = stage.args.iter().filter(move |arg| arg.value.name == name).filter_map(move |arg| {
            let value = arg.value.default.as_ref()?;
            Some(Said {
                name,
                reader,
                value: Cow::Borrowed(value),
                place: arg.place.clone(),
                is_default: true,
            })
        });
        let env = stage.layer().env.iter().filter(move |pair| pair.value.0 == name).map(move |pair| {
            let is_default = pair.place.text().contains('$');
            Said { name, reader, value: Cow::Borrowed(&pair.value.1), place: pair.place.clone(), is_default }
        });
        args.chain(env)
    })
}

/// `NAME=… pip install …` and `export NAME=…`, as far as the text is certain.
fn said_in_runs(stage: &Stage) -> impl Iterator<Item = Said<'_>> {
    let texts = stage.runs.iter().flat_map(|run| &run.texts);
    texts.flat_map(|text| {
        let script = &text.script;
        let assigned = script.assignments.iter().filter(|one| one.value.literal && !one.append);
        let assigned = assigned.map(|one| (one.name.as_str(), one.value.text.as_str(), one.span));
        let exported = script.words.iter().filter(|word| word.literal);
        let exported = exported.filter_map(|word| Some((word.text.split_once('=')?, word.span)));
        let exported = exported.map(|((name, value), span)| (name, value, span));
        assigned.chain(exported).filter_map(|(name, value, span)| {
            let (name, reader) = NAMES.iter().find(|(known, _)| *known == name.trim_start_matches("-D"))?;
            let value = Cow::Owned(Value::known(value));
            Some(Said { name, reader: *reader, value, place: text.place(span), is_default: false })
        })
    })
}

struct Judge<'a> {
    plan: &'a Plan,
    machines: Vec<&'a Machine>,
}

impl Judge<'_> {
    /// Judges one value; whether something is wrong with it.
    fn value(&self, said: &Said, out: &mut Findings) -> bool {
        let name = said.name;
        if let Some(why) = &said.value.unknown {
            out.open(&said.place, format!("cannot tell the architectures of `{name}`: {why}"));
            return false;
        }
        let text = said.value.text.trim();
        if text.is_empty() {
            return false;
        }
        let found = parse(text, said.reader);
        if let Some(odd) = &found.odd {
            out.open(
                &said.place,
                format!("cannot tell the architectures of `{name}`: `{odd}` depends on where it is built"),
            );
            return false;
        }
        let foreign: Vec<&str> =
            found.set.iter().map(String::as_str).filter(|arch| !self.is_planned(arch)).collect();
        let before = out.len();
        if let Some(first) = foreign.first() {
            let planned = self
                .plan
                .cuda
                .arch
                .iter()
                .map(|arch| format!("`{}`", arch.value))
                .collect::<Vec<_>>()
                .join(", ");
            let finding = out.add(&said.place, format!("`{name}` names `{first}`, planned {planned}"));
            if let Some(arch) = self.plan.cuda.arch.first() {
                finding.planned(arch);
            }
        } else if let Some((written, better)) = &found.misspelt {
            let reader = if said.reader == Reader::PyTorch { "PyTorch" } else { "CMake" };
            let finding =
                out.add(&said.place, format!("{reader} does not read `{written}`, it reads `{better}`"));
            if let Some(arch) =
                self.plan.cuda.arch.iter().find(|arch| found.set.contains(arch.value.as_str()))
            {
                finding.planned(arch);
            }
        } else {
            self.machines(&found.set, said, out);
        }
        out.len() > before
    }

    fn is_planned(&self, arch: &str) -> bool {
        let of_plan = &self.plan.cuda.arch;
        let of_machine = |machine: &&Machine| machine.cuda_arch.iter().any(|one| one.value == arch);
        of_plan.iter().any(|one| one.value == arch)
            || (of_plan.is_empty() && self.machines.iter().any(of_machine))
            || (of_plan.is_empty() && self.machines.is_empty())
    }

    /// The machines of the service, whose architectures must be among them. A default of ARG is one machine's.
    fn machines(&self, set: &BTreeSet<String>, said: &Said, out: &mut Findings) {
        let serves =
            |machine: &&&Machine| machine.cuda_arch.iter().all(|arch| set.contains(arch.value.as_str()));
        if said.is_default && self.machines.iter().any(|machine| serves(&machine)) {
            return;
        }
        if let Some(machine) = self.machines.iter().find(|machine| !serves(machine)) {
            self.lacking(set, said.name, machine, crate::finding::At::from(&said.place), out);
        }
    }

    fn lacking(
        &self,
        set: &BTreeSet<String>,
        name: &str,
        machine: &Machine,
        at: crate::finding::At,
        out: &mut Findings,
    ) {
        let has = set.iter().map(|arch| format!("`{arch}`")).collect::<Vec<_>>().join(", ");
        let Some(arch) = machine.cuda_arch.iter().find(|arch| !set.contains(arch.value.as_str())) else {
            return;
        };
        let message = format!(
            "`{name}` is {has}, and the service runs on `{}`, planned `{}`",
            machine.name.value, arch.value
        );
        out.add(at, message).planned(arch);
    }

    /// A list that comes with a base of the fleet has to hold what the service's machines need.
    fn inherited(&self, stage: &Stage, out: &mut Findings) {
        for (name, reader) in NAMES {
            let Fact::Known { value, origin } = stage.container.env(name) else { continue };
            if is_own(stage, &origin) {
                continue;
            }
            let Some(text) = value.certain() else { continue };
            let set = parse(text, *reader).set;
            let lacks =
                |machine: &&&Machine| machine.cuda_arch.iter().any(|arch| !set.contains(arch.value.as_str()));
            if let Some(machine) = self.machines.iter().find(lacks)
                && !set.is_empty()
            {
                self.lacking(&set, name, machine, crate::finding::At::from(&origin), out);
            }
        }
    }
}

fn is_own(stage: &Stage, origin: &Origin) -> bool {
    origin.last().place.source.path() == stage.from.place.source.path()
}
