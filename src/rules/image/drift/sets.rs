//! EXPOSE, VOLUME and ONBUILD: sets and lists.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Drift;
use super::words::{same_text, shown};
use crate::model::{Layer, Origin, Port, Spanned, Unknown};
use crate::source::Place;

pub(super) fn compare(drift: &mut Drift<'_>) {
    ports(drift);
    volumes(drift);
    triggers(drift);
}

/// Values with the way to where each is said.
type Said<T> = Vec<(T, Origin)>;

/// Everything of a kind that layers say: the value, or why it cannot be told, with the way to it.
fn all<T>(
    drift: &Drift<'_>,
    of_layer: impl Fn(&Layer) -> Vec<Spanned<Result<T, Unknown>>>,
) -> (Said<T>, Said<Unknown>) {
    let (mut certain, mut open) = (Vec::new(), Vec::new());
    for (depth, layer) in drift.own.layers.iter().enumerate() {
        for said in of_layer(layer) {
            let origin = drift.own.origin(depth, Some(&said.place), "said here");
            match said.value {
                Ok(value) => certain.push((value, origin)),
                Err(why) => open.push((why, origin)),
            }
        }
    }
    (certain, open)
}

/// Ports as ranges that do not touch, by protocol: builders write a range as it is, or port by port.
struct Ranges(BTreeMap<SmolStr, Vec<(u32, u32)>>);

impl Ranges {
    fn of<'p>(ports: impl Iterator<Item = &'p Port>) -> Self {
        let mut by_protocol: BTreeMap<SmolStr, Vec<(u32, u32)>> = BTreeMap::new();
        for port in ports {
            let range = (u32::from(port.first), u32::from(port.last));
            by_protocol.entry(port.protocol.clone()).or_default().push(range);
        }
        for ranges in by_protocol.values_mut() {
            ranges.sort_unstable();
            let mut merged: Vec<(u32, u32)> = Vec::new();
            for (first, last) in ranges.iter().copied() {
                match merged.last_mut() {
                    Some(held) if first <= held.1 + 1 => held.1 = held.1.max(last),
                    _ => merged.push((first, last)),
                }
            }
            *ranges = merged;
        }
        Self(by_protocol)
    }

    fn hold(&self, port: &Port) -> bool {
        let (first, last) = (u32::from(port.first), u32::from(port.last));
        let ranges = self.0.get(&port.protocol).map_or(&[][..], Vec::as_slice);
        let behind = ranges.partition_point(|range| range.0 <= first);
        behind > 0 && ranges[behind - 1].1 >= last
    }
}

fn ports(drift: &mut Drift<'_>) {
    let layer = drift.layer();
    let (said, open) = all(drift, |layer| layer.ports.clone());
    if let Some((why, origin)) = open.first() {
        drift.open("ExposedPorts", None, why, Some(origin));
    }
    let held: Vec<(&Port, &Place)> =
        layer.ports.iter().filter_map(|port| Some((port.value.as_ref().ok()?, &port.place))).collect();
    let has = Ranges::of(held.iter().map(|(port, _)| *port));
    let wanted = Ranges::of(said.iter().map(|(port, _)| port));
    let mut told = BTreeSet::new();
    for (port, origin) in &said {
        if !has.hold(port) && told.insert(text(port)) {
            let file = drift.file(Some(origin));
            let message = format!("the image does not expose port `{}`, and {file} does", text(port));
            drift.report(None, message, Some(origin));
        }
    }
    if !drift.is_complete || !open.is_empty() {
        return;
    }
    for (port, place) in held.into_iter().filter(|(port, _)| !wanted.hold(port)) {
        let file = &drift.expected.name;
        let message = format!("the image exposes port `{}`, and {file} does not", text(port));
        drift.report(Some(place), message, None);
    }
}

fn text(port: &Port) -> String {
    match port.first == port.last {
        true => format!("{}/{}", port.first, port.protocol),
        false => format!("{}-{}/{}", port.first, port.last, port.protocol),
    }
}

fn volumes(drift: &mut Drift<'_>) {
    let layer = drift.layer();
    let of_layer = |layer: &Layer| {
        let volume = |said: &Spanned<crate::model::Value>| {
            let value = match &said.value.unknown {
                Some(why) => Err(why.clone()),
                None => Ok(plain(&said.value.text)),
            };
            Spanned::new(value, said.place.clone())
        };
        layer.volumes.iter().map(volume).collect()
    };
    let (said, open) = all(drift, of_layer);
    if let Some((why, origin)) = open.first() {
        drift.open("Volumes", None, why, Some(origin));
    }
    let has: BTreeSet<SmolStr> = layer.volumes.iter().map(|held| plain(&held.value.text)).collect();
    let mut wanted = BTreeSet::new();
    for (volume, origin) in &said {
        if wanted.insert(volume.clone()) && !has.contains(volume) {
            let message = format!(
                "the image has no volume `{}`, and {} has",
                shown("", volume),
                drift.file(Some(origin))
            );
            drift.report(None, message, Some(origin));
        }
    }
    if !drift.is_complete || !open.is_empty() {
        return;
    }
    for held in layer.volumes.iter().filter(|held| !wanted.contains(&plain(&held.value.text))) {
        let volume = shown("", &held.value.text);
        let message =
            format!("the image has the volume `{volume}`, and {} has not", drift.expected.name);
        drift.report(Some(&held.place), message, None);
    }
}

fn plain(path: &str) -> SmolStr {
    match path.trim_end_matches('/') {
        "" => "/".into(),
        path => path.into(),
    }
}

/// Triggers are not inherited, so the last stage alone says them.
fn triggers(drift: &mut Drift<'_>) {
    let own = drift.own.layers.first().map(std::sync::Arc::clone);
    let said = own.as_ref().map_or(&[][..], |layer| &layer.onbuild);
    let has = &drift.layer().onbuild;
    let same = |one: &Spanned<SmolStr>, other: &Spanned<SmolStr>| {
        same_text(&lower_keyword(&one.value), &lower_keyword(&other.value))
    };
    let count = said.len().max(has.len());
    for at in 0..count {
        let (wanted, held) = (said.get(at), has.get(at));
        if wanted.zip(held).is_some_and(|(wanted, held)| same(wanted, held)) {
            continue;
        }
        let text = |said: &Spanned<SmolStr>| shown("", &said.value);
        let origin = wanted.map(|wanted| drift.own.origin(0, Some(&wanted.place), "said here"));
        let place = held.map(|held| &held.place);
        // What follows a trigger too many or too few differs as well.
        return drift.differs("OnBuild", place, held.map(text), wanted.map(text), origin.as_ref());
    }
}

fn lower_keyword(trigger: &str) -> String {
    let (keyword, rest) = trigger.trim().split_once(char::is_whitespace).unwrap_or((trigger, ""));
    format!("{} {rest}", keyword.to_ascii_lowercase())
}
