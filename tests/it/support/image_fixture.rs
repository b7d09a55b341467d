//! Tiny images made from scratch, in every form that images are stored in. Shared by the tests beside the code.
//!
//! Layers are lists of entries; digests, manifests and indexes are computed, so that a fixture is right unless a test
//! makes it wrong.
#![allow(dead_code, reason = "two test programs share it, and neither needs all of it")]

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An entry of a layer.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
}

/// What an entry is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    File(Vec<u8>),
    Folder,
    Symlink(String),
    Hardlink(String),
}

/// A file with mode 644.
pub(crate) fn file(path: &str, text: &str) -> Entry {
    Entry { path: path.into(), kind: Kind::File(text.into()), mode: 0o644, uid: 0 }
}

/// A file with a mode of its own.
pub(crate) fn program(path: &str, mode: u32) -> Entry {
    Entry { path: path.into(), kind: Kind::File(b"\x7fELF".to_vec()), mode, uid: 0 }
}

pub(crate) fn folder(path: &str) -> Entry {
    Entry { path: path.into(), kind: Kind::Folder, mode: 0o755, uid: 0 }
}

pub(crate) fn symlink(path: &str, target: &str) -> Entry {
    Entry { path: path.into(), kind: Kind::Symlink(target.into()), mode: 0o777, uid: 0 }
}

/// How layers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
}

/// An image.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    /// `org/web:1.0`: the name it goes by in archives.
    pub(crate) tag: String,
    /// The whole config, but for `rootfs`.
    pub(crate) config: Value,
    pub(crate) layers: Vec<Vec<Entry>>,
    pub(crate) packing: Packing,
    /// OCI media types, or Docker's.
    pub(crate) oci: bool,
    pub(crate) annotations: Value,
}

/// A blob: media type and bytes.
pub(crate) struct Blob {
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl Blob {
    pub(crate) fn digest(&self) -> String {
        sha256(&self.bytes)
    }

    pub(crate) fn descriptor(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest(), "size": self.bytes.len()})
    }
}

/// Manifest, config and layers of a fixture.
pub(crate) struct Blobs {
    pub(crate) manifest: Blob,
    pub(crate) config: Blob,
    pub(crate) layers: Vec<Blob>,
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

impl Fixture {
    /// An image of `linux/amd64` with this inner config (`{"User": …}`) and no layers.
    pub(crate) fn new(tag: &str, config: Value) -> Self {
        let config = json!({"architecture": "amd64", "os": "linux", "config": config, "history": []});
        let annotations = json!({});
        Self { tag: tag.into(), config, layers: Vec::new(), packing: Packing::Gzip, oci: false, annotations }
    }

    /// With a further layer, and the history step that made it.
    pub(crate) fn layer(mut self, created_by: &str, entries: Vec<Entry>) -> Self {
        self.layers.push(entries);
        self.step(created_by, false)
    }

    /// With a history step that makes no layer.
    pub(crate) fn meta(self, created_by: &str) -> Self {
        self.step(created_by, true)
    }

    fn step(mut self, created_by: &str, empty: bool) -> Self {
        let mut step = json!({"created": "2025-08-12T00:00:00Z", "created_by": created_by});
        if empty {
            step["empty_layer"] = json!(true);
        }
        if let Some(history) = self.config["history"].as_array_mut() {
            history.push(step);
        }
        self
    }

    /// With OCI media types.
    pub(crate) fn oci(mut self) -> Self {
        self.oci = true;
        self
    }

