//! The rules: one page (`rules/<group>/<id>.md`) and one small pure function each.
//!
//! To add one: write its page, write its function in `src/rules/<group>/<id>.rs`, name it in the table below. Rules see
//! facts and the plan; they read no files, parse nothing and know no other rule.

mod lookup;
mod page;

pub(crate) use image::hide_in_record;
pub(crate) use init::init_of;
pub use lookup::{find, find_all, find_by_alias, known, nearest};
pub(crate) use mends::mends;
pub use page::{Example, Page};
pub(crate) use run::{Redaction, hide_in_container, hide_in_tree, hide_lines, hide_secrets};

use crate::finding::{Findings, Severity};
use crate::fleet::Fleet;
use crate::model::{
    Build, BuiltImage, ImageSet, LiveContainer, LiveEndpoint, LiveFleet, ManifestFile, Project, Workflow,
    Workload,
};
use crate::plan::Plan;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// The canonical id: `runtime-user`.
    pub id: &'static str,
    /// The group, which is also the folder of page and code.
    pub group: &'static str,
    /// Severity unless the plan says otherwise.
    pub severity: Severity,
    /// Whether it runs unless asked for (`--select`, or a severity in the plan).
    pub default: bool,
    /// The page, front matter included.
    pub page: &'static str,
    /// Whether the plan says what the rule needs; a rule whose keys are absent is *not planned*.
    pub planned: fn(&Plan) -> bool,
    /// The judgement.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// One Dockerfile as a build.
    Build(fn(&Build, &Plan, &mut Findings)),
    /// One container as a deployment file starts it.
    Workload(fn(&Workload, &Plan, &mut Findings)),
    /// One compose project.
    Project(fn(&Project, &Plan, &mut Findings)),
    /// One file of Kubernetes objects.
    Manifests(fn(&ManifestFile, &Plan, &mut Findings)),
    /// One workflow file.
    Workflow(fn(&Workflow, &Plan, &mut Findings)),
    /// One built image.
    Image(fn(&BuiltImage, &Plan, &mut Findings)),
    /// All images of a call, and what each is built on and should have been.
    Images(fn(&ImageSet, &Plan, &mut Findings)),
    /// One endpoint of a running fleet, and its answer.
    Endpoint(fn(&LiveEndpoint, &Plan, &mut Findings)),
    /// One container of an engine. Says whether there was anything to judge, so that a table of checks shows no pass where
    /// nothing was looked at.
    Container(fn(&LiveContainer, &Plan, &mut Findings) -> bool),
    /// Everything that was asked of a running fleet.
    Live(fn(&LiveFleet, &Plan, &mut Findings)),
    /// All files of a call.
    Fleet(fn(&Fleet, &Plan, &mut Findings)),
    /// The plan itself.
    Plan(fn(&Plan, &mut Findings)),
    /// Several of these: the same fact wherever it is said.
    Several(&'static [Check]),
    /// Reported by settle: `waiver`, `suppression-unused`.
    Settle,
}

impl Check {
    /// The checks one by one; a list inside a list is not looked into.
    pub fn each(&self) -> impl Iterator<Item = &Check> {
        let (one, several): (Option<&Self>, &'static [Self]) = match self {
            Self::Several(list) => (None, list),
            one => (Some(one), &[]),
        };
        one.into_iter().chain(several)
    }
}

impl Rule {
    /// The page, read. Takes some microseconds, so nothing does it before it is asked for.
    #[must_use]
    pub fn read_page(&self) -> Page {
        Page::parse(self.page)
    }
}

/// For rules that need nothing of the plan.
pub(crate) fn always(_: &Plan) -> bool {
    true
}

/// Emits the modules of one group and its table. A missing page does not compile.
macro_rules! rules {
    ($group:literal: $($module:ident $id:literal $severity:ident $default:ident),+ $(,)?) => {
        $(mod $module;)+

        /// The rules of this group, in the order of its index.
        pub(super) static RULES: &[crate::rules::Rule] = &[
            $(
                crate::rules::Rule {
                    id: $id,
                    group: $group,
                    severity: crate::finding::Severity::$severity,
                    default: rules!(@ $default),
                    page: include_str!(concat!("../../../rules/", $group, "/", $id, ".md")),
                    planned: $module::planned,
                    check: $module::CHECK,
                },
            )+
        ];
    };
    (@ on) => { true };
    (@ off) => { false };
}

mod base;
mod build;
mod built_base;
mod common;
mod compose;
mod cuda;
mod deployed;
mod health;
mod image;
mod images;
mod init;
mod knative;
mod kubernetes;
mod live;
mod machine;
mod mends;
mod overrides;
mod packages;
mod pods;
mod policy;
mod ports;
mod python;
mod run;
mod security;
mod syntax;
mod user;
mod workflow;

/// Every rule, by group.
static GROUPS: &[&[Rule]] = &[
    syntax::RULES,
    user::RULES,
    init::RULES,
    overrides::RULES,
    base::RULES,
    build::RULES,
    packages::RULES,
    python::RULES,
    cuda::RULES,
    run::RULES,
    ports::RULES,
    health::RULES,
    compose::RULES,
    machine::RULES,
    kubernetes::RULES,
    knative::RULES,
    security::RULES,
    image::RULES,
    live::RULES,
    workflow::RULES,
    policy::RULES,
];

/// Every rule, by group and in the order of the tables.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|group| group.iter())
}

#[cfg(test)]
mod tests;
