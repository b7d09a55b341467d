//! Which row or image of the plan a Dockerfile belongs to, by path and name.

use std::collections::HashMap;

use super::names::{join, normalise};
use super::types::Plan;
use crate::syntax::image_reference::ImageReference;

/// Folders that say nothing about what their Dockerfile builds, as [`normalise`] writes them.
const GENERIC: [&str; 22] = [
    "docker",
    "dockerfiles",
    "dockerfile",
    "build",
    "builds",
    "deploy",
    "deployment",
    "deployments",
    "services",
    "service",
    "src",
    "app",
    "apps",
    "containers",
    "container",
    "images",
    "image",
    "ops",
    "infra",
    "packaging",
    "ci",
    "bases",
];

/// Ends of file names that say which variant a Dockerfile builds and not which service.
const VARIANTS: [&str; 34] = [
    "optimized",
    "optimised",
    "gpu",
    "cpu",
    "cuda",
    "rocm",
    "prod",
    "production",
    "dev",
    "devel",
    "development",
    "test",
    "tests",
    "testing",
    "ci",
    "debug",
    "release",
    "staging",
    "local",
    "slim",
    "alpine",
    "debian",
    "ubuntu",
    "distroless",
    "hardened",
    "rootless",
    "nonroot",
    "multistage",
    "runtime",
    "final",
    "amd64",
    "arm64",
    "x86",
    "new",
];

/// How many folders above a Dockerfile are looked at.
const MAX_UP: usize = 3;

/// The names and paths of a plan, ready for thousands of look-ups.
#[derive(Debug, Default)]
pub struct PlanIndex {
    services: Targets,
    hierarchy: Targets,
    /// Hierarchy names without a tag, as written.
    exact: HashMap<String, usize>,
}

/// What can be found: by name, or by a path the plan gives.
#[derive(Debug, Default)]
struct Targets {
    names: HashMap<String, usize>,
    /// Display paths of files and folders.
    paths: HashMap<String, usize>,
    /// Plain names in `paths`, which also mean a folder of that name anywhere.
    bare: HashMap<String, usize>,
}

impl PlanIndex {
    /// The index of a plan. Of two rows or images with one name the first counts.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let mut index = Self::default();
        for (at, row) in plan.services.iter().enumerate() {
            index.services.names.entry(normalise(&row.name.value)).or_insert(at);
            for path in &row.paths {
                index.services.add_path(&plan.folder, &path.value, at);
            }
        }
        for (at, image) in plan.images.hierarchy.iter().enumerate() {
            let name = ImageReference::parse(&image.name.value).name();
            index.exact.entry(name.to_owned()).or_insert(at);
            index.hierarchy.names.entry(normalise(name)).or_insert(at);
            if let Some(path) = &image.path {
                index.hierarchy.add_path(&plan.folder, &path.value, at);
            }
        }
        index
    }

    /// The service row that a Dockerfile belongs to: an index into [`Plan::services`].
    ///
    /// `paths` of the rows come first, the longest one that holds the file; then the file's own suffix or prefix
    /// (`Dockerfile.web`, `web.Dockerfile`), and for plain names and variants (`Dockerfile.gpu`) the nearest folder
    /// that is not as general as `docker`. A name that matches no row is not looked up further.
    #[must_use]
    pub fn service_of(&self, path: &str) -> Option<usize> {
        self.services.find(path)
    }

    /// The hierarchy image that a Dockerfile builds, found in the same way: an index into
    /// [`super::ImagesPlan::hierarchy`].
    #[must_use]
    pub fn hierarchy_of(&self, path: &str) -> Option<usize> {
        self.hierarchy.find(path)
    }

    /// The hierarchy image that a reference names: the last part of its repository is the image's name.
    #[must_use]
    pub fn image_of_reference(&self, reference: &str) -> Option<usize> {
        self.exact.get(ImageReference::parse(reference).name()).copied()
    }

    /// The service row whose name is the last part of a reference's repository.
    #[must_use]
    pub fn service_of_reference(&self, reference: &str) -> Option<usize> {
        self.service_named(ImageReference::parse(reference).name())
    }

    /// The service row with this name, case and separators ignored.
    #[must_use]
    pub fn service_named(&self, name: &str) -> Option<usize> {
        self.services.names.get(&normalise(name)).copied()
    }
}

/// [`PlanIndex::service_of`] for one look-up.
#[must_use]
pub fn service_of(plan: &Plan, path: &str) -> Option<usize> {
    PlanIndex::new(plan).service_of(path)
}

/// [`PlanIndex::hierarchy_of`] for one look-up.
#[must_use]
pub fn hierarchy_of(plan: &Plan, path: &str) -> Option<usize> {
    PlanIndex::new(plan).hierarchy_of(path)
}

/// [`PlanIndex::image_of_reference`] for one look-up.
#[must_use]
pub fn image_of_reference(plan: &Plan, reference: &str) -> Option<usize> {
    PlanIndex::new(plan).image_of_reference(reference)
}

impl Targets {
    fn add_path(&mut self, folder: &str, path: &str, at: usize) {
        let plain = path.trim_end_matches('/');
        if !plain.contains('/') && !plain.is_empty() && plain != "." {
            self.bare.entry(plain.to_owned()).or_insert(at);
        }
        self.paths.entry(join(folder, path)).or_insert(at);
    }

