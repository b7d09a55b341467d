//! An image's record becomes facts: manifest and config field by field, so that one bad field is one problem.

mod accounts;
mod config;
mod fields;
mod health;
mod history;
mod manifest;
mod provides;

use std::sync::Arc;

use smol_str::SmolStr;

use self::fields::Fields;
use crate::model::{
    BuiltImage, ChainEnd, Container, Contents, ImageForm, ImageProblem, Layer, LayerBlob, MediaKind,
    Platform, Spanned, Unknown, User,
};
use crate::source::{Place, Source};
use crate::syntax::yaml::Node;

/// What is known of an image beside its record.
#[derive(Debug)]
pub struct ImageRequest {
    /// As the user gave it.
    pub name: SmolStr,
    /// Whether the subject names the platform, because several of one index are judged.
    pub names_platform: bool,
    /// How it is stored.
    pub form: ImageForm,
    /// The family of its media types.
    pub media: MediaKind,
    /// The reference that it goes by.
    pub given_reference: Option<SmolStr>,
    /// Digest of its manifest.
    pub digest: Option<SmolStr>,
    /// Digest of its config.
    pub config_digest: SmolStr,
    /// Platforms of its index.
    pub platforms: Option<Vec<Platform>>,
    /// Its layers.
    pub layers: Vec<LayerBlob>,
    /// What they hold.
    pub files: Contents,
    /// What is odd with the bytes of manifest and config.
    pub problems: Vec<ImageProblem>,
}

/// Lowers a record.
#[must_use]
pub fn lower_image(source: Arc<Source>, tree: Node, request: ImageRequest) -> BuiltImage {
    let nothing = Node::new(crate::syntax::yaml::Value::Mapping(Vec::new()), tree.place.clone());
    let mut fields = Fields { problems: request.problems };
    let stored = tree.get("image").unwrap_or(&nothing);
    let outer = tree.entry("image").map_or(&tree.place, |entry| &entry.key.place);
    let platform = manifest::platform(&mut fields, stored, outer);
    let entry = fields.object(stored, "config");
    let place = entry.map_or(outer, |entry| &entry.key.place).clone();
    let inner = entry.map_or(&nothing, |entry| &entry.value);
    let layer = layer(&mut fields, inner, &request.files, &place);
    let diff_ids = manifest::diff_ids(&mut fields, stored, outer, request.layers.len());
    let history = manifest::history(&mut fields, stored, diff_ids.len());
    let annotations = manifest::annotations(&mut fields, &tree);
    let reference = reference(&tree, &request.name, request.form, request.given_reference);
    let subject = match request.names_platform {
        true => format!("{} ({platform})", request.name).into(),
        false => request.name.clone(),
    };
    BuiltImage {
        name: request.name,
        subject,
        form: request.form,
        source,
        place,
        reference,
        digest: request.digest,
        config_digest: request.config_digest,
        media: request.media,
        platform,
        platforms: request.platforms,
        container: Container { layers: vec![Arc::new(layer)], end: ChainEnd::Scratch },
        diff_ids,
        history,
        annotations,
        layers: request.layers,
        files: request.files,
        problems: fields.problems,
        tree,
        service: None,
        hierarchy: None,
        is_candidate: false,
    }
}

/// A config that an engine shows, as a layer of its own whose places are those of the tree. What its image holds is not known,
/// and what is wrong with it is nobody's finding.
pub(in crate::lower) fn shown_config(config: &Node) -> Layer {
    layer(&mut Fields::default(), config, &Contents::Unread(Unknown::Layers), &config.place)
}

/// The one layer of the image's container.
fn layer(fields: &mut Fields, inner: &Node, contents: &Contents, place: &Place) -> Layer {
    let mut layer = config::layer(fields, inner);
    layer.user = user(fields, inner, contents);
    match contents {
        Contents::Read(files) => {
            layer.accounts = accounts::accounts(files, place);
            layer.provides = provides::provides(files, place);
            layer.opaque = files.truncated.as_ref().map(|_| place.clone());
        }
        Contents::Unread(_) => layer.opaque = Some(place.clone()),
    }
    layer
}

/// `User`; an empty one says nothing, and means root.
fn user(fields: &mut Fields, inner: &Node, contents: &Contents) -> Option<Spanned<Result<User, Unknown>>> {
    let said = fields.text(inner, "User").filter(|said| !said.value.is_empty())?;
    Some(Spanned::new(accounts::user(&said.value, contents), said.place))
}

/// The name that the image goes by, at the record's first line.
fn reference(
    tree: &Node,
    name: &SmolStr,
    form: ImageForm,
    given: Option<SmolStr>,
) -> Option<Spanned<SmolStr>> {
    let of_name = || {
        let remote = matches!(form, ImageForm::Registry | ImageForm::DockerDaemon);
        let bare = ["docker://", "docker-daemon:"].iter().find_map(|prefix| name.strip_prefix(prefix));
        remote.then(|| bare.map_or_else(|| name.clone(), SmolStr::new))
    };
    let said = match form {
        ImageForm::Registry => of_name(),
        _ => given.or_else(of_name),
    };
    let place = tree.get("reference").map_or(&tree.place, |node| &node.place);
    said.map(|said| Spanned::new(said, place.clone()))
}

#[cfg(test)]
mod tests;
