//! Hostile images through the binary: exit 1 or 2, little time and memory, the image named, and a healthy one beside it
//! still judged. Here: archives and folders. Their configs and layers are in modules of their own.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::mutation::Random;
use crate::support::image_fixture::{
    Fixture, file, folder as folder_entry, program, sha256, symlink, tar_of, write_archive, write_folder,
};
use crate::support::{Run, folder, plimsoll_limited, write};

/// Processor time that a call may take.
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 2 });
/// Memory that a call may really use, in kB.
const MEMORY: u64 = 128 * 1024;
/// Address space of a call, in kB: threads reserve much that they never use.
const ADDRESS_SPACE: u64 = 6 << 20;

/// What a call over a hostile image does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Refuses it: exit 2, one sentence that holds this.
    Refuses(&'static str),
    /// Reads it.
    Reads,
    /// Either.
    Ends,
}

/// An image that nothing is wrong with.
pub(crate) fn healthy() -> Fixture {
    let config = json!({"User": "10001:10001", "Entrypoint": ["/usr/bin/tini", "--"], "Cmd": ["/bin/sh"]});
    Fixture::new("example/healthy:1.0", config)
        .layer(
            "/bin/sh -c #(nop) ADD dir:a in /",
            vec![
                folder_entry("/usr/bin"),
                program("/usr/bin/tini", 0o755),
                symlink("/bin", "usr/bin"),
                file("/etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:10001:10001::/app:/bin/sh\n"),
            ],
        )
        .meta("/bin/sh -c #(nop) USER 10001:10001")
}

/// Judges a healthy image and the one that `fill` puts into the folder and names.
pub(crate) fn image(name: &str, then: Then, fill: impl FnOnce(&Path) -> String) -> Run {
    images(name, then, |folder| vec![fill(folder)])
}

/// The same with several images, all hostile in the same way.
pub(crate) fn images(name: &str, then: Then, fill: impl FnOnce(&Path) -> Vec<String>) -> Run {
    let folder = folder(&format!("hostile-images/{name}"));
    write_archive(&folder.join("healthy.tar"), &healthy().docker_archive());
    let hostile = fill(&folder);
    let mut arguments = vec!["image", "docker-archive:healthy.tar"];
    arguments.extend(hostile.iter().map(String::as_str));
    arguments.extend(["--pack", "recommended", "--format", "json"]);
    let run = plimsoll_limited(&folder, &arguments, ADDRESS_SPACE);
    println!("{name}: exit {:?}, {:?} of CPU, {} kB; {}", run.code, run.cpu, run.peak_kb, run.stderr.trim());
    assert!(matches!(run.code, Some(0..=2)), "{name}: {run:?}");
    assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
    assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'), "{name}: ESC reaches the terminal");
    assert!(!run.stderr.contains("root:x:0"), "{name}: a file of the machine is shown: {}", run.stderr);
    assert!(run.cpu <= TIME, "{name}: {:?} of CPU", run.cpu);
    assert!(run.peak_kb <= MEMORY, "{name}: {} kB of memory", run.peak_kb);
    let judged = run.json()["checked"]["files"]["image"].as_u64().unwrap();
    assert!(judged >= 1, "{name}: the healthy image is lost: {}", run.stderr);
    match then {
        Then::Refuses(why) => {
            assert_eq!((run.code, judged), (Some(2), 1), "{name}: {}", run.stderr);
            for hostile in &hostile {
                assert_refused(name, &run.stderr, hostile, why);
            }
        }
        Then::Reads => {
            assert!(matches!(run.code, Some(0..=1)), "{name}: {}", run.stderr);
            assert_eq!(judged, 1 + hostile.len() as u64, "{name}");
        }
        Then::Ends => {}
    }
    run
}

/// One line that names the image and says why.
fn assert_refused(name: &str, stderr: &str, image: &str, why: &str) {
    let head = format!("error: {image}: ");
    let line = stderr.lines().find(|line| line.starts_with(&head)).unwrap_or_else(|| {
        panic!("{name}: no line begins with {head:?}: {stderr}");
    });
    assert!(line.contains(why), "{name}: {line:?} does not say {why:?}");
    assert!(line.len() > head.len() + 10 && !line.ends_with('.'), "{name}: {line:?}");
    assert!(line.chars().count() < 1_000, "{name}: {} characters", line.chars().count());
}

