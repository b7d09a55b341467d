//! Well-known public base images: what their configs say, as far as rules ask.

/// What is known of a public image without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownBase {
    /// The repository as Docker Hub or its registry names it: `python`, `nvidia/cuda`, `gcr.io/distroless/base`.
    pub repository: &'static str,
    /// Part of the tag that must occur for this row; empty for every tag. Rows with a part come first.
    pub tag_part: &'static str,
    /// User of its config: `""` (root) or as its config says it.
    pub user: &'static str,
    /// ENTRYPOINT in exec form.
    pub entrypoint: &'static [&'static str],
    /// CMD in exec form.
    pub cmd: &'static [&'static str],
    /// Programs in it that health checks and builds use.
    pub tools: &'static [&'static str],
    /// Whether `/bin/sh` is there.
    pub has_shell: bool,
    /// Accounts in its passwd beyond root, as `name:uid:gid`.
    pub accounts: &'static [&'static str],
}

impl KnownBase {
    /// As `tools`: which programs are in it is not known.
    pub const UNTOLD: &'static [&'static str] = &["?"];
}
