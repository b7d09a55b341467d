//! A deployment's own words laid over the image that it runs.
//!
//! A [`Layer`] and what is known of the image go in, the [`Container`] that will run comes out: the layer first, the
//! layers of the image below, with the place that names the image as the way from one to the other. Which key of which
//! file says what is the caller's.

use std::sync::Arc;

use smol_str::SmolStr;

use super::images::{Image, Images, outside};
use crate::model::{ChainEnd, Container, Layer, MissingSources, Spanned, Unknown, Value};
use crate::source::Place;

/// What a deployment's layer is laid over.
#[derive(Debug, Clone)]
pub(crate) struct Below {
    /// The image's own layers.
    layers: Vec<Arc<Layer>>,
    /// What is below them.
    end: ChainEnd,
    /// The line that names the image, or says what builds it.
    from: Place,
    /// How a note names the image.
    name: SmolStr,
    /// Display path of the Dockerfile of the fleet that makes it.
    pub(crate) dockerfile: Option<SmolStr>,
    /// What the build context lacks.
    pub(crate) missing: Option<Arc<MissingSources>>,
}

impl Below {
    /// The image that a reference names: of the fleet, well known, or not read.
    pub(crate) fn named(reference: &Spanned<Value>, images: &dyn Images) -> Self {
        if let Some(why) = &reference.value.unknown {
            return Self::unknown(why.clone(), &reference.value.text, &reference.place);
        }
        let text = reference.value.text.as_str();
        match images.named(text) {
            Some(image) => Self::image(image, &reference.place),
            None => Self {
                layers: Vec::new(),
                end: outside(text, &reference.place),
                from: reference.place.clone(),
                name: text.into(),
                dockerfile: None,
                missing: None,
            },
        }
    }

    /// An image that a Dockerfile of the fleet makes; `place` says so.
    pub(crate) fn image(image: Image, place: &Place) -> Self {
        Self {
            layers: image.container.layers,
            end: image.container.end,
            from: place.clone(),
            name: image.name,
            dockerfile: Some(image.dockerfile),
            missing: image.missing,
        }
    }

    /// An image of which nothing can be told; `name` is how notes name it.
    pub(crate) fn unknown(why: Unknown, name: &str, place: &Place) -> Self {
        Self {
            layers: Vec::new(),
            end: ChainEnd::Unknown { why, place: place.clone() },
            from: place.clone(),
            name: name.into(),
            dockerfile: None,
            missing: None,
        }
    }

    /// The image alone, for what has to be known before the layer is made: accounts, variables.
    ///
    /// Its first layer is empty when the image has none of its own, because a container is never without layers.
    pub(crate) fn container(&self) -> Container {
        let layers = match self.layers.is_empty() {
            true => vec![Arc::new(Layer::default())],
            false => self.layers.clone(),
        };
        Container { layers, end: self.end.clone() }
    }

    /// Lays a layer over the image.
    pub(crate) fn under(self, layer: Layer) -> Container {
        let own = Layer { from: Some(self.from), base_name: self.name, ..layer };
        let mut layers = Vec::with_capacity(self.layers.len() + 1);
        layers.push(Arc::new(own));
        layers.extend(self.layers);
        Container { layers, end: self.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::NoImages;
    use crate::model::{CommandLine, Fact, Form};
    use crate::source::{Source, Span};

    fn reference(text: &str) -> Spanned<Value> {
        let source = Source::new("deploy.yaml", text.as_bytes().to_vec());
        let place = Place::new(&source, Span::new(0, text.len() as u32));
        Spanned::new(Value::known(text), place)
    }

    fn exec(words: &[&str]) -> CommandLine {
        CommandLine { form: Form::Exec, words: words.iter().map(SmolStr::new).collect() }
    }

    #[test]
    fn the_layer_speaks_first_and_the_image_where_it_is_silent() {
        let said = reference("app");
        let image = Layer {
            entrypoint: Some(Spanned::new(exec(&["tini", "--"]), said.place.clone())),
            cmd: Some(Spanned::new(exec(&["serve"]), said.place.clone())),
            ..Layer::default()
        };
        let end = ChainEnd::Scratch;
        let below = Image {
            name: "app".into(),
            dockerfile: "app/Dockerfile".into(),
            container: Container { layers: vec![Arc::new(image)], end },
            missing: None,
        };
        let below = Below::image(below, &said.place);
        assert_eq!(below.dockerfile.as_deref(), Some("app/Dockerfile"));
        let silent = below.clone().under(Layer::default());
        assert_eq!(silent.cmd().known(), Some(&exec(&["serve"])));
        let command =
            Layer { entrypoint: Some(Spanned::new(exec(&["sh"]), said.place.clone())), ..Layer::default() };
        let replaced = below.under(command);
        assert_eq!(replaced.entrypoint().known(), Some(&exec(&["sh"])));
        assert!(matches!(replaced.cmd(), Fact::Absent), "a command of the deployment clears the CMD");
    }

    #[test]
    fn other_images_are_well_known_or_unknown() {
        let known = Below::named(&reference("python:3.11-slim"), &NoImages).under(Layer::default());
        assert!(matches!(known.end, ChainEnd::WellKnown { .. }));
        let far = Below::named(&reference("example.org/team/app:1"), &NoImages).under(Layer::default());
        assert!(
            matches!(&far.user(), Fact::Unknown { why: Unknown::Base(name), .. } if name == "example.org/team/app:1")
        );
        let mut template = reference("${IMAGE}");
        template.value.unknown = Some(Unknown::Variable("IMAGE".into()));
        let open = Below::named(&template, &NoImages).under(Layer::default());
        assert!(
            matches!(&open.user(), Fact::Unknown { why: Unknown::Variable(name), .. } if name == "IMAGE")
        );
    }
}