/// A member of a tar archive, whatever its name; its body may be shorter than its size says.
pub(crate) fn member(name: &[u8], kind: u8, link: &str, size: u64, body: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header.set_entry_type(tar::EntryType::new(kind));
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A file of an archive.
pub(crate) fn stored(name: &str, body: &[u8]) -> Vec<u8> {
    member(name.as_bytes(), b'0', "", body.len() as u64, body)
}

/// Writes members one after the other, and the end of the archive.
pub(crate) fn archive_of(path: &Path, members: &[Vec<u8>]) {
    write(path, [members.concat(), vec![0; 1024]].concat());
}

/// The config of an image with these layers.
pub(crate) fn config_of(diff_ids: &[String]) -> Vec<u8> {
    json!({"architecture": "amd64", "os": "linux", "config": {},
           "rootfs": {"type": "layers", "diff_ids": diff_ids}})
    .to_string()
    .into_bytes()
}

/// A docker-archive whose `manifest.json` says this beside a config without layers (`config.json`).
fn docker(name: &str, then: Then, manifest: &Value, members: &[Vec<u8>]) {
    image(name, then, |folder| {
        let mut all = members.to_vec();
        all.push(stored("config.json", &config_of(&[])));
        all.push(stored("manifest.json", manifest.to_string().as_bytes()));
        archive_of(&folder.join("bad.tar"), &all);
        "docker-archive:bad.tar".to_owned()
    });
}

#[test]
fn names_that_lead_out() {
    let says =
        |config: &str, layers: &[&str]| json!([{"Config": config, "RepoTags": null, "Layers": layers}]);
    let outside = Then::Refuses("");
    for (at, name) in
        ["../../../../etc/passwd", "/etc/passwd", "a/../../x", "..", "", "./..", "a\0b"].iter().enumerate()
    {
        docker(&format!("config-out-{at}"), outside, &says(name, &[]), &[]);
        docker(&format!("layer-out-{at}"), outside, &says("config.json", &[name]), &[]);
    }
    // The member is there, under that very name.
    let climbing = stored("../layer.tar", &[0; 1024]);
    docker("member-out", outside, &says("config.json", &["../layer.tar"]), &[climbing]);
    let rooted = stored("/etc/passwd", b"{}");
    docker("member-absolute", outside, &says("/etc/passwd", &[]), &[rooted]);
    for (kind, name) in
        [(b'2', "symlink"), (b'1', "hardlink"), (b'3', "device"), (b'6', "pipe"), (b'5', "folder")]
    {
        let link = |target: &str| member(b"there", kind, target, 0, b"");
        for target in ["/etc/passwd", "../../../../../../../etc/passwd", "there"] {
            let at = format!("{name}-{}", target.len());
            docker(&format!("config-{at}"), outside, &says("there", &[]), &[link(target)]);
            docker(&format!("layer-{at}"), outside, &says("config.json", &["there"]), &[link(target)]);
        }
        docker(
            &format!("manifest-{name}"),
            Then::Ends,
            &says("config.json", &[]),
            &[member(b"manifest.json", kind, "/etc/passwd", 0, b"")],
        );
    }
}

#[test]
fn archives_that_say_two_things() {
    let says = |config: &str| json!([{"Config": config, "RepoTags": ["a:1"], "Layers": []}]);
    let other = stored("manifest.json", says("other.json").to_string().as_bytes());
    docker("two-manifests", Then::Refuses("manifest.json"), &says("config.json"), &[other]);
    let twice = stored("config.json", b"{\"config\": {\"User\": \"0\"}}");
    docker("two-configs", Then::Ends, &says("config.json"), &[twice]);
    let long = Value::Array((0..100_000).map(|_| says("config.json")[0].clone()).collect());
    docker("many-images", Then::Refuses(""), &long, &[]);
    let odd =
        [json!([]), json!({}), json!(null), json!("x"), json!([1]), json!([{"Config": 1}]), json!([{}])];
    for (at, manifest) in odd.iter().enumerate() {
        docker(&format!("manifest-odd-{at}"), Then::Refuses(""), manifest, &[]);
    }
    let tags = json!([{"Config": "config.json", "RepoTags": [1, "\u{1b}[2J\u{7}:x"], "Layers": null}]);
    docker("tags-odd", Then::Ends, &tags, &[]);
}

#[test]
fn blobs_that_are_links_or_no_files() {
    let good = healthy().oci();
    let layout = good.oci_layout();
    let named = |member: usize| layout[member].0.clone();
    for (at, kind) in [(1, "index"), (2, "manifest"), (3, "config"), (4, "layer")] {
        for fault in ["link", "pipe", "folder"] {
            let run = |folder: &Path| {
                write_folder(&folder.join("bad"), &layout);
                let path = folder.join("bad").join(named(at));
                fs::rename(&path, folder.join("outside")).unwrap();
                put(fault, &path, &folder.join("outside"));
                "oci:bad".to_owned()
            };
            image(&format!("layout-{kind}-{fault}"), Then::Refuses(""), run);
        }
    }
    for above in ["blobs", "blobs/sha256"] {
        image(&format!("layout-{}", above.replace('/', "-")), Then::Refuses(""), |folder| {
            write_folder(&folder.join("bad"), &layout);
            fs::rename(folder.join("bad").join(above), folder.join("outside")).unwrap();
            put("link", &folder.join("bad").join(above), &folder.join("outside"));
            "oci:bad".to_owned()
        });
    }
    let members = healthy().dir();
    for (member, _) in &members[1..] {
        for fault in ["link", "pipe"] {
            image(&format!("dir-{fault}-{}", &member[..8]), Then::Refuses(""), |folder| {
                write_folder(&folder.join("bad"), &members);
                let path = folder.join("bad").join(member);
                fs::rename(&path, folder.join("outside")).unwrap();
                put(fault, &path, &folder.join("outside"));
                "dir:bad".to_owned()
            });
        }
    }
}

/// Puts something at a path that is no file.
fn put(fault: &str, path: &Path, target: &Path) {
    match fault {
        #[cfg(unix)]
        "link" => std::os::unix::fs::symlink(target, path).unwrap(),
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        _ => fs::create_dir(path).unwrap(),
    }
    let _ = target;
}

#[test]
fn paths_that_are_something_else() {
    let forms = ["docker-archive", "oci-archive", "oci", "dir"];
    for form in forms {
        let at = |what: &str| format!("{form}:{what}");
        image(&format!("{form}-missing"), Then::Refuses(""), |_| at("nothing-here"));
        image(&format!("{form}-pipe"), Then::Refuses(""), |folder| {
            put("pipe", &folder.join("pipe"), folder);
            at("pipe")
        });
        image(&format!("{form}-empty-folder"), Then::Refuses(""), |folder| {
            fs::create_dir(folder.join("empty")).unwrap();
            at("empty")
        });
        for device in ["/dev/zero", "/dev/null", "/proc/self/mem"] {
            if Path::new(device).exists() {
                image(&format!("{form}{}", device.replace('/', "-")), Then::Refuses(""), |_| at(device));
            }
        }
        for (name, bytes) in odd_bytes() {
            image(&format!("{form}-{name}"), Then::Refuses(""), |folder| {
                write(&folder.join("odd"), &bytes);
                at("odd")
            });
        }
    }
    image("link-to-an-archive", Then::Reads, |folder| {
        put("link", &folder.join("link.tar"), Path::new("healthy.tar"));
        "docker-archive:link.tar".to_owned()
    });
}

fn odd_bytes() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random(7);
    let noise: Vec<u8> = (0..1 << 20).map(|_| random.below(256) as u8).collect();
    let start = |magic: &[u8]| [magic, &noise[..100_000]].concat();
    vec![
        ("empty", Vec::new()),
        ("zeros", vec![0; 1 << 20]),
        ("one-byte", vec![0x1f]),
        ("gzip-noise", start(b"\x1f\x8b\x08\0\0\0\0\0\0\x03")),
        ("zstd-noise", start(b"\x28\xb5\x2f\xfd")),
        ("xz", start(b"\xfd7zXZ\0")),
        ("json", b"{\"schemaVersion\": 2}".to_vec()),
        ("noise", noise),
    ]
}