    /// Reads a fixture as pages write it: `{"tag", "config", "history", "layers": [{"/path": "text" |
    /// {"mode": "4755", "text": "", "link": "target", "folder": true, "size": 1000}}], "annotations", "oci": true,
    /// "platform": "linux/arm64", "whole-config": {…}}`. Whiteouts are written as they are stored (`/etc/.wh.passwd`). Layers and
    /// history of `base` come first; `whole-config` is laid over the config as it is stored, to make it wrong.
    pub(crate) fn from_json(name: &str, value: &Value, base: Option<&Self>) -> Self {
        let tag = value["tag"].as_str().unwrap_or(name);
        let mut fixture = Self::new(tag, value["config"].clone());
        if let Some(base) = base {
            fixture.layers.clone_from(&base.layers);
        }
        fixture.oci = value["oci"] == true;
        fixture.annotations =
            if value["annotations"].is_object() { value["annotations"].clone() } else { json!({}) };
        if let Some((os, architecture)) = value["platform"].as_str().and_then(|text| text.split_once('/')) {
            fixture.config["os"] = json!(os);
            fixture.config["architecture"] = json!(architecture);
        }
        let below = base.into_iter().flat_map(|base| base.config["history"].as_array().into_iter().flatten());
        let own = value["history"].as_array().into_iter().flatten();
        fixture.config["history"] = below.chain(own).cloned().collect();
        for (key, what) in value["whole-config"].as_object().into_iter().flatten() {
            fixture.config[key] = what.clone();
        }
        for layer in value["layers"].as_array().into_iter().flatten() {
            let entries = layer.as_object().into_iter().flatten();
            fixture.layers.push(entries.map(|(path, what)| entry(path, what)).collect());
        }
        fixture
    }

    pub(crate) fn blobs(&self) -> Blobs {
        let family = if self.oci { "application/vnd.oci.image" } else { "application/vnd.docker" };
        let tars: Vec<Vec<u8>> = self.layers.iter().map(|entries| tar(entries)).collect();
        let diff_ids: Vec<String> = tars.iter().map(|tar| sha256(tar)).collect();
        let mut config = self.config.clone();
        if config.get("rootfs").is_none() {
            config["rootfs"] = json!({"type": "layers", "diff_ids": diff_ids});
        }
        let layer = |tar: Vec<u8>| {
            let (bytes, suffix) = match self.packing {
                Packing::Plain => (tar, ""),
                Packing::Gzip if self.oci => (gzip(&tar), "+gzip"),
                Packing::Gzip => (gzip(&tar), ".gzip"),
            };
            let media_type = match self.oci {
                true => format!("{family}.layer.v1.tar{suffix}"),
                false => format!("{family}.image.rootfs.diff.tar{suffix}"),
            };
            Blob { media_type, bytes }
        };
        let layers: Vec<Blob> = tars.into_iter().map(layer).collect();
        let config_type = if self.oci { ".config.v1+json" } else { ".container.image.v1+json" };
        let config = Blob { media_type: format!("{family}{config_type}"), bytes: config.to_string().into() };
        let manifest_type = if self.oci { ".manifest.v1+json" } else { ".distribution.manifest.v2+json" };
        let media_type = format!("{family}{manifest_type}");
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": media_type, "config": config.descriptor(),
            "layers": layers.iter().map(Blob::descriptor).collect::<Vec<_>>(),
        });
        if self.annotations.as_object().is_some_and(|annotations| !annotations.is_empty()) {
            manifest["annotations"] = self.annotations.clone();
        }
        Blobs { manifest: Blob { media_type, bytes: manifest.to_string().into() }, config, layers }
    }

    /// The members of an OCI layout, by path.
    pub(crate) fn oci_layout(&self) -> Vec<(String, Vec<u8>)> {
        let blobs = self.blobs();
        let mut descriptor = blobs.manifest.descriptor();
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": self.tag});
        let index = json!({"schemaVersion": 2, "manifests": [descriptor]});
        let mut members = vec![
            ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
            ("index.json".to_owned(), index.to_string().into()),
        ];
        for blob in [blobs.manifest, blobs.config].into_iter().chain(blobs.layers) {
            members.push((format!("blobs/{}", blob.digest().replace(':', "/")), blob.bytes));
        }
        members
    }

    /// The members of what `docker save` of 20.10 writes; layers are never packed there.
    pub(crate) fn docker_archive(&self) -> Vec<(String, Vec<u8>)> {
        let plain = Self { packing: Packing::Plain, oci: false, ..self.clone() };
        let blobs = plain.blobs();
        let hex = |blob: &Blob| blob.digest()["sha256:".len()..].to_owned();
        let config = format!("{}.json", hex(&blobs.config));
        let names: Vec<String> =
            blobs.layers.iter().map(|layer| format!("{}/layer.tar", hex(layer))).collect();
        let manifest = json!([{"Config": config, "RepoTags": [self.tag], "Layers": names}]);
        let mut members: Vec<(String, Vec<u8>)> = Vec::new();
        for (name, layer) in names.into_iter().zip(blobs.layers) {
            if !members.iter().any(|(known, _)| *known == name) {
                members.push((name, layer.bytes));
            }
        }
        members.push((config, blobs.config.bytes));
        members.push(("manifest.json".to_owned(), manifest.to_string().into()));
        members
    }

    /// The members of skopeo's `dir:`.
    pub(crate) fn dir(&self) -> Vec<(String, Vec<u8>)> {
        let blobs = self.blobs();
        let mut members = vec![
            ("version".to_owned(), b"Directory Transport Version: 1.1\n".to_vec()),
            ("manifest.json".to_owned(), blobs.manifest.bytes),
        ];
        for blob in std::iter::once(blobs.config).chain(blobs.layers) {
            members.push((blob.digest()["sha256:".len()..].to_owned(), blob.bytes));
        }
        members
    }
}

