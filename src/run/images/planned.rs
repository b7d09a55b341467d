//! `image --planned`: what of the plan is looked up in its registry.

use super::{ImageRequest, Reading, RunError};
use crate::model::PlannedImage;

/// What the registry says of every planned image, in the order of the plan: the hierarchy, then the services.
///
/// # Errors
/// When the plan names no registry, or nothing that could be in it.
pub(super) fn look_up(request: &ImageRequest, reading: &Reading<'_>) -> Result<Vec<PlannedImage>, RunError> {
    match request.planned {
        true => asked(request, reading),
        false => Ok(Vec::new()),
    }
}

#[cfg(not(feature = "registry"))]
fn asked(_request: &ImageRequest, _reading: &Reading<'_>) -> Result<Vec<PlannedImage>, RunError> {
    Err(RunError::new("this build of the program asks no registry"))
}

#[cfg(feature = "registry")]
fn asked(request: &ImageRequest, reading: &Reading<'_>) -> Result<Vec<PlannedImage>, RunError> {
    let Some(client) = &reading.client else {
        return Err(RunError::new("registries are not asked in this call"));
    };
    let plan = reading.plan;
    let Some(registry) = &plan.images.registry else {
        let help = Some("Write `registry = \"ghcr.io/example\"` below `[images]`".to_owned());
        return Err(RunError { help, ..RunError::new("the plan names no registry that images could be in") });
    };
    let wanted = wanted(plan, &registry.value, request.tag.as_deref());
    if wanted.is_empty() {
        return Err(RunError::new("the plan names no image and no service"));
    }
    let pattern = plan.images.tag_pattern.as_ref();
    let allows = |tag: &str| pattern.is_none_or(|pattern| pattern.matches(tag));
    Ok(crate::image::look_up(&wanted, &allows, client, reading.progress, request.sources.jobs))
}

#[cfg(feature = "registry")]
fn wanted(plan: &crate::plan::Plan, registry: &str, tag: Option<&str>) -> Vec<crate::image::Wanted> {
    use crate::model::Spanned;
    use crate::syntax::image_reference::ImageReference;
    use smol_str::SmolStr;

    let below = |path: &str| SmolStr::from(format!("{}/{path}", registry.trim_end_matches('/')));
    let one = |name: &Spanned<SmolStr>, repository: &Option<Spanned<SmolStr>>, is_service| {
        let (place, repositories) = match repository {
            Some(said) => (&said.place, vec![below(said.value.trim_matches('/'))]),
            None => {
                let base = ImageReference::parse(&name.value).name();
                (&name.place, repositories(base).iter().map(|path| below(path)).collect())
            }
        };
        let (place, name, tag) = (place.clone(), name.value.clone(), tag.map(SmolStr::from));
        crate::image::Wanted { place, name, is_service, repositories, tag }
    };
    let hierarchy = plan.images.hierarchy.iter().map(|image| one(&image.name, &image.repository, false));
    let services = plan.services.iter().map(|row| one(&row.name, &row.repository, true));
    hierarchy.chain(services).collect()
}

/// How a repository may write a name: as the plan does, with `-`, with `_`, or with nothing between its words; always in
/// lower case, as registries want it.
#[cfg(feature = "registry")]
fn repositories(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    let mut found = vec![name.to_ascii_lowercase(), words.join("-"), words.join("_"), words.concat()];
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    found.retain(|name| !name.is_empty() && name.chars().all(usual));
    let mut seen = std::collections::HashSet::new();
    found.retain(|name| seen.insert(name.clone()));
    found
}

#[cfg(all(test, feature = "registry"))]
mod tests {
    use super::repositories;

    #[test]
    fn names_are_written_as_repositories_write_them() {
        for (name, written) in [
            ("web", &["web"][..]),
            ("model_ops", &["model_ops", "model-ops", "modelops"]),
            ("ModelOps", &["modelops", "model-ops", "model_ops"]),
            ("Model Ops", &["model-ops", "model_ops", "modelops"]),
            ("base-cu121", &["base-cu121", "base_cu121", "basecu121"]),
            ("LLM2Vec", &["llm2vec", "llm2-vec", "llm2_vec"]),
            ("", &[]),
            ("é", &[]),
        ] {
            assert_eq!(repositories(name), written, "{name}");
        }
    }
}