#[test]
fn archives_that_end_early() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (form, bytes) in [
        ("docker-archive", tar_of(&healthy().docker_archive())),
        ("oci-archive", tar_of(&healthy().oci().oci_layout())),
    ] {
        // The last 1024 bytes end an archive and hold nothing; what is needed may come before the last member's padding.
        let ends: Vec<usize> = (0..60).map(|_| random.below(bytes.len() * 3 / 5)).collect();
        images(&format!("{form}-ends-early"), Then::Refuses(""), |folder| {
            let mut names = Vec::new();
            for end in &ends {
                write(&folder.join(format!("{end}.tar")), &bytes[..*end]);
                names.push(format!("{form}:{end}.tar"));
            }
            names
        });
    }
}

/// An archive that begins with these bytes and goes on with zeros that are not stored.
fn sparse(path: &Path, start: &[u8], size: u64) {
    write(path, start);
    File::options().write(true).open(path).unwrap().set_len(size).unwrap();
}

#[test]
fn headers_that_lie() {
    const GB: u64 = 1 << 30;
    for (kind, name) in [(b'L', "long-name"), (b'K', "long-link"), (b'x', "pax"), (b'g', "pax-global")] {
        image(&format!("{name}-1gb"), Then::Refuses(""), |folder| {
            sparse(&folder.join("bad.tar"), &member(b"././@LongLink", kind, "", GB, b"")[..512], GB + 10_240);
            "docker-archive:bad.tar".to_owned()
        });
    }
    let good = stored("config.json", &config_of(&[]));
    let huge = member(b"x", b'0', "", 0o77_777_777_777, b"");
    let mut wide = member(b"x", b'0', "", 0, b"");
    wide[124..136].copy_from_slice(&[0xff; 12]);
    let mut broken = member(b"x", b'0', "", 0, b"");
    broken[148] ^= 1;
    let pax = |record: &str| {
        [member(b"pax", b'x', "", record.len() as u64, record.as_bytes()), stored("x", b"")].concat()
    };
    let cases = [
        ("size-8gb", huge),
        ("size-negative", wide),
        ("checksum", broken),
        ("pax-size", pax("30 size=99999999999999999999\n")),
        ("pax-size-large", pax("23 size=9999999999999\n")),
        ("pax-path", pax("24 path=../../etc/passwd\n")),
        ("pax-length", pax("99999999999999999999 path=x\n")),
        ("sparse-1tb", member(b"x", b'S', "", 1 << 40, b"")),
    ];
    for (name, first) in cases {
        image(&format!("header-{name}"), Then::Ends, |folder| {
            let manifest = br#"[{"Config":"config.json","RepoTags":[],"Layers":[]}]"#;
            archive_of(&folder.join("bad.tar"), &[first, good.clone(), stored("manifest.json", manifest)]);
            "docker-archive:bad.tar".to_owned()
        });
    }
}

