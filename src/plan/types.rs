//! The resolved plan.

use std::sync::Arc;

use smol_str::SmolStr;

use super::profile::{Profile, ProfileFault};
use super::tag::TagPattern;
use crate::finding::Severity;
use crate::model::{EndpointContract, PlannedScalar, PlannedSchema, Quantity, Resources, Spanned};
use crate::source::{Place, Source};

/// Everything a plan can say. A key nobody wrote is `None` or empty, and the rules that need it do not run.
#[derive(Debug, Default)]
pub struct Plan {
    /// Path of the plan file as reports print it; `None` when only packs are used.
    pub path: Option<String>,
    /// Folder of the plan file, relative to the working directory; `.` without a plan file. Paths in the plan are
    /// relative to it.
    pub folder: String,
    /// The files it was read from, packs included.
    pub sources: Vec<Arc<Source>>,
    /// `[user]`
    pub user: UserPlan,
    /// `[init]`
    pub init: InitPlan,
    /// `[build]`
    pub build: BuildPlan,
    /// `[images]`
    pub images: ImagesPlan,
    /// `[python]`
    pub python: PythonPlan,
    /// `[pins]`: package (PEP 503 name) → exact version.
    pub pins: Vec<(SmolStr, Spanned<SmolStr>)>,
    /// `[cuda]`
    pub cuda: CudaPlan,
    /// `[health]`
    pub health: HealthPlan,
    /// `[labels]`
    pub labels: LabelsPlan,
    /// `[dockerignore] covers`
    pub dockerignore_covers: Vec<Spanned<SmolStr>>,
    /// `[env]`: variable → allowed values.
    pub env: Vec<(SmolStr, Spanned<Vec<SmolStr>>)>,
    /// `[limits]`: what every deployed service may take, and what is kept free for it.
    pub limits: Resources,
    /// `[logging]`
    pub logging: LoggingPlan,
    /// `[mounts] read-only`: paths in the container that are mounted read only.
    pub read_only_mounts: Vec<Spanned<SmolStr>>,
    /// `[deploy]`
    pub deploy: DeployPlan,
    /// `[workflows]`
    pub workflows: WorkflowsPlan,
    /// `[machine-profile] schema`: the JSON Schema of machine profiles, relative to the plan; `builtin` for the tool's own.
    pub profile_schema: Option<Spanned<SmolStr>>,
    /// Why that schema cannot be used.
    pub profile_schema_fault: Option<String>,
    /// `[machines]`
    pub machines: Vec<Machine>,
    /// Rows of the service table and of `[services.rows]`, merged by name.
    pub services: Vec<ServiceRow>,
    /// Rows whose table or entry says the same name twice, for `plan-contradiction`.
    pub duplicate_rows: Vec<(SmolStr, Place, Place)>,
    /// `[services.contracts]`
    pub contracts: Vec<Contract>,
    /// Fenced `dockerfile` blocks of the Markdown plan: the block's text with its offset in the plan's source.
    pub examples: Vec<Place>,
    /// Facts that other parts of the Markdown plan state about what the TOML says (tables of machine values, CUDA
    /// architectures in prose), for `plan-contradiction`.
    pub stated: Vec<Stated>,
    /// `[rules]`
    pub rules: Vec<RuleSetting>,
    /// `[[overrides]]`, in order; the last one that covers a path counts.
    pub overrides: Vec<Override>,
    /// `ruleset`: rules that came later do not run unless the plan or the call names them.
    pub ruleset: Option<Spanned<SmolStr>>,
    /// `[[waivers]]`
    pub waivers: Vec<Waiver>,
}

/// `[user]`
#[derive(Debug, Default)]
pub struct UserPlan {
    /// `uid`
    pub uid: Option<Spanned<u32>>,
    /// `gid`
    pub gid: Option<Spanned<u32>>,
    /// `name`
    pub name: Option<Spanned<SmolStr>>,
    /// `non-root = true`: any user but root will do. For plans without a `uid`.
    pub non_root: Option<Spanned<bool>>,
}

