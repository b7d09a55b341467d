//! `pip-cache-mount`: pip keeps its downloads in a cache mount that it can use.

use super::pip::{head, installs, is_own_code, run_of};
use crate::finding::Findings;
use crate::model::{Build, Fact, Mount, PipInstall, Run, Spanned, User};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    wanted(plan).is_some()
}

fn wanted(plan: &Plan) -> Option<&Spanned<bool>> {
    plan.build.pip_cache_mount.as_ref().filter(|planned| planned.value)
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(planned) = wanted(plan) else { return };
    for (stage, install) in installs(build) {
        if let Some(run) = run_of(stage, install)
            && downloads(install)
        {
            judge(install, run, planned, out);
        }
    }
}

/// Whether pip fetches anything that a cache could hold.
fn downloads(install: &PipInstall) -> bool {
    let only_own = install.no_deps && install.files.is_empty() && install.requirements.iter().all(is_own_code);
    !install.no_index && !only_own
}

fn judge(install: &PipInstall, run: &Run, planned: &Spanned<bool>, out: &mut Findings) {
    let command = head(&install.place);
    let caches: Vec<&Mount> = run.mounts.iter().filter(|mount| mount.kind == "cache").collect();
    let for_pip = |mount: &&&Mount| is_for_pip(mount) || (install.cache_mount && caches.len() == 1);
    let unreachable = caches.iter().filter(for_pip).find_map(|mount| Some((mount, out_of_reach(mount, &run.user)?)));
    let is_mounted = install.cache_mount || caches.iter().any(|mount| is_for_pip(mount));
    if let Some((mount, user)) = unreachable {
        let message = format!("the cache mount on `{}` is root's, and pip runs as `{user}`", mount.target.text);
        out.add(&mount.place, message)
            .planned(planned)
            .help("Give the mount the user's number (`uid=`) and the user's own cache folder as its target");
    } else if let (true, Some(option)) = (is_mounted, &install.no_cache_dir) {
        let (place, what) = match option.text().starts_with("--") {
            true => (option.clone(), option.text().into_owned()),
            false => (command, "PIP_NO_CACHE_DIR".to_owned()),
        };
        out.add(&place, format!("`{what}` makes the cache mount useless"))
            .planned(planned)
            .help(format!("Leave `{what}` out: what lies in the mount never gets into the image"));
    } else if !install.cache_mount {
        out.add(&command, "pip runs without a cache mount, planned with one")
            .planned(planned)
            .help("Write `RUN --mount=type=cache,target=/root/.cache/pip` before the command, and no `--no-cache-dir`");
    }
}

fn is_for_pip(mount: &Mount) -> bool {
    let target = mount.target.text.as_str();
    [".cache", "/.cache/pip", "/.cache/uv", "/pip"].iter().any(|end| target.ends_with(end))
}

/// The user who cannot write to the mount; `None` when that cannot be said for certain.
fn out_of_reach(mount: &Mount, user: &Fact<User>) -> Option<String> {
    let user = user.known()?;
    let is_root = user.uid.is_none() && !user.system || user.uid == Some(0);
    let has_mode = mount.place.text().contains("mode=");
    let owner = mount.uid.as_deref().unwrap_or("0");
    let is_owner = user.uid.is_some_and(|uid| uid.to_string() == owner) || owner.contains('$');
    (!is_root && !has_mode && !is_owner).then(|| user.describe())
}
