//! `live-cuda`: containers of GPU services have the planned CUDA release.

use smol_str::SmolStr;

use super::common::{file, open, report, row, shown, who};
use crate::finding::Findings;
use crate::model::{Fact, LiveContainer, LiveFile};
use crate::plan::{Plan, ServiceRow};
use crate::rules::Check;
use crate::rules::cuda::{cuda_planned, fits_cuda, is_cuda_version, required_cuda};

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    cuda_planned(plan)
}

/// Variables that CUDA images set: the release, and the package of its libraries.
const VARIABLES: [&str; 2] = ["CUDA_VERSION", "NV_CUDA_LIB_VERSION"];
/// What the container's runtime asks the driver for.
const REQUIREMENT: &str = "NVIDIA_REQUIRE_CUDA";
/// What CUDA says of itself, and what releases before 11 said instead.
const FILE: &str = "/usr/local/cuda/version.json";
const OLD_FILE: &str = "/usr/local/cuda/version.txt";

/// What a container tells of its CUDA.
#[derive(Debug, PartialEq)]
struct Trace {
    /// ``the variable `CUDA_VERSION` ``.
    by: String,
    version: SmolStr,
}

fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let Some(wanted) = &plan.cuda.version else { return false };
    let row = row(container, plan);
    let needs_gpu = row.is_some_and(ServiceRow::needs_gpu);
    // Of a fleet without rows, and of a row that does not say it, nobody knows who needs it: only what is there can be wrong.
    let is_unsaid = match row {
        Some(row) => row.needs.is_none() && row.base.is_none(),
        None => plan.services.is_empty(),
    };
    if !needs_gpu && !is_unsaid {
        return false;
    }
    let who = who(container, plan);
    let traces = traces(container);
    if let Some(trace) = traces.iter().find(|trace| !fits_cuda(&trace.version, &wanted.value)) {
        let message =
            format!("{who} has CUDA `{}` by {}, planned `{}`", trace.version, trace.by, wanted.value);
        report(out, container, &wanted.place, message);
        return true;
    }
    if !traces.is_empty() || !needs_gpu {
        return needs_gpu || !traces.is_empty();
    }
    match unknown(container) {
        Some(why) => {
            let message = format!("cannot tell the CUDA version of {who}, planned `{}`: {why}", wanted.value);
            open(out, container, &wanted.place, message);
        }
        None => {
            let message = format!(
                "{who} has no CUDA: no variable and no file of it tells a version, planned `{}`",
                wanted.value
            );
            report(out, container, &wanted.place, message)
                .help("build the service on the GPU family of its row, or take `GPU` out of the row");
        }
    }
    true
}

/// Everything that tells a version, the surest first.
fn traces(container: &LiveContainer) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut add = |by: String, version: Option<&str>| {
        if let Some(version) = version.filter(|version| is_cuda_version(version)) {
            traces.push(Trace { by, version: version.into() });
        }
    };
    if let Some(LiveFile::Json(value)) = file(container, FILE) {
        add(format!("`{FILE}`"), value["cuda"]["version"].as_str());
    }
    let variable = |name: &str| match container.container.env(name) {
        Fact::Known { value, .. } => value.certain().map(SmolStr::new),
        _ => None,
    };
    for name in VARIABLES {
        // A package's version has a revision behind it: `12.1.1-1`.
        let value = variable(name);
        let version = value.as_deref().map(|text| text.split('-').next().unwrap_or(text));
        add(format!("the variable `{name}`"), version);
    }
    let required = variable(REQUIREMENT);
    add(format!("the variable `{REQUIREMENT}`"), required.as_deref().and_then(required_cuda));
    if let Some(LiveFile::Text(text)) = file(container, OLD_FILE) {
        add(format!("`{OLD_FILE}`"), text.trim().strip_prefix("CUDA Version ").map(str::trim));
    }
    traces
}

/// Why the files do not tell.
fn unknown(container: &LiveContainer) -> Option<String> {
    match file(container, FILE) {
        None => Some(format!("`{FILE}` was not asked for")),
        Some(LiveFile::Unknown(why)) => Some(shown(why)),
        Some(LiveFile::Json(_)) => Some(format!("`{FILE}` names no version of `cuda`")),
        Some(LiveFile::Text(_)) => Some(format!("`{FILE}` was not read")),
        Some(LiveFile::Absent) => None,
    }
}