/// `[init]`
#[derive(Debug, Default)]
pub struct InitPlan {
    /// `process`: the name of PID 1, `tini`; or its absolute path.
    pub process: Option<Spanned<SmolStr>>,
    /// `accept`: other programs that will do.
    pub accept: Vec<Spanned<SmolStr>>,
}

/// `[build]`
#[derive(Debug, Default)]
pub struct BuildPlan {
    /// `multi-stage`
    pub multi_stage: Option<Spanned<bool>>,
    /// `pip-hashes`
    pub pip_hashes: Option<Spanned<bool>>,
    /// `pip-cache-mount`
    pub pip_cache_mount: Option<Spanned<bool>>,
    /// `apt-snapshot = true`: a snapshot archive stands in for version pins.
    pub apt_snapshot: Option<Spanned<bool>>,
}

/// `[logging]`: how containers log.
#[derive(Debug, Default)]
pub struct LoggingPlan {
    /// `driver`: `json-file`.
    pub driver: Option<Spanned<SmolStr>>,
    /// `options`: `max-size`, `max-file`.
    pub options: Vec<(SmolStr, Spanned<SmolStr>)>,
}

/// `[workflows]`: what the build workflows of the repository do.
#[derive(Debug, Default)]
pub struct WorkflowsPlan {
    /// `matrix`: whether the workflows together build every planned service and base image, and nothing else.
    pub matrix: Option<Spanned<bool>>,
}

/// `[deploy]`: how services are deployed.
#[derive(Debug, Default)]
pub struct DeployPlan {
    /// `required = true`: every planned service has a deployment entry, and every entry a planned service.
    pub required: Option<Spanned<bool>>,
    /// `restart`: the restart policy of compose services.
    pub restart: Option<Spanned<SmolStr>>,
    /// `read-only = true`: containers run with a read-only root file system.
    pub read_only: Option<Spanned<bool>>,
}

/// `[images]`
#[derive(Debug, Default)]
pub struct ImagesPlan {
    /// `registry`: prefix of the fleet's own images, `ghcr.io/example`.
    pub registry: Option<Spanned<SmolStr>>,
    /// `tag`: the regular expression that tags of the fleet's own images match.
    pub tag: Option<Spanned<SmolStr>>,
    /// `tag`, ready to match.
    pub tag_pattern: Option<TagPattern>,
    /// `pinned = true`: external images need a tag that is not `latest`, or a digest.
    pub pinned: Option<Spanned<bool>>,
    /// `platforms`: what the fleet's own images are built for, `linux/amd64`.
    pub platforms: Vec<Spanned<SmolStr>>,
    /// `[images.size]`
    pub size: SizePlan,
    /// `[images.hierarchy]` in the order of the file.
    pub hierarchy: Vec<HierarchyImage>,
}

/// `[images.size]`: how large images of services may be. A service that needs a GPU has its own goal.
#[derive(Debug, Default)]
pub struct SizePlan {
    /// `cpu`: a size in the notation of Compose (`200MB` is 200 × 2^20 bytes).
    pub cpu: Option<Spanned<Quantity>>,
    /// `gpu`
    pub gpu: Option<Spanned<Quantity>>,
    /// `unpacked = true`: the sizes are of unpacked layers; else of layers as they are stored and fetched.
    pub unpacked: Option<Spanned<bool>>,
}

/// One image of the hierarchy.
#[derive(Debug, Clone)]
pub struct HierarchyImage {
    /// Its name.
    pub name: Spanned<SmolStr>,
    /// Its parent: another name of the hierarchy, or an external image.
    pub from: Spanned<SmolStr>,
    /// `path`: its Dockerfile, relative to the plan, where the name does not tell.
    pub path: Option<Spanned<SmolStr>>,
    /// `repository`: its repository below `images.registry`, where the name does not tell.
    pub repository: Option<Spanned<SmolStr>>,
}