#[test]
fn digests_and_sizes_that_are_wrong() {
    let good = healthy().oci();
    for (at, kind) in [(2, "manifest"), (3, "config"), (4, "layer")] {
        for fault in ["changed", "longer", "shorter", "missing"] {
            for form in ["oci", "oci-archive"] {
                image(&format!("{form}-{kind}-{fault}"), Then::Refuses(""), |folder| {
                    let mut layout = good.oci_layout();
                    let bytes = &mut layout[at].1;
                    match fault {
                        "changed" => bytes[10] ^= 1,
                        "longer" => bytes.push(b' '),
                        "shorter" => drop(bytes.pop()),
                        _ => drop(layout.remove(at)),
                    }
                    put_layout(form, folder, &layout)
                });
            }
        }
    }
    let digest = good.blobs().layers[0].digest();
    let hex = &digest["sha256:".len()..];
    let lies = [
        ("md5", format!("md5:{}", &hex[..32])),
        ("sha1", format!("sha1:{}", &hex[..40])),
        ("upper", format!("sha256:{}", hex.to_uppercase())),
        ("short", format!("sha256:{}", &hex[..63])),
        ("path", format!("sha256:../../{}", &hex[..58])),
        ("bare", hex.to_owned()),
        ("none", String::new()),
        ("other", format!("sha256:{}", "0".repeat(64))),
    ];
    for (name, lie) in &lies {
        descriptor(&format!("layer-digest-{name}"), Then::Refuses(""), |manifest| {
            manifest["layers"][0]["digest"] = json!(lie);
        });
        descriptor(&format!("config-digest-{name}"), Then::Refuses(""), |manifest| {
            manifest["config"]["digest"] = json!(lie);
        });
    }
    for (name, size) in
        [("plus", json!(1)), ("minus", json!(-1)), ("huge", json!(1u64 << 62)), ("text", json!("x"))]
    {
        for place in ["/config/size", "/layers/0/size"] {
            descriptor(&format!("{}-{name}", &place[1..].replace('/', "-")), Then::Refuses(""), |manifest| {
                let said = manifest.pointer_mut(place).unwrap();
                *said = match (said.as_i64(), size.as_i64()) {
                    (Some(said), Some(by)) if by.abs() == 1 => json!(said + by),
                    _ => size.clone(),
                };
            });
        }
    }
    image("diff-id", Then::Refuses(""), |folder| {
        let mut lying = healthy();
        lying.config["rootfs"] =
            json!({"type": "layers", "diff_ids": [format!("sha256:{}", "1".repeat(64))]});
        write_archive(&folder.join("bad.tar"), &lying.docker_archive());
        "docker-archive:bad.tar".to_owned()
    });
}

