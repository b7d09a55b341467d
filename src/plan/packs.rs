//! The plans that come with the tool.

use std::sync::Arc;

use crate::source::Source;

/// Name and text of each pack.
pub const PACKS: [(&str, &str); 6] = [
    ("recommended", include_str!("../../rules/packs/recommended.toml")),
    ("strict", include_str!("../../rules/packs/strict.toml")),
    ("gpu-fleet", include_str!("../../rules/packs/gpu-fleet.toml")),
    ("knative-services", include_str!("../../rules/packs/knative-services.toml")),
    ("compose-api", include_str!("../../rules/packs/compose-api.toml")),
    ("aim", include_str!("../../rules/packs/aim.toml")),
];

/// What comes before the name in the path of a pack's source: `pack:recommended`.
pub const PACK_PREFIX: &str = "pack:";

/// The source of a pack.
#[must_use]
pub fn pack(name: &str) -> Option<Arc<Source>> {
    let (name, text) = PACKS.iter().find(|(known, _)| *known == name)?;
    Some(Source::new(format!("{PACK_PREFIX}{name}"), text.as_bytes().to_vec()))
}
