//! `drift`: an image holds what its Dockerfile says.
//!
//! What no layer of the Dockerfiles says is only compared when the chain ends in `scratch`: below that the base decides.

mod commands;
mod health;
mod live;
mod pairs;
mod sets;
mod user;
mod words;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{
    BuiltImage, ChainEnd, Container, ExpectedImage, Fact, ImageSet, Layer, MediaKind, Origin, Unknown,
};
use crate::plan::Plan;
use crate::rules::{Check, always};
use crate::source::Place;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Images(check), Check::Container(live::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    for (image, expected) in set.images.iter().zip(&set.expected) {
        let Some(expected) = expected else { continue };
        let service = image.service.map(|row| plan.services[row].name.value.clone());
        out.concern(service, Some(image.subject.clone()));
        let mut drift = Drift::new(image, expected, out);
        user::compare(&mut drift);
        commands::compare(&mut drift);
        pairs::compare(&mut drift);
        sets::compare(&mut drift);
        health::compare(&mut drift);
    }
    out.concern(None, None);
}

/// What is compared: an image, or a container of an engine.
struct Held<'a> {
    container: &'a Container,
    /// Where something missing is reported.
    place: &'a Place,
    media: MediaKind,
    /// The record of an image.
    tree: Option<&'a Node>,
    /// ``the image``, ``container `web` ``.
    name: String,
}

/// What it is compared with.
struct Wanted<'a> {
    container: &'a Container,
    place: &'a Place,
    /// As messages name it where no line of a file says the value.
    name: String,
    /// Whether lines of files say it; what an engine says of an image has none.
    has_lines: bool,
    help: &'static str,
}

/// One of them beside the other.
struct Drift<'a> {
    held: Held<'a>,
    expected: Wanted<'a>,
    /// What the files of the chain say themselves.
    own: Container,
    /// Whether nothing else can say anything.
    is_complete: bool,
    out: &'a mut Findings,
}

/// A value as a message prints it; `None`: not set.
type Shown = Option<String>;

impl<'a> Drift<'a> {
    /// An image beside what its Dockerfile would make.
    fn new(image: &'a BuiltImage, expected: &'a ExpectedImage, out: &'a mut Findings) -> Self {
        let held = Held {
            container: &image.container,
            place: &image.place,
            media: image.media,
            tree: Some(&image.tree),
            name: "the image".to_owned(),
        };
        let expected = Wanted {
            container: &expected.container,
            place: &expected.place,
            name: format!("`{}`", expected.dockerfile),
            has_lines: true,
            help: "build the image again, or change the Dockerfile to what the image should be",
        };
        Self::between(held, expected, out)
    }

    fn between(held: Held<'a>, expected: Wanted<'a>, out: &'a mut Findings) -> Self {
        let own = Container { layers: expected.container.layers.clone(), end: ChainEnd::Scratch };
        // What an image leaves open may be said at the start of a container.
        let is_complete = expected.has_lines && matches!(expected.container.end, ChainEnd::Scratch);
        Self { held, expected, own, is_complete, out }
    }

    /// The layer of what is compared.
    fn layer(&self) -> &'a Layer {
        &self.held.container.layers[0]
    }

    /// Reports a difference. `what`: a field of the config without backticks, because reports put messages together that
    /// differ in what stands between those alone. `at`: where the image says it; `origin`: where the Dockerfiles do.
    fn differs(
        &mut self,
        what: &str,
        at: Option<&Place>,
        held: Shown,
        said: Shown,
        origin: Option<&Origin>,
    ) {
        let file = self.file(origin);
        let value = |shown: Shown| shown.map_or("not set".to_owned(), |text| format!("`{text}`"));
        let name = &self.held.name;
        let message = format!("{what} is {} in {name}, and {} in {file}", value(held), value(said));
        self.report(at, message, origin);
    }

    /// Reports a difference with a message of its own.
    fn report(&mut self, at: Option<&Place>, message: String, origin: Option<&Origin>) {
        let finding = self.out.add(at.unwrap_or(self.held.place), message);
        match origin {
            _ if !self.expected.has_lines => {}
            Some(origin) => {
                finding.related(&origin.last().place, "said here");
            }
            None => {
                finding.related(self.expected.place, "this file does not say it");
            }
        }
        finding.help(self.expected.help);
    }

    /// Says that it cannot be told.
    fn open(&mut self, what: &str, at: Option<&Place>, why: &Unknown, origin: Option<&Origin>) {
        let message = format!("cannot tell whether {what} is what {} says: {why}", self.file(origin));
        let finding = self.out.open(at.unwrap_or(self.held.place), message);
        if let Some(origin) = origin.filter(|_| self.expected.has_lines) {
            finding.related(&origin.last().place, "said here");
        }
        if let Unknown::Variable(name) = why {
            finding.help(format!(
                "if `{name}` is a build argument, give the value that the image was built with: `--build-arg {name}=…`"
            ));
        }
    }

    /// The file that says it; without one what is compared with.
    fn file(&self, origin: Option<&Origin>) -> SmolStr {
        match origin.filter(|_| self.expected.has_lines) {
            Some(origin) => SmolStr::new(format!("`{}`", origin.last().place.source.path())),
            None => SmolStr::new(&self.expected.name),
        }
    }
}

/// A known value with its origin; else `Err` with what is to be done without one.
fn said<T>(fact: Fact<T>) -> Result<(T, Origin), Option<(Unknown, Origin)>> {
    match fact {
        Fact::Known { value, origin } => Ok((value, origin)),
        Fact::Absent => Err(None),
        Fact::Unknown { why, origin } => Err(Some((why, origin))),
    }
}