    fn find(&self, path: &str) -> Option<usize> {
        if self.paths.is_empty() && self.names.is_empty() {
            return None;
        }
        let path = join(".", path);
        self.by_path(&path).or_else(|| self.by_name(&path))
    }

    fn by_path(&self, path: &str) -> Option<usize> {
        let mut prefix = path;
        loop {
            let (before, last) = prefix.rsplit_once('/').unwrap_or(("", prefix));
            if let Some(at) = self.paths.get(prefix).or_else(|| self.bare.get(last)) {
                return Some(*at);
            }
            if before.is_empty() {
                // `paths = ["."]`: the plan's own folder.
                return self.paths.get(".").copied();
            }
            prefix = before;
        }
    }

    fn by_name(&self, path: &str) -> Option<usize> {
        if self.names.is_empty() {
            return None;
        }
        let mut parts = path.rsplit('/');
        let said = said_by_file(parts.next().unwrap_or_default());
        if let Said::Name(name) = said {
            return self.names.get(&normalise(name)).copied();
        }
        for folder in parts.take(MAX_UP) {
            let name = normalise(folder);
            if let Some(at) = self.names.get(&name) {
                return Some(*at);
            }
            if !GENERIC.contains(&name.as_str()) {
                return None;
            }
        }
        None
    }
}

/// What the name of a Dockerfile says about its service.
enum Said<'a> {
    Name(&'a str),
    Nothing,
}

/// `Dockerfile.web`, `web.Dockerfile`; variants at the end (`Dockerfile.web.gpu`) are left out.
fn said_by_file(file: &str) -> Said<'_> {
    let lower = file.to_ascii_lowercase();
    let mut name = "";
    for word in ["dockerfile", "containerfile"] {
        if let Some(rest) = lower.strip_prefix(word).filter(|rest| rest.starts_with('.')) {
            name = &file[file.len() - rest.len() + 1..];
        } else if let Some(rest) = lower.strip_suffix(word).filter(|rest| rest.ends_with('.')) {
            name = &file[..rest.len() - 1];
        }
    }
    loop {
        let (before, last) = name.rsplit_once('.').unwrap_or(("", name));
        if name.is_empty() {
            return Said::Nothing;
        }
        if !VARIANTS.contains(&normalise(last).as_str()) {
            return Said::Name(name);
        }
        name = before;
    }
}

#[cfg(test)]
mod tests {
    use super::super::load_text;
    use super::*;

    const PLAN: &str = "[services.rows]\nModelOpsCoordinator = { paths = [\"model_ops\"] }\nWeb = {}\nworker = {}\n\
        \"Observability (pc2)\" = { paths = [\"deploy/pc2/Dockerfile.obs\", \"deploy/pc2\"] }\nExact = {paths=[\"deploy/pc2/exact/\"]}\n\
        [images.hierarchy]\nbase-python = { from = \"python:3.11\" }\nfamily-web = { from = \"base-python\", path = \"bases/web\" }\n";

    #[test]
    fn dockerfiles_find_their_rows() {
        let plan = load_text(PLAN).expect("valid");
        let index = PlanIndex::new(&plan);
        let cases = [
            ("model_ops_coordinator/Dockerfile", Some("ModelOpsCoordinator")),
            ("services/model-ops-coordinator/docker/Dockerfile", Some("ModelOpsCoordinator")),
            ("x/model_ops/y/z/Dockerfile", Some("ModelOpsCoordinator")),
            ("docker/Dockerfile.model_ops_coordinator", Some("ModelOpsCoordinator")),
            ("docker/Dockerfile.model_ops", None),
            ("web.Dockerfile", Some("Web")),
            ("./web.dockerfile", Some("Web")),
            ("web/Dockerfile.optimized", Some("Web")),
            ("web/Dockerfile.worker", Some("worker")),
            ("web/Dockerfile.worker.gpu", Some("worker")),
            ("web/Dockerfile.celery", None),
            ("web/other/Dockerfile", None),
            ("web/docker/build/Dockerfile", Some("Web")),
            ("web/docker/build/src/Dockerfile", None),
            ("Dockerfile", None),
            ("deploy/pc2/Dockerfile.obs", Some("Observability (pc2)")),
            ("deploy/pc2/a/Dockerfile", Some("Observability (pc2)")),
            ("deploy/pc2/exact/Dockerfile", Some("Exact")),
            ("deploy/pc22/Dockerfile", None),
            ("", None),
            ("///", None),
        ];
        for (path, want) in cases {
            let got = index.service_of(path).map(|at| plan.services[at].name.value.as_str());
            assert_eq!(got, want, "{path}");
        }
        assert_eq!(index.service_of_reference("ghcr.io/a/web:1"), service_of(&plan, "web/Dockerfile"));
    }

    #[test]
    fn dockerfiles_and_references_find_their_images() {
        let plan = load_text(PLAN).expect("valid");
        assert_eq!(hierarchy_of(&plan, "docker/base-python/Dockerfile"), Some(0));
        assert_eq!(hierarchy_of(&plan, "bases/web/Dockerfile"), Some(1));
        assert_eq!(hierarchy_of(&plan, "web/Dockerfile"), None);
        assert_eq!(image_of_reference(&plan, "localhost:5000/org/family-web:1@sha256:ab"), Some(1));
        assert_eq!(image_of_reference(&plan, "python:3.11"), None);
    }
}
