//! `health-lost`: a health check that the build had is still in the image.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{BuiltImage, CommandLine, ExpectedImage, Fact, ImageSet, Layer, MediaKind, Origin, Value};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Images(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    for (at, image) in set.images.iter().enumerate().filter(|(_, image)| !image.is_candidate) {
        if image.container.layers[0].healthcheck.is_some() {
            continue;
        }
        let service = image.service.map(|row| plan.services[row].name.value.clone());
        out.concern(service, Some(image.subject.clone()));
        let twin = set.images.iter().find(|other| has_check(other) && same_image(image, other));
        if let Some(twin) = twin {
            let place = twin.container.layers[0].healthcheck.as_ref().map_or(&twin.place, |said| &said.place);
            out.add(
                &image.place,
                format!("the health check is lost: `{}` is the same image and has one", twin.subject),
            )
            .related(place, "this form has it")
            .help(HELP);
            continue;
        }
        let expected = set.expected.get(at).and_then(Option::as_ref);
        if let Some(origin) = expected.filter(|_| image.media == MediaKind::Oci).and_then(said) {
            let file = origin.last().place.source.path();
            out.add(
                &image.place,
                format!("the health check of `{file}` is lost: the image is in the OCI's format, which has no place for one"),
            )
            .related(&origin.last().place, "said here")
            .help(HELP);
        }
    }
    out.concern(None, None);
}

/// Where a Dockerfile says a health check.
fn said(expected: &ExpectedImage) -> Option<Origin> {
    match expected.container.healthcheck() {
        Fact::Known { value, origin } if value.command.is_some() => Some(origin),
        _ => None,
    }
}

const HELP: &str =
    "build and copy the image in Docker's format: `buildah bud --format docker`, `skopeo copy --format v2s2`";

fn has_check(image: &BuiltImage) -> bool {
    let said = image.container.layers[0].healthcheck.as_ref();
    said.is_some_and(|said| said.value.command.is_some())
}

/// Whether two are one image but for the health check: the same layers, and the same config.
fn same_image(one: &BuiltImage, other: &BuiltImage) -> bool {
    let ids = |image: &BuiltImage| image.diff_ids.iter().map(|id| id.value.clone()).collect::<Vec<_>>();
    one.platform.is(&other.platform)
        && ids(one) == ids(other)
        && Config::of(&one.container.layers[0]) == Config::of(&other.container.layers[0])
}

/// What a config says beside the health check; objects of JSON have no order.
#[derive(PartialEq)]
struct Config<'l> {
    user: Option<String>,
    commands: [Option<&'l CommandLine>; 2],
    workdir: Option<&'l Value>,
    env: Vec<&'l (SmolStr, Value)>,
    labels: BTreeSet<(&'l str, &'l str)>,
    ports: BTreeSet<(u16, u16, &'l str)>,
}

impl<'l> Config<'l> {
    fn of(layer: &'l Layer) -> Self {
        let ports = layer.ports.iter().filter_map(|said| said.value.as_ref().ok());
        Self {
            user: layer.user.as_ref().map(|said| said.place.text().into_owned()),
            commands: [&layer.entrypoint, &layer.cmd].map(|said| said.as_ref().map(|said| &said.value)),
            workdir: layer.workdir.as_ref().map(|said| &said.value),
            env: layer.env.iter().map(|said| &said.value).collect(),
            labels: layer.labels.iter().map(|said| (&*said.value.0.text, &*said.value.1.text)).collect(),
            ports: ports.map(|port| (port.first, port.last, &*port.protocol)).collect(),
        }
    }
}