/// `[python]`
#[derive(Debug, Default)]
pub struct PythonPlan {
    /// `version`: `3.11`.
    pub version: Option<Spanned<SmolStr>>,
    /// `legacy.version`
    pub legacy_version: Option<Spanned<SmolStr>>,
    /// `legacy.base`: the hierarchy image whose services may run the legacy version.
    pub legacy_base: Option<Spanned<SmolStr>>,
}

/// `[cuda]`
#[derive(Debug, Default)]
pub struct CudaPlan {
    /// `version`: `12.1` or `12.1.1`.
    pub version: Option<Spanned<SmolStr>>,
    /// `arch`: `8.6`, `8.9`, with the dot that PyTorch wants.
    pub arch: Vec<Spanned<SmolStr>>,
}

/// `[health]`
#[derive(Debug, Default)]
pub struct HealthPlan {
    /// `required = true`: every service has a HEALTHCHECK; implied by `path`.
    pub required: Option<Spanned<bool>>,
    /// `path`
    pub path: Option<Spanned<SmolStr>>,
    /// `expect`: fields of the JSON answer, by dotted path, and the scalar that each must be.
    pub expect: Vec<(SmolStr, Spanned<PlannedScalar>)>,
    /// `status`: the status codes that will do; empty: 200.
    pub status: Vec<Spanned<u16>>,
    /// `content-type`: the media type of the answer, without parameters, in lower case.
    pub content_type: Option<Spanned<SmolStr>>,
    /// `schema`: a JSON Schema of the answer.
    pub schema: Option<Spanned<PlannedSchema>>,
    /// `max-time`: the longest time to the last byte of the answer. Not the `timeout` of a HEALTHCHECK.
    pub max_time: Option<Spanned<(SmolStr, u64)>>,
    /// `label`: the label that holds the health port.
    pub label: Option<Spanned<SmolStr>>,
    /// `interval` as written, with milliseconds.
    pub interval: Option<Spanned<(SmolStr, u64)>>,
    /// `timeout`
    pub timeout: Option<Spanned<(SmolStr, u64)>>,
    /// `start-period`
    pub start_period: Option<Spanned<(SmolStr, u64)>>,
    /// `retries`
    pub retries: Option<Spanned<u32>>,
}

/// `[labels]`
#[derive(Debug, Default)]
pub struct LabelsPlan {
    /// `required`
    pub required: Vec<Spanned<SmolStr>>,
    /// `values`: label → the value it must have.
    pub values: Vec<(SmolStr, Spanned<SmolStr>)>,
}

/// `[machines.NAME]`
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its name.
    pub name: Spanned<SmolStr>,
    /// `alias`: other names that tables use.
    pub alias: Vec<Spanned<SmolStr>>,
    /// `host`
    pub host: Option<Spanned<SmolStr>>,
    /// `profile`: path of the profile JSON, relative to the plan.
    pub profile: Option<Spanned<SmolStr>>,
    /// The profile file, when it was found; `Err`: why not.
    pub profile_file: Option<Result<Profile, ProfileFault>>,
    /// `compose`: the compose files that run on it, relative to the plan.
    pub compose: Vec<Spanned<SmolStr>>,
    /// `cuda-arch`
    pub cuda_arch: Vec<Spanned<SmolStr>>,
    /// `values`: what the profile must say.
    pub values: Vec<(SmolStr, Spanned<SmolStr>)>,
}