/// Writes a layout or an archive of it, and names it.
pub(crate) fn put_layout(form: &str, folder: &Path, layout: &[(String, Vec<u8>)]) -> String {
    match form {
        "oci" => write_folder(&folder.join("bad"), layout),
        _ => write_archive(&folder.join("bad"), layout),
    }
    format!("{form}:bad")
}

/// A layout whose manifest says something else, under its right digest.
fn descriptor(name: &str, then: Then, change: impl FnOnce(&mut Value)) {
    image(name, then, |folder| {
        let mut layout = healthy().oci().oci_layout();
        let mut manifest: Value = serde_json::from_slice(&layout[2].1).unwrap();
        change(&mut manifest);
        let bytes = manifest.to_string().into_bytes();
        let digest = sha256(&bytes);
        let mut index: Value = serde_json::from_slice(&layout[1].1).unwrap();
        index["manifests"][0]["digest"] = json!(digest);
        index["manifests"][0]["size"] = json!(bytes.len());
        layout[1].1 = index.to_string().into();
        layout[2] = (format!("blobs/{}", digest.replace(':', "/")), bytes);
        put_layout("oci", folder, &layout)
    });
}

#[test]
fn manifests_that_are_odd() {
    let read = Then::Ends;
    descriptor("media-types-garbage", read, |manifest| {
        for place in ["/mediaType", "/config/mediaType", "/layers/0/mediaType"] {
            *manifest.pointer_mut(place).unwrap() = json!("text/\u{1b}[31mhtml");
        }
    });
    descriptor("media-types-numbers", read, |manifest| {
        for place in ["/mediaType", "/config/mediaType", "/layers/0/mediaType"] {
            *manifest.pointer_mut(place).unwrap() = json!(1);
        }
    });
    descriptor("schema-1", Then::Refuses(""), |manifest| {
        *manifest = json!({"schemaVersion": 1, "fsLayers": [], "history": [], "signatures": []});
    });
    descriptor("no-config", Then::Refuses(""), |manifest| {
        drop(manifest.as_object_mut().unwrap().remove("config"))
    });
    descriptor("layers-null", read, |manifest| manifest["layers"] = json!(null));
    descriptor("layers-10000", Then::Refuses(""), |manifest| {
        manifest["layers"] = Value::Array(vec![manifest["layers"][0].clone(); 10_000]);
    });
    descriptor("layers-200", read, |manifest| {
        manifest["layers"] = Value::Array(vec![manifest["layers"][0].clone(); 200]);
    });
    descriptor("annotations-odd", read, |manifest| {
        manifest["annotations"] = json!({"a": 1, "b": null, "c": [[]]})
    });
    descriptor("annotations-many", read, |manifest| {
        manifest["annotations"] = (0..50_000).map(|at| (format!("a{at}"), json!("b"))).collect();
    });
}
