use super::*;
use crate::image::fixture::{Blob, sha256};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn of(architecture: &str) -> Fixture {
    let mut fixture = web();
    fixture.config["architecture"] = json!(architecture);
    fixture
}

fn entry(blob: &Blob, platform: Option<&str>) -> Value {
    let mut entry = blob.descriptor();
    if let Some((os, architecture)) = platform.and_then(|platform| platform.split_once('/')) {
        entry["platform"] = json!({"os": os, "architecture": architecture});
    }
    entry
}

fn index_of(entries: &[Value]) -> Blob {
    let bytes = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).to_string();
    Blob { media_type: OCI_INDEX.into(), bytes: bytes.into() }
}

fn layout_of(blobs: &[Blob], entries: &[Value]) -> Members {
    let index = json!({"schemaVersion": 2, "manifests": entries});
    let mut members = vec![
        ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
        ("index.json".to_owned(), index.to_string().into()),
    ];
    let path = |blob: &Blob| format!("blobs/{}", blob.digest().replace(':', "/"));
    members.extend(blobs.iter().map(|blob| (path(blob), blob.bytes.clone())));
    members
}

/// An index of two platforms, one of Docker's media types and one of the OCI's, and an attestation; with its blobs.
fn several(with_platforms: bool) -> (Vec<Blob>, Blob) {
    let (arm, amd) = (of("arm64").oci().blobs(), of("amd64").blobs());
    let attestation =
        Blob { media_type: "application/vnd.oci.image.manifest.v1+json".into(), bytes: b"{}".into() };
    let said = |platform| with_platforms.then_some(platform);
    let mut note = entry(&attestation, said("unknown/unknown"));
    note["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let entries =
        [entry(&arm.manifest, said("linux/arm64")), note, entry(&amd.manifest, said("linux/amd64"))];
    let index = index_of(&entries);
    let mut blobs = vec![arm.manifest, arm.config, amd.manifest, amd.config];
    blobs.extend(arm.layers);
    (blobs, index)
}

fn platforms_of(name: &str, choice: &PlatformChoice) -> Result<Vec<String>, String> {
    let found = read_as(name, choice).map_err(|error| error.message)?;
    for parts in &found {
        let all: Vec<String> = parts.platforms.iter().flatten().map(Platform::to_string).collect();
        assert_eq!(all, ["linux/arm64", "linux/amd64"]);
        let is_oci = select::platform_of(&parts.config).architecture == "arm64";
        assert_eq!(parts.media, if is_oci { MediaKind::Oci } else { MediaKind::Docker });
    }
    Ok(found.iter().map(|parts| select::platform_of(&parts.config).to_string()).collect())
}

#[test]
fn platforms_of_an_index_are_chosen() {
    let scratch = Scratch::new();
    let one = |platform: &str| PlatformChoice::One(Platform::parse(platform));
    let here = match std::env::consts::ARCH {
        "aarch64" => "linux/arm64",
        _ => "linux/amd64",
    };
    for with_platforms in [true, false] {
        let (mut blobs, index) = several(with_platforms);
        let mut named = entry(&index, None);
        named["annotations"] = json!({"io.containerd.image.name": "docker.io/org/web:1.0",
            "org.opencontainers.image.ref.name": "1.0"});
        let dir: Members = std::iter::once(("manifest.json".to_owned(), index.bytes.clone()))
            .chain(blobs.iter().flat_map(|blob| {
                let hex = blob.digest()["sha256:".len()..].to_owned();
                [(format!("{hex}.manifest.json"), blob.bytes.clone()), (hex, blob.bytes.clone())]
            }))
            .collect();
        scratch.folder("dir", &dir);
        blobs.push(index);
        scratch.folder("nested", &layout_of(&blobs, &[named]));
        let (blobs, index) = several(with_platforms);
        if with_platforms {
            let flat: Value = serde_json::from_slice(&index.bytes).unwrap();
            scratch.folder("flat", &layout_of(&blobs, flat["manifests"].as_array().unwrap()));
        }
        for name in ["oci:nested", "oci:nested:1.0", "dir:dir", "oci:flat"] {
            let (prefix, rest) = name.split_once(':').unwrap();
            let name = scratch.name(&format!("{prefix}:"), rest);
            assert_eq!(platforms_of(&name, &PlatformChoice::Default).unwrap(), [here], "{name}");
            let all = platforms_of(&name, &PlatformChoice::All).unwrap();
            assert_eq!(all, ["linux/arm64", "linux/amd64"], "{name}");
            assert_eq!(platforms_of(&name, &one("linux/arm64/v8")).unwrap(), ["linux/arm64"], "{name}");
            let error = platforms_of(&name, &one("linux/s390x")).unwrap_err();
            assert_eq!(error, "its index has no linux/s390x; it has linux/arm64, linux/amd64", "{name}");
        }
    }
    let nested = super::one(&scratch.name("oci:", "nested"));
    assert_eq!(nested.reference.as_deref(), Some("docker.io/org/web:1.0"));
}

#[test]
fn without_this_machines_platform_the_choice_is_the_same_everywhere() {
    let scratch = Scratch::new();
    let (a, b) = (of("s390x").blobs(), of("riscv64").blobs());
    let entries = [entry(&a.manifest, Some("linux/s390x")), entry(&b.manifest, Some("linux/riscv64"))];
    scratch.folder("far", &layout_of(&[a.manifest, a.config, b.manifest, b.config], &entries));
    if !["s390x", "riscv64"].contains(&std::env::consts::ARCH) {
        let parts = one(&scratch.name("oci:", "far"));
        assert_eq!(select::platform_of(&parts.config).architecture, "s390x");
    }
}

#[test]
fn images_of_a_layout_are_told_apart_by_name() {
    let scratch = Scratch::new();
    let (a, b) = (of("amd64").blobs(), of("arm64").blobs());
    let named = |blob: &Blob, name: &str| {
        let mut entry = entry(blob, None);
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        entry
    };
    let entries = [named(&a.manifest, "web"), named(&b.manifest, "v1.2")];
    let unnamed = [entry(&a.manifest, None), entry(&b.manifest, None)];
    let blobs = [a.manifest, a.config, b.manifest, b.config];
    scratch.folder("named", &layout_of(&blobs, &entries));
    scratch.folder("unnamed", &layout_of(&blobs, &unnamed));
    let reference = |tag: &str| one(&scratch.name("oci:", tag)).reference;
    assert_eq!(reference("named:web").as_deref(), Some("web"));
    assert_eq!(reference("named:v1.2"), None);
    assert_eq!(reference("named:@1"), None);
    assert_eq!(
        error(&scratch.name("oci:", "named")),
        "it has 2 images: web, v1.2; Name one of them behind a colon, or the first one as `:@0`"
    );
    assert!(error(&scratch.name("oci:", "unnamed")).starts_with("it has 2 images: one without a name"));
    assert_eq!(reference("unnamed:@1"), None);
    assert_eq!(error(&scratch.name("oci:", "named:x")), "no image in it is named `x`; it has web, v1.2; ");
    assert_eq!(error(&scratch.name("oci:", "named:@2")), "it has no image @2, but 2 from @0 on; ");
}

#[test]
fn indexes_that_are_too_deep_too_long_or_wrong_are_refused() {
    let scratch = Scratch::new();
    let image = of("amd64").blobs();
    let amd = |blob: &Blob| entry(blob, None);
    let first = index_of(&[amd(&image.manifest)]);
    let second = index_of(&[amd(&first)]);
    let entries_of_third = [amd(&second)];
    let as_manifest = {
        let mut said = entry(&first, Some("linux/amd64"));
        said["mediaType"] = json!("application/vnd.oci.image.manifest.v1+json");
        said
    };
    let itself = json!({"mediaType": OCI_INDEX, "digest": sha256(b"index"), "size": 5});
    let unknown_type = {
        let mut said = amd(&image.manifest);
        said["mediaType"] = json!("text/plain");
        said
    };
    let blobs = || {
        let image = of("amd64").blobs();
        vec![image.manifest, image.config, index_of(&first_entries(&image_entry())), index_of(&[amd(&first)])]
    };
    let table: Vec<(Vec<Value>, &str)> = vec![
        (entries_of_third.into(), "its indexes lie more than 2 deep inside each other"),
        (vec![amd(&image.manifest); 257], "`index.json` has 257 entries, and at most 256 are read"),
        (vec![], "its index names no image"),
        (vec![as_manifest], "is named as a manifest, and is an index"),
        (vec![itself], "is not in it"),
        (
            vec![json!({"mediaType": OCI_INDEX, "digest": "md5:00", "size": 5})],
            "is neither sha256 nor sha512",
        ),
        (
            vec![json!({"mediaType": OCI_INDEX, "digest": "sha256:../../../etc/passwd", "size": 5})],
            "`index.json` cannot be read",
        ),
    ];
    for (entries, why) in table {
        scratch.folder("bad", &layout_of(&blobs(), &entries));
        let found = error(&scratch.name("oci:", "bad"));
        assert!(found.contains(why), "{why}: {found}");
    }
    // A media type that nobody knows: what is there tells.
    scratch.folder("odd", &layout_of(&blobs(), &[unknown_type]));
    assert_eq!(one(&scratch.name("oci:", "odd")).config, image.config.bytes);
}

fn image_entry() -> Blob {
    of("amd64").blobs().manifest
}

fn first_entries(blob: &Blob) -> [Value; 1] {
    [entry(blob, None)]
}
