//! Images made of a few words, for tests of what is built on what.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{link_images, row_of_image};
use crate::model::{
    BuiltImage, ChainEnd, Container, Contents, HistoryStep, ImageForm, ImageSet, Layer, MediaKind, Platform,
    Spanned, Unknown, Value,
};
use crate::plan::{Plan, PlanIndex};
use crate::source::{Place, Source, Span};

/// An image without anything but its place in the chain.
pub(crate) struct Made(pub(crate) BuiltImage);

fn place() -> Place {
    Place::new(&Source::new("record", b"{}".to_vec()), Span::new(0, 2))
}

fn said<T>(value: T) -> Spanned<T> {
    Spanned::new(value, place())
}

/// An image `NAME:TAG` of layers, each one word.
pub(crate) fn image(reference: &str, layers: &str) -> Made {
    let source = Source::new("record", b"{}".to_vec());
    let tree = crate::syntax::yaml::parse(&source).documents.into_iter().next().expect("a document").root;
    let digest = |kind: &str| SmolStr::new(format!("sha256:{kind}-{reference}-{layers}"));
    Made(BuiltImage {
        name: reference.into(),
        subject: reference.into(),
        form: ImageForm::OciLayout,
        source,
        place: tree.place.clone(),
        tree,
        reference: Some(said(reference.into())),
        digest: Some(digest("manifest")),
        config_digest: digest("config"),
        media: MediaKind::Docker,
        platform: Platform::parse("linux/amd64"),
        platforms: None,
        container: Container { layers: vec![Arc::default()], end: ChainEnd::Scratch },
        diff_ids: layers.split_whitespace().map(|id| said(id.into())).collect(),
        history: Vec::new(),
        annotations: Vec::new(),
        layers: Vec::new(),
        files: Contents::Unread(Unknown::Template),
        problems: Vec::new(),
        service: None,
        hierarchy: None,
        is_candidate: false,
    })
}

impl Made {
    /// History in words: `A@1` is a step that made a layer on the first day, `-b@2` one that made none on the second;
    /// `x/FROM-web:1` adds a comment.
    pub(crate) fn history(mut self, steps: &str) -> Self {
        let step = |text: &str| {
            let (text, comment) = text.split_once('/').map_or((text, None), |(text, it)| (text, Some(it)));
            let (command, day) = text.split_once('@').unwrap_or((text, "1"));
            HistoryStep {
                created_by: said(command.trim_start_matches('-').into()),
                created: Some(format!("2025-08-0{day}T00:00:00Z").into()),
                comment: comment.map(|comment| comment.replacen('-', " ", 1).into()),
                empty_layer: command.starts_with('-'),
                run: None,
            }
        };
        self.0.history = steps.split_whitespace().map(step).collect();
        self
    }

    pub(crate) fn annotation(mut self, key: &str, value: &str) -> Self {
        let key = SmolStr::new(format!("org.opencontainers.image.base.{key}"));
        self.0.annotations.push(said((key, value.into())));
        self
    }

    pub(crate) fn label(mut self, key: &str, value: &str) -> Self {
        let key = Value::known(format!("org.opencontainers.image.base.{key}"));
        let mut labels = self.0.container.layers[0].labels.clone();
        labels.push(said((key, Value::known(value))));
        self.0.container.layers = vec![Arc::new(Layer { labels, ..Layer::default() })];
        self
    }

    pub(crate) fn form(mut self, form: ImageForm) -> Self {
        self.0.form = form;
        self
    }

    pub(crate) fn platform(mut self, platform: &str) -> Self {
        self.0.platform = Platform::parse(platform);
        self
    }

    /// `--base`
    pub(crate) fn candidate(mut self) -> Self {
        self.0.is_candidate = true;
        self
    }
}

/// The images, named by the plan and linked.
pub(crate) fn linked(images: Vec<Made>, plan: &Plan) -> ImageSet {
    let index = PlanIndex::new(plan);
    let mut images: Vec<BuiltImage> = images.into_iter().map(|made| made.0).collect();
    for image in &mut images {
        let row = row_of_image(image, &index);
        (image.hierarchy, image.service) = (row.hierarchy, row.service);
    }
    ImageSet { bases: link_images(&images, plan), images, ..ImageSet::default() }
}