fn entry(path: &str, what: &Value) -> Entry {
    let mode = what["mode"].as_str().and_then(|mode| u32::from_str_radix(mode, 8).ok());
    let kind = match what {
        Value::String(text) => Kind::File(text.clone().into()),
        _ if what["link"].is_string() => Kind::Symlink(what["link"].as_str().unwrap_or_default().to_owned()),
        _ if what["folder"] == true => Kind::Folder,
        _ => match what["size"].as_u64() {
            Some(size) => Kind::File(vec![b' '; usize::try_from(size).unwrap_or_default()]),
            None => Kind::File(what["text"].as_str().unwrap_or_default().into()),
        },
    };
    let usual = if matches!(kind, Kind::Folder) { 0o755 } else { 0o644 };
    Entry { path: path.into(), kind, mode: mode.unwrap_or(usual), uid: what["uid"].as_u64().unwrap_or(0) }
}

/// A tar archive of entries; paths lose their leading `/`, as builders write them.
pub(crate) fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(entry.mode);
        header.set_uid(entry.uid);
        header.set_gid(entry.uid);
        header.set_mtime(0);
        let path = entry.path.trim_start_matches('/');
        let bytes: &[u8] = if let Kind::File(bytes) = &entry.kind { bytes } else { &[] };
        header.set_size(bytes.len() as u64);
        let written = match &entry.kind {
            Kind::File(_) => archive.append_data(&mut header, path, bytes),
            Kind::Folder => {
                header.set_entry_type(tar::EntryType::Directory);
                archive.append_data(&mut header, format!("{}/", path.trim_end_matches('/')), bytes)
            }
            Kind::Symlink(target) => {
                header.set_entry_type(tar::EntryType::Symlink);
                archive.append_link(&mut header, path, target)
            }
            Kind::Hardlink(target) => {
                header.set_entry_type(tar::EntryType::Link);
                archive.append_link(&mut header, path, target)
            }
        };
        written.unwrap();
    }
    archive.into_inner().unwrap()
}

/// A tar archive of files.
pub(crate) fn tar_of(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<Entry> = members
        .iter()
        .map(|(path, bytes)| Entry {
            path: path.clone(),
            kind: Kind::File(bytes.clone()),
            mode: 0o644,
            uid: 0,
        })
        .collect();
    tar(&entries)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Writes members below a folder.
pub(crate) fn write_folder(folder: &Path, members: &[(String, Vec<u8>)]) {
    for (path, bytes) in members {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Writes members as an archive.
pub(crate) fn write_archive(path: &Path, members: &[(String, Vec<u8>)]) {
    fs::write(path, tar_of(members)).unwrap();
}
