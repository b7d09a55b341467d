//! One Dockerfile at a time: read, lowered, judged by the rules of builds, then dropped but for what the fleet needs.

use std::num::NonZeroUsize;

use smol_str::SmolStr;

use super::inputs::Dockerfile;
use crate::collect::DiskFiles;
use crate::finding::{Finding, Findings};
use crate::fleet::{FleetBases, Member, identity};
use crate::lower::{Identity, Request, lower};
use crate::model::{Build, ContextChoice};
use crate::parallel::each;
use crate::plan::Plan;
use crate::report::AssumedContext;
use crate::rules::{Check, Rule, hide_secrets};
use crate::settle::Suppressions;
use crate::source::Source;

/// Below this many files one thread is faster than several.
const FEW_FILES: usize = 64;
/// Files that a thread takes at once.
const BATCH: usize = 16;

/// What every file is judged with.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) plan: &'a Plan,
    pub(super) rules: &'a [&'static Rule],
    pub(super) bases: &'a FleetBases<'a>,
    pub(super) files: &'a DiskFiles,
    pub(super) build_args: &'a [(SmolStr, SmolStr)],
    pub(super) context: Option<&'a str>,
    pub(super) root: &'a str,
}

/// What all files gave, in the order of the files.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) members: Vec<Member>,
    pub(super) suppressions: Vec<Suppressions>,
    pub(super) contexts: Vec<AssumedContext>,
    pub(super) unread: Vec<(String, String)>,
}

impl Judged {
    /// Puts the results of further files behind these.
    pub(super) fn append(&mut self, mut other: Self) {
        self.findings.append(&mut other.findings);
        self.members.append(&mut other.members);
        self.suppressions.append(&mut other.suppressions);
        self.contexts.append(&mut other.contexts);
        self.unread.append(&mut other.unread);
    }
}

/// Judges all files; the result does not depend on the number of threads.
pub(super) fn all(scope: &Scope<'_>, dockerfiles: &[Dockerfile], jobs: Option<NonZeroUsize>) -> Judged {
    let jobs = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    if jobs == 1 || dockerfiles.len() < FEW_FILES {
        return batch(scope, dockerfiles);
    }
    let batches: Vec<&[Dockerfile]> = dockerfiles.chunks(BATCH).collect();
    let mut judged = Judged::default();
    each(&batches, jobs, |files| batch(scope, files)).into_iter().for_each(|one| judged.append(one));
    judged
}

fn batch(scope: &Scope<'_>, dockerfiles: &[Dockerfile]) -> Judged {
    let mut judged = Judged::default();
    for dockerfile in dockerfiles {
        let source = match dockerfile.source() {
            Ok(source) => source,
            Err(unread) => {
                judged.unread.push(unread);
                continue;
            }
        };
        let build = understand(scope, &source, scope.bases.identity(source.path()));
        judged.findings.extend(judge(scope, &build));
        let suppressions = Suppressions::read(&build);
        if !suppressions.is_empty() {
            judged.suppressions.push(suppressions);
        }
        judged.contexts.extend(assumed(&build));
        judged.members.push(Member::of(&build));
    }
    judged
}

/// Lowers one file.
pub(super) fn understand(scope: &Scope<'_>, source: &std::sync::Arc<Source>, identity: Identity) -> Build {
    let request = Request {
        source,
        files: scope.files,
        bases: scope.bases,
        requirements: scope.bases.requirements(),
        build_args: scope.build_args,
        context: scope.context,
        root: scope.root,
    };
    let mut build = lower(request, identity);
    build.context.present = scope.bases.present(&build.context);
    build
}

/// Lets the rules of builds speak.
pub(super) fn judge(scope: &Scope<'_>, build: &Build) -> Vec<Finding> {
    let mut out = Findings::new();
    let service = build.service.map(|row| scope.plan.services[row].name.value.clone());
    let subject = build.final_stage().and_then(|stage| stage.name.as_ref()).map(|name| name.value.clone());
    out.concern(service, subject);
    for rule in scope.rules {
        for check in rule.check.each() {
            if let Check::Build(check) = check {
                out.speak_for(rule.id, rule.severity);
                check(build, scope.plan, &mut out);
            }
        }
    }
    // Any finding may show the line of a secret.
    if !out.is_empty() {
        hide_secrets(build);
    }
    out.into_vec()
}

/// The context of a build as reports list it, when it was worked out from the sources.
fn assumed(build: &Build) -> Option<AssumedContext> {
    let how = match build.context.chosen {
        ContextChoice::AllSourcesExist => "the nearest folder that holds every COPY source",
        ContextChoice::MostSourcesExist => "no folder holds every COPY source; this one holds most",
        ContextChoice::NoSourceExists => "no folder holds any COPY source, so the Dockerfile's own",
        ContextChoice::Given | ContextChoice::Own | ContextChoice::None => return None,
    };
    let file = build.source.path().to_owned();
    Some(AssumedContext { file, folder: build.context.folder.clone(), how })
}

/// What the plan and the path say of a file that is not part of the fleet.
pub(super) fn identity_of(scope: &Scope<'_>, path: &str, index: &crate::plan::PlanIndex) -> Identity {
    identity(path, scope.plan, index)
}
