//! `--against-registry`: the digest that a registry has for each container's image now.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::live::ContainerParts;
use crate::parallel::each;
use crate::registry::{Client, ClientOptions, ImageAddress};

/// References asked for at once.
const AT_ONCE: usize = 8;

/// A digest; `Err`: why the registry does not tell.
type Digest = Result<SmolStr, SmolStr>;

/// Gives every container what the registry says of its image; each reference is asked for once.
pub(super) fn look_up(
    mut parts: Vec<ContainerParts>,
    options: Option<&ClientOptions>,
) -> Vec<ContainerParts> {
    let Some(options) = options else { return parts };
    let references: BTreeSet<String> = parts.iter().filter_map(reference).map(str::to_owned).collect();
    let references: Vec<String> = references.into_iter().collect();
    let client = Client::new(options.clone());
    let answers = each(&references, AT_ONCE, |reference| digest(reference, &client));
    let answers: BTreeMap<&str, Digest> = references.iter().map(String::as_str).zip(answers).collect();
    for parts in &mut parts {
        let answer = reference(parts).and_then(|reference| answers.get(reference)).cloned();
        let without = || Err("the container names its image by an id and not by a reference".into());
        parts.registry = Some(answer.unwrap_or_else(without));
    }
    parts
}

/// The reference that a container was started with; an image's id is none.
fn reference(parts: &ContainerParts) -> Option<&str> {
    let text = parts.image_reference();
    let is_id = text.starts_with("sha256:")
        || (matches!(text.len(), 12 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (!text.is_empty() && !is_id).then_some(text)
}

fn digest(reference: &str, client: &Client) -> Digest {
    let told = |error: crate::registry::RegistryError| SmolStr::new(error.to_string());
    let address = ImageAddress::parse(reference).map_err(told)?;
    client.manifest(&address.repository, address.wanted()).map(|found| found.digest.into()).map_err(told)
}
