//! `apk-pinned`: packages from apk carry their version.

use super::apt::unpinned;
use crate::finding::Findings;
use crate::model::{Build, PackageManager};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);
pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let help = "Write `package=version`, or `package~=1.2` for the versions of one branch";
    unpinned(build, PackageManager::Apk, |_| false, help, out);
}