/// One planned service.
#[derive(Debug, Clone)]
pub struct ServiceRow {
    /// Its name as the plan writes it.
    pub name: Spanned<SmolStr>,
    /// Indices into [`Plan::machines`] of the machines it runs on, with the cell.
    pub on: Option<Spanned<Vec<usize>>>,
    /// Machine names that no machine of the plan has.
    pub unknown_machines: Vec<Spanned<SmolStr>>,
    /// Base family.
    pub base: Option<Spanned<SmolStr>>,
    /// Service port.
    pub service_port: Option<Spanned<u16>>,
    /// Health port.
    pub health_port: Option<Spanned<u16>>,
    /// `paths`: files or folders (relative to the plan) that belong to it where the name does not tell.
    pub paths: Vec<Spanned<SmolStr>>,
    /// What it needs, as the table says it: `GPU/LLM`.
    pub needs: Option<Spanned<SmolStr>>,
    /// `python`: the version this service runs, where it is not the plan's.
    pub python: Option<Spanned<SmolStr>>,
    /// `repository`: the repository of its image below `images.registry`, where the name does not tell.
    pub repository: Option<Spanned<SmolStr>>,
    /// Contracts of its own.
    pub contracts: Vec<Contract>,
    /// Further cells or keys that say the same field differently (table and entry disagree): field, both places.
    pub disagreements: Vec<(&'static str, Place, Place)>,
}

impl ServiceRow {
    /// Whether the row says that the service needs a GPU: `GPU` in `needs`, or a CUDA family.
    #[must_use]
    pub fn needs_gpu(&self) -> bool {
        let says = |text: &SmolStr, part: &str| text.to_ascii_lowercase().contains(part);
        match &self.needs {
            Some(needs) => needs.value.split(['/', ' ', ',']).any(|word| word.eq_ignore_ascii_case("gpu")),
            None => self.base.as_ref().is_some_and(|base| says(&base.value, "-cu1")),
        }
    }
}

/// A contract of an HTTP endpoint.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Its name: `metrics`.
    pub name: Spanned<SmolStr>,
    /// What it demands; `None`: it is switched off (`metrics = false`), here or for what it was laid over.
    pub demands: Option<Arc<EndpointContract>>,
    /// Its keys as written. A list gives its key once per item, a table below joins the keys with a dot
    /// (`expect.status`), a list of tables counts (`endpoints.0.uri`).
    pub values: Vec<(SmolStr, Spanned<SmolStr>)>,
}

/// Something the Markdown plan states beside the TOML.
#[derive(Debug, Clone)]
pub enum Stated {
    /// A value of a machine's profile.
    MachineValue {
        /// Index into [`Plan::machines`].
        machine: usize,
        /// Key of the profile.
        key: SmolStr,
        /// Value and cell.
        value: Spanned<SmolStr>,
    },
    /// A list of CUDA architectures as written (`89;86`).
    CudaArch(Spanned<SmolStr>),
    /// An image of the hierarchy with its parent, from an indented tree.
    Hierarchy {
        /// The image.
        image: Spanned<SmolStr>,
        /// The parent; `None` at the root.
        parent: Option<Spanned<SmolStr>>,
    },
}

/// `[rules] id = …`
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// The canonical id.
    pub rule: Spanned<SmolStr>,
    /// `severity`, or the plain form `id = "warning"`; `None` inside: `"off"`.
    pub severity: Option<Option<Severity>>,
    /// `suppressible`, default true.
    pub suppressible: bool,
}

/// `[[overrides]]`: severities for a part of the fleet.
#[derive(Debug, Clone)]
pub struct Override {
    /// `paths`: globs over report paths relative to the plan's folder.
    pub paths: Vec<Spanned<SmolStr>>,
    /// `rules`; each says a severity.
    pub rules: Vec<RuleSetting>,
}

/// `[[waivers]]`
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The canonical id of the rule.
    pub rule: Spanned<SmolStr>,
    /// `path`: a glob over report paths relative to the plan's folder.
    pub path: Option<Spanned<SmolStr>>,
    /// `service`
    pub service: Option<Spanned<SmolStr>>,
    /// `until`: the last day on which it holds, as (year, month, day).
    pub until: Option<Spanned<(u16, u8, u8)>>,
    /// `owner`
    pub owner: Option<Spanned<SmolStr>>,
    /// `reason`
    pub reason: Option<Spanned<SmolStr>>,
    /// The whole table's header line.
    pub place: Place,
}
