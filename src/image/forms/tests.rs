use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::image::fixture::{self, Fixture, file};
use crate::image::options::PlatformChoice;
use crate::image::parts::ImageParts;
use crate::model::{MediaKind, Platform};

mod hostile;
mod indexes;

/// Names and bytes of what an archive or a folder holds.
type Members = Vec<(String, Vec<u8>)>;

/// A folder of this test alone, gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("plimsoll-forms-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn name(&self, prefix: &str, name: &str) -> String {
        format!("{prefix}{}", self.path(name).display())
    }

    fn archive(&self, name: &str, members: &[(String, Vec<u8>)]) {
        fixture::write_archive(&self.path(name), members);
    }

    fn folder(&self, name: &str, members: &[(String, Vec<u8>)]) {
        fixture::write_folder(&self.path(name), members);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn web() -> Fixture {
    Fixture::new("org/web:1.0", json!({"User": "10001", "Cmd": ["web"]}))
        .layer("COPY a", vec![file("/a", "a")])
        .meta("USER 10001")
        .layer("COPY b", vec![file("/b", &"b".repeat(3000))])
}

fn read_as(name: &str, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
    let name = ImageName::parse(name)?;
    let options = ReadOptions::default();
    open(&name, &options)?.images(platform)
}

fn one(name: &str) -> ImageParts {
    let mut found = read_as(name, &PlatformChoice::Default).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

/// The error of a name, with its help.
fn error(name: &str) -> String {
    match read_as(name, &PlatformChoice::Default) {
        Ok(found) => panic!("{name} is read: {found:?}"),
        Err(ImageError { message, help }) => format!("{message}; {}", help.unwrap_or_default()),
    }
}

/// All layers of an image, each checked against the size that is said of it.
fn layers(name: &str) -> Vec<Vec<u8>> {
    let parsed = ImageName::parse(name).unwrap();
    let options = ReadOptions::default();
    let store = open(&parsed, &options).unwrap();
    let parts = store.images(&PlatformChoice::Default).unwrap().remove(0);
    let read = |layer| {
        let mut bytes = Vec::new();
        store.layer(layer).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, layer.size, "{name}");
        bytes
    };
    parts.layers.iter().map(read).collect()
}

#[test]
fn every_form_gives_the_same_image() {
    let scratch = Scratch::new();
    for is_oci in [false, true] {
        let fixture = Fixture { oci: is_oci, ..web() };
        let blobs = fixture.blobs();
        scratch.folder("layout", &fixture.oci_layout());
        scratch.archive("layout.tar", &fixture.oci_layout());
        let packed = fixture::gzip(&fixture::tar_of(&fixture.oci_layout()));
        fs::write(scratch.path("layout.tar.gz"), packed).unwrap();
        scratch.folder("dir", &fixture.dir());
        let table = [
            ("oci:", "layout", ImageForm::OciLayout),
            ("oci:", "layout:org/web:1.0", ImageForm::OciLayout),
            ("oci:", "layout:1.0", ImageForm::OciLayout),
            ("oci:", "layout:@0", ImageForm::OciLayout),
            ("", "layout", ImageForm::OciLayout),
            ("oci-archive:", "layout.tar", ImageForm::OciArchive),
            ("oci-archive:", "layout.tar:org/web:1.0", ImageForm::OciArchive),
            ("", "layout.tar", ImageForm::OciArchive),
            ("oci-archive:", "layout.tar.gz", ImageForm::OciArchive),
            ("dir:", "dir", ImageForm::Dir),
            ("", "dir", ImageForm::Dir),
        ];
        for (prefix, name, form) in table {
            let name = scratch.name(prefix, name);
            let parts = one(&name);
            assert_eq!(parts.form, form, "{name}");
            let media = if is_oci { MediaKind::Oci } else { MediaKind::Docker };
            assert_eq!(parts.media, media, "{name}");
            let manifest = parts.manifest.unwrap();
            assert_eq!(manifest.bytes, blobs.manifest.bytes, "{name}");
            assert_eq!(manifest.digest, blobs.manifest.digest(), "{name}");
            assert_eq!(manifest.media_type, blobs.manifest.media_type, "{name}");
            assert_eq!(parts.config, blobs.config.bytes, "{name}");
            assert_eq!(parts.config_digest, blobs.config.digest(), "{name}");
            assert_eq!(parts.platforms, None, "{name}");
            let addresses: Vec<String> = parts.layers.iter().map(|layer| layer.address.to_string()).collect();
            assert_eq!(
                addresses,
                blobs.layers.iter().map(fixture::Blob::digest).collect::<Vec<_>>(),
                "{name}"
            );
            assert_eq!(parts.layers[0].media_type, blobs.layers[0].media_type, "{name}");
            let reference = (form != ImageForm::Dir).then_some("org/web:1.0");
            assert_eq!(parts.reference.as_deref(), reference, "{name}");
            let stored: Vec<Vec<u8>> = blobs.layers.iter().map(|layer| layer.bytes.clone()).collect();
            assert_eq!(layers(&name), stored, "{name}");
        }
    }
}

/// Members in the order that skopeo writes them, with its links.
fn skopeo_archive(fixture: &Fixture) -> Vec<fixture::Entry> {
    let member = |(path, bytes): (String, Vec<u8>)| fixture::Entry {
        kind: fixture::Kind::File(bytes),
        ..file(&path, "")
    };
    let flat = |name: &str| name.replace("/layer.tar", ".tar");
    let mut members: Vec<fixture::Entry> = Vec::new();
    let mut links = Vec::new();
    for (path, bytes) in fixture.docker_archive() {
        if path == "manifest.json" {
            let text = String::from_utf8(bytes).unwrap();
            links.push(file("repositories", "{}"));
            links.push(file("manifest.json", &flat(&text)));
        } else if path.ends_with("/layer.tar") {
            links.push(fixture::symlink(&path, &format!("../{}", flat(&path))));
            members.push(member((flat(&path), bytes)));
        } else {
            members.push(member((path, bytes)));
        }
    }
    members.extend(links);
    members
}

/// What `docker save` writes since 25.0: an OCI layout whose blobs `manifest.json` names.
fn new_archive(fixture: &Fixture) -> Members {
    let blobs = fixture.blobs();
    let path = |blob: &fixture::Blob| format!("blobs/{}", blob.digest().replace(':', "/"));
    let manifest = json!([{
        "Config": path(&blobs.config), "RepoTags": [fixture.tag],
        "Layers": blobs.layers.iter().map(path).collect::<Vec<_>>(), "LayerSources": {},
    }]);
    let mut members = fixture.oci_layout();
    members.push(("manifest.json".into(), manifest.to_string().into()));
    members
}

#[test]
fn archives_of_every_docker_are_read() {
    let scratch = Scratch::new();
    let fixture = web();
    let plain = Fixture { packing: fixture::Packing::Plain, ..fixture.clone() }.blobs();
    scratch.archive("old.tar", &fixture.docker_archive());
    let old = fixture::tar_of(&fixture.docker_archive());
    fs::write(scratch.path("old.tar.gz"), fixture::gzip(&old)).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(&old[..], ruzstd::encoding::CompressionLevel::Fastest);
    fs::write(scratch.path("old.tar.zst"), zstd).unwrap();
    fs::write(scratch.path("skopeo.tar"), fixture::tar(&skopeo_archive(&fixture))).unwrap();
    scratch.archive("new.tar", &new_archive(&plain_of(&fixture)));
    for name in
        ["old.tar", "old.tar:org/web:1.0", "old.tar:docker.io/org/web:1.0", "old.tar:@0", "old.tar.gz"]
            .into_iter()
            .chain(["old.tar.zst", "skopeo.tar", "new.tar"])
    {
        let name = scratch.name("docker-archive:", name);
        let parts = one(&name);
        assert_eq!((parts.form, parts.media), (ImageForm::DockerArchive, MediaKind::Docker), "{name}");
        assert!(parts.manifest.is_none() && parts.platforms.is_none(), "{name}");
        assert_eq!(parts.config_digest, plain.config.digest(), "{name}");
        assert_eq!(parts.config, plain.config.bytes, "{name}");
        assert_eq!(parts.reference.as_deref(), Some("org/web:1.0"), "{name}");
        let stored: Vec<Vec<u8>> = plain.layers.iter().map(|layer| layer.bytes.clone()).collect();
        assert_eq!(layers(&name), stored, "{name}");
    }
    let new = one(&scratch.name("docker-archive:", "new.tar"));
    assert_eq!(new.layers[0].address, plain.layers[0].digest());
    // The same archive as an OCI layout has a manifest, and so it is read when nobody says how.
    for prefix in ["oci-archive:", ""] {
        let parts = one(&scratch.name(prefix, "new.tar"));
        assert_eq!((parts.form, parts.manifest.is_some()), (ImageForm::OciArchive, true));
    }
    assert_eq!(one(&scratch.name("", "old.tar")).form, ImageForm::DockerArchive);
}

fn plain_of(fixture: &Fixture) -> Fixture {
    Fixture { packing: fixture::Packing::Plain, ..fixture.clone() }
}

#[test]
fn links_between_layers_stay_inside_the_archive() {
    let scratch = Scratch::new();
    let base = Fixture::new("a:1", json!({})).layer("A", vec![file("/a", "a")]);
    let members = base.docker_archive();
    let (layer, bytes) = members[0].clone();
    let with = |links: Vec<fixture::Entry>| {
        let manifest = String::from_utf8(members[2].1.clone()).unwrap();
        let manifest = manifest.replace(&layer, "x/layer.tar");
        let mut entries =
            vec![fixture::Entry { kind: fixture::Kind::File(bytes.clone()), ..file(&layer, "") }];
        entries.push(fixture::Entry {
            kind: fixture::Kind::File(members[1].1.clone()),
            ..file(&members[1].0, "")
        });
        entries.extend(links);
        entries.push(file("manifest.json", &manifest));
        fs::write(scratch.path("l.tar"), fixture::tar(&entries)).unwrap();
        scratch.name("docker-archive:", "l.tar")
    };
    let hard = |path: &str, target: &str| fixture::Entry {
        kind: fixture::Kind::Hardlink(target.into()),
        ..file(path, "")
    };
    let good = with(vec![fixture::symlink("x/layer.tar", &format!("../y/./../{layer}"))]);
    assert_eq!(layers(&good), std::slice::from_ref(&bytes));
    let good = with(vec![fixture::symlink("x/layer.tar", "other"), hard("x/other", &layer)]);
    assert_eq!(layers(&good), std::slice::from_ref(&bytes));
    for (links, why) in [
        (vec![fixture::symlink("x/layer.tar", "/etc/passwd")], "leads out of the archive"),
        (vec![fixture::symlink("x/layer.tar", "../../etc/passwd")], "leads out of the archive"),
        (vec![fixture::symlink("x/layer.tar", "layer.tar")], "leads over more than 8 others"),
        (vec![fixture::symlink("x/layer.tar", "nowhere")], "the layer `x/layer.tar` is not in it"),
        (vec![], "the layer `x/layer.tar` is not in it"),
    ] {
        let found = error(&with(links));
        assert!(found.contains(why), "{found}");
    }
}

#[test]
fn one_of_several_images_is_named() {
    let scratch = Scratch::new();
    let (one_of, other) = (web(), Fixture::new("base:2", json!({"User": "1"})));
    let (mut members, others) = (one_of.docker_archive(), other.docker_archive());
    let list = |members: &[(String, Vec<u8>)]| -> Value {
        serde_json::from_slice(&members.last().unwrap().1).unwrap()
    };
    let both = json!([list(&members)[0], list(&others)[0]]);
    members.pop();
    members.extend(others[..others.len() - 1].iter().cloned());
    members.push(("manifest.json".into(), both.to_string().into()));
    scratch.archive("both.tar", &members);
    let name = |tag: &str| scratch.name("docker-archive:", &format!("both.tar{tag}"));
    for (tag, reference) in [(":base:2", "base:2"), (":@1", "base:2"), (":@0", "org/web:1.0")] {
        assert_eq!(one(&name(tag)).reference.as_deref(), Some(reference), "{tag}");
    }
    assert_eq!(one(&name(":docker.io/library/base:2")).config_digest, other.blobs().config.digest());
    assert_eq!(
        error(&name("")),
        "it has 2 images: org/web:1.0, base:2; Name one of them behind a colon, or the first one as `:@0`"
    );
    assert_eq!(error(&name(":web:9")), "no image in it is named `web:9`; it has org/web:1.0, base:2; ");
    assert_eq!(error(&name(":@7")), "no image in it is at @7; it has org/web:1.0, base:2; ");
}

#[test]
fn a_platform_that_the_only_image_is_not_of_is_an_error() {
    let scratch = Scratch::new();
    scratch.archive("web.tar", &web().docker_archive());
    scratch.folder("layout", &web().oci_layout());
    let arm = PlatformChoice::One(Platform::parse("linux/arm64"));
    for name in [scratch.name("docker-archive:", "web.tar"), scratch.name("oci:", "layout")] {
        let error = read_as(&name, &arm).unwrap_err();
        assert_eq!(error.message, "it is an image of linux/amd64 only, and linux/arm64 is asked for");
        let amd = PlatformChoice::One(Platform::parse("linux/amd64"));
        assert_eq!(read_as(&name, &amd).unwrap().len(), 1);
        assert_eq!(read_as(&name, &PlatformChoice::All).unwrap().len(), 1);
    }
}
