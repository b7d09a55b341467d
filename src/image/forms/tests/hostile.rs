//! Archives and folders made to do harm: each ends with one sentence that names what is wrong.

use std::io::Write;
use std::time::{Duration, Instant};

use super::*;
use crate::image::fixture::{Entry, Kind, sha256};

fn entries(members: &[(String, Vec<u8>)]) -> Vec<Entry> {
    let of = |(path, bytes): &(String, Vec<u8>)| Entry { kind: Kind::File(bytes.clone()), ..file(path, "") };
    members.iter().map(of).collect()
}

/// An archive with its `manifest.json` changed.
fn docker_with(change: impl Fn(&mut Value)) -> Members {
    let mut members = web().docker_archive();
    let last = members.len() - 1;
    let mut manifest: Value = serde_json::from_slice(&members[last].1).unwrap();
    change(&mut manifest);
    members[last].1 = manifest.to_string().into();
    members
}

/// A layout whose manifest is changed, and everything above it made right again.
fn layout_with(change: impl Fn(&mut Value)) -> Members {
    let mut members = web().oci_layout();
    let mut manifest: Value = serde_json::from_slice(&members[2].1).unwrap();
    change(&mut manifest);
    let bytes: Vec<u8> = manifest.to_string().into();
    let digest = sha256(&bytes);
    members[2] = (format!("blobs/{}", digest.replace(':', "/")), bytes);
    let mut index: Value = serde_json::from_slice(&members[1].1).unwrap();
    index["manifests"][0]["digest"] = json!(digest);
    index["manifests"][0]["size"] = json!(members[2].1.len());
    members[1].1 = index.to_string().into();
    members
}

fn replaced(name: &str, bytes: &[u8], members: &[(String, Vec<u8>)]) -> Members {
    let change = |(path, old): &(String, Vec<u8>)| {
        (path.clone(), if path == name { bytes.to_vec() } else { old.clone() })
    };
    members.iter().map(change).collect()
}

#[test]
fn names_that_docker_archives_must_not_say() {
    let scratch = Scratch::new();
    let passwd = "../../etc/passwd";
    let table: Vec<(Members, &str)> = vec![
        (
            docker_with(|all| all[0]["Config"] = json!(passwd)),
            "`Config` in `manifest.json` names `../../etc/passwd`",
        ),
        (docker_with(|all| all[0]["Config"] = json!("/etc/passwd")), "`Config` in `manifest.json` names"),
        (docker_with(|all| all[0]["Config"] = json!("")), "`Config` in `manifest.json` names"),
        (docker_with(|all| all[0]["Layers"][0] = json!(passwd)), "`Layers` in `manifest.json` names"),
        (docker_with(|all| all[0]["Layers"][0] = json!("a/./b")), "`Layers` in `manifest.json` names"),
        (docker_with(|all| all[0]["Layers"][0] = json!("none")), "the layer `none` is not in it"),
        (docker_with(|all| all[0]["Layers"] = json!(vec!["x"; 1001])), "lists 1001 layers"),
        (docker_with(|all| all[0]["Config"] = json!("none.json")), "`none.json` is not in it"),
        (docker_with(|all| all[0]["Config"] = json!(5)), "`manifest.json` cannot be read: invalid type"),
        (docker_with(|all| *all = json!([])), "`manifest.json` lists 0 images"),
        (docker_with(|all| *all = json!({"schemaVersion": 2})), "`manifest.json` cannot be read"),
        (
            web().oci_layout(),
            "it is no archive of `docker save`: `manifest.json` is not in it; An OCI layout",
        ),
    ];
    for (members, why) in table {
        scratch.archive("bad.tar", &members);
        let found = error(&scratch.name("docker-archive:", "bad.tar"));
        assert!(found.contains(why), "{why}: {found}");
    }
    let members = web().docker_archive();
    let config = &members[members.len() - 2].0;
    scratch.archive("bad.tar", &replaced(config, b"{}", &members));
    let found = error(&scratch.name("docker-archive:", "bad.tar"));
    assert!(found.starts_with(&format!("the config `{config}` is not what its digest sha256:")), "{found}");
}

#[test]
fn members_that_are_there_twice_are_refused() {
    let scratch = Scratch::new();
    let members = web().docker_archive();
    let twice = |name: &str| {
        let mut all = entries(&members);
        let again = all.iter().find(|entry| entry.path == name).unwrap().clone();
        all.push(Entry { path: format!("./{name}"), ..again });
        fs::write(scratch.path("twice.tar"), fixture::tar(&all)).unwrap();
        error(&scratch.name("docker-archive:", "twice.tar"))
    };
    assert_eq!(twice("manifest.json"), "`manifest.json` is in it twice; ");
    for name in [&members[0].0, &members[members.len() - 2].0] {
        assert_eq!(twice(name), format!("`{name}` is in it twice; "));
    }
    // What nobody asks for may be there as often as it likes.
    let mut all = entries(&members);
    all.extend([
        file("repositories", "{}"),
        file("repositories", "{}"),
        fixture::folder("x"),
        fixture::folder("x"),
    ]);
    fs::write(scratch.path("twice.tar"), fixture::tar(&all)).unwrap();
    one(&scratch.name("docker-archive:", "twice.tar"));
}

#[test]
fn links_instead_of_files_are_refused() {
    let scratch = Scratch::new();
    let members = web().docker_archive();
    for at in [members.len() - 1, members.len() - 2] {
        let mut all = entries(&members);
        all[at].kind = Kind::Symlink("/etc/passwd".into());
        fs::write(scratch.path("link.tar"), fixture::tar(&all)).unwrap();
        let found = error(&scratch.name("docker-archive:", "link.tar"));
        assert_eq!(found, format!("`{}` is a link, which is not followed; ", members[at].0));
    }
}

#[cfg(unix)]
#[test]
fn links_of_folders_are_not_followed() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new();
    let members = web().oci_layout();
    let make = |name: &str| {
        let _ = fs::remove_dir_all(scratch.path(name));
        scratch.folder(name, &members);
    };
    for at in ["index.json", "oci-layout", &members[2].0, "blobs/sha256", "blobs"] {
        make("layout");
        let path = scratch.path("layout").join(at);
        let away = scratch.path("away");
        let _ = fs::remove_dir_all(&away);
        let _ = fs::remove_file(&away);
        fs::rename(&path, &away).unwrap();
        symlink(&away, &path).unwrap();
        let found = error(&scratch.name("oci:", "layout"));
        assert!(found.contains("is reached through a link, which is not followed"), "{at}: {found}");
    }
    make("layout");
    symlink(scratch.path("layout"), scratch.path("mine")).unwrap();
    one(&scratch.name("oci:", "mine"));
    let index = scratch.path("layout").join("index.json");
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    assert_eq!(error(&scratch.name("oci:", "layout")), "`index.json` is no regular file; ");
    assert!(
        error(&scratch.name("docker-archive:", "layout")).contains("is no regular file; Folders are named")
    );
}

#[test]
fn documents_that_are_not_what_is_said_are_refused() {
    let scratch = Scratch::new();
    let whole = web().oci_layout();
    let (manifest, config) = (whole[2].0.clone(), whole[3].0.clone());
    let hex = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let same_size = vec![b' '; whole[3].1.len()];
    let huge = |manifest: &mut Value| manifest["config"]["size"] = json!(100 << 20);
    let table: Vec<(Members, String)> = vec![
        (
            replaced(&config, &same_size, &whole),
            format!("the config sha256:{} is not what its", hex(&config)),
        ),
        (replaced(&config, b"{}", &whole), format!("`{config}` has 2 bytes, and")),
        (replaced(&manifest, b"{}", &whole), format!("`{manifest}` has 2 bytes, and")),
        (
            whole.iter().filter(|(path, _)| *path != config).cloned().collect(),
            format!("`{config}` is not in it"),
        ),
        (layout_with(huge), "has 104857600 bytes, and at most 8388608 are read".into()),
        (layout_with(|m| m["manifests"] = json!([])), "has both `manifests` and `layers`".into()),
        (
            layout_with(|m| m["schemaVersion"] = json!(1)),
            "is of Docker's schema 1, which has no config".into(),
        ),
        (layout_with(|m| m["fsLayers"] = json!([])), "is of Docker's schema 1, which has no config".into()),
        (layout_with(|m| drop(m.as_object_mut().unwrap().remove("layers"))), "it is no manifest".into()),
        (
            layout_with(|m| m["config"]["digest"] = json!("md5:aa")),
            "names a blob whose digest `md5:aa`".into(),
        ),
        (
            layout_with(|m| m["layers"][0]["digest"] = json!("sha256:../../../../etc/passwd")),
            format!("the manifest sha256:{}", ""),
        ),
        (
            layout_with(|m| m["config"]["mediaType"] = json!("application/vnd.oci.empty.v1+json")),
            "is an artifact with a config of `application/vnd.oci.empty.v1+json`, no image".into(),
        ),
        (layout_with(|m| m["layers"] = json!(vec![m["config"].clone(); 1001])), "has 1001 layers".into()),
        (replaced("oci-layout", b"{}", &whole), "`oci-layout` cannot be read: missing field".into()),
        (
            replaced("oci-layout", br#"{"imageLayoutVersion":"2.0.0"}"#, &whole),
            "an OCI layout of version 2.0.0, and only 1 is known".into(),
        ),
        (
            replaced("oci-layout", &[b' '; 5000], &whole),
            "`oci-layout` has 5000 bytes, and at most 4096".into(),
        ),
        (replaced("index.json", &vec![b'['; 100_000], &whole), "`index.json` cannot be read: ".into()),
        (replaced("index.json", &b"[".repeat(5 << 20), &whole), "`index.json` has 5242880 bytes".into()),
        (replaced("index.json", &whole[2].1, &whole), "`index.json` is a manifest, no index".into()),
        (
            replaced("index.json", br#"{"manifests":[],"manifests":[]}"#, &whole),
            "`index.json` cannot be read: duplicate field `manifests`".into(),
        ),
        (web().docker_archive(), "it is no OCI layout: `oci-layout` is not in it; ".into()),
    ];
    for (members, why) in table {
        scratch.archive("bad.tar", &members);
        let found = error(&scratch.name("oci-archive:", "bad.tar"));
        assert!(found.contains(&why), "{why}: {found}");
        assert!(found.len() < 400, "{found}");
    }
}

#[test]
fn layers_must_have_the_size_that_is_said() {
    let scratch = Scratch::new();
    let wrong = layout_with(|manifest| manifest["layers"][0]["size"] = json!(7));
    scratch.archive("bad.tar", &wrong);
    let name = ImageName::parse(&scratch.name("oci-archive:", "bad.tar")).unwrap();
    let options = ReadOptions::default();
    let store = open(&name, &options).unwrap();
    let parts = store.images(&PlatformChoice::Default).unwrap().remove(0);
    let Err(error) = store.layer(&parts.layers[0]) else { panic!("a layer of a wrong size is read") };
    assert!(error.message.ends_with("bytes, and 7 are said of it"), "{error}");
    let mut missing = parts.layers[1].clone();
    missing.address = sha256(b"none").into();
    let Err(error) = store.layer(&missing) else { panic!("a layer that is not there is read") };
    assert!(error.message.ends_with("is not in it"), "{error}");
}

/// A header of a tar archive, its sum right.
fn header(name: &str, size: u64, kind: tar::EntryType) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_size(size);
    header.set_entry_type(kind);
    header.set_cksum();
    header.as_bytes().to_vec()
}

#[test]
fn broken_archives_are_told_apart() {
    let scratch = Scratch::new();
    let whole = fixture::tar_of(&web().docker_archive());
    let regular = tar::EntryType::Regular;
    let mut damaged = whole.clone();
    let last = whole.windows(6).rposition(|bytes| bytes == b"ustar ").unwrap() - 257;
    damaged[last] ^= 1;
    let lone_zeros = [&whole[..last], &[0; 512], &whole[last..]].concat();
    let long = tar::EntryType::GNULongName;
    let pax = |record: &[u8]| {
        let mut body = record.to_vec();
        body.resize(512, 0);
        let extension = header("pax", record.len() as u64, tar::EntryType::XHeader);
        [extension, body, header("x", 0, regular)].concat()
    };
    let table: Vec<(Vec<u8>, &str)> = vec![
        (b"not a tar archive at all".repeat(50), "it is no tar archive"),
        (Vec::new(), "it is an empty archive"),
        (vec![0; 1024], "it is an empty archive"),
        (whole[..300].to_vec(), "it is cut off inside a header"),
        (whole[..700].to_vec(), "it is cut off: it ends inside `"),
        (header("layer", 1 << 40, regular), "it is cut off: it ends inside `layer`"),
        (header("layer", u64::MAX, regular), "header at byte"),
        (header("layer", u64::MAX - 511, regular), "header at byte"),
        ([header("x", 2 << 20, long), vec![b'a'; 2 << 20]].concat(), "is extended by 2097152 bytes"),
        (pax(b"99999999999999999999 path=x\n"), "its header at byte 0 is damaged"),
        (pax(b"30 size=99999999999999999999\n"), "its header at byte 0 is damaged"),
        (pax(b"22 size=9999999999999\n"), "it is cut off: it ends inside `x`"),
        (header("layer", 0, tar::EntryType::GNUSparse), "`layer` is a sparse file"),
        (damaged, "is damaged"),
        (lone_zeros, "is damaged"),
        (fixture::gzip(&whole[..700]), "it is cut off"),
        (fixture::gzip(&whole)[..200].to_vec(), "it "),
        (fixture::gzip(b""), "it is an empty archive"),
        (b"\x28\xb5\x2f\xfd\xff\xff".to_vec(), "it cannot be read: it ends too early"),
    ];
    for (at, (bytes, why)) in table.into_iter().enumerate() {
        let name = format!("{at}.tar");
        fs::write(scratch.path(&name), bytes).unwrap();
        let found = error(&scratch.name("docker-archive:", &name));
        assert!(found.contains(why), "{at}, {why}: {found}");
    }
}

#[test]
fn every_cut_and_every_flipped_byte_ends_in_an_image_or_a_sentence() {
    let scratch = Scratch::new();
    let whole = fixture::tar_of(&web().oci_layout());
    let name = scratch.name("oci-archive:", "any.tar");
    let try_one = |bytes: &[u8]| {
        fs::write(scratch.path("any.tar"), bytes).unwrap();
        if let Err(error) = read_as(&name, &PlatformChoice::Default) {
            assert!(!error.message.is_empty() && !error.message.ends_with('.'), "{error}");
        }
    };
    for cut in (0..whole.len()).step_by(211) {
        try_one(&whole[..cut]);
    }
    for at in (0..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[at] = bytes[at].wrapping_add(128);
        try_one(&bytes);
    }
}

#[test]
fn archives_with_too_many_members_or_names_are_refused() {
    let scratch = Scratch::new();
    let many = header("x", 0, tar::EntryType::Regular).repeat(100_001);
    fs::write(scratch.path("many.tar"), many).unwrap();
    let started = Instant::now();
    let name = scratch.name("docker-archive:", "many.tar");
    assert_eq!(error(&name), "it has more than 100000 members; ");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let scratch = Scratch::new();
    let long = format!("{}layer.tar", "long/".repeat(50));
    let members = web().docker_archive();
    let old = members[0].0.clone();
    let text = String::from_utf8(members.last().unwrap().1.clone()).unwrap().replace(&old, &long);
    let renamed: Members = replaced("manifest.json", text.as_bytes(), &members)
        .into_iter()
        .map(|(path, bytes)| (if path == old { long.clone() } else { path }, bytes))
        .collect();
    scratch.archive("long.tar", &renamed);
    assert_eq!(layers(&scratch.name("docker-archive:", "long.tar"))[0], members[0].1);
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in &renamed {
        builder.append_pax_extensions([("path", path.as_bytes()), ("mtime", b"1.5")]).unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_path("short").unwrap();
        header.set_cksum();
        builder.append(&header, &bytes[..]).unwrap();
    }
    fs::write(scratch.path("pax.tar"), builder.into_inner().unwrap()).unwrap();
    assert_eq!(layers(&scratch.name("docker-archive:", "pax.tar"))[0], members[0].1);
}

#[test]
fn a_bomb_stops_early() {
    let scratch = Scratch::new();
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(&header("layer", 2 << 30, tar::EntryType::Regular)).unwrap();
    for _ in 0..320 {
        out.write_all(&vec![0; 1 << 20]).unwrap();
    }
    fs::write(scratch.path("bomb.tar.gz"), out.finish().unwrap()).unwrap();
    let started = Instant::now();
    let found = error(&scratch.name("docker-archive:", "bomb.tar.gz"));
    assert!(found.starts_with("it cannot be read: it unpacks to more than 268"), "{found}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn packed_archives_are_not_unpacked_without_end() {
    let scratch = Scratch::new();
    // 300 layers of 1.5 MiB, asked for from the last one on: each takes another pass.
    let layer = vec![7; 3 << 19];
    let names: Vec<String> = (0..300).map(|at| format!("{at}.tar")).collect();
    let mut members: Members = names[..40].iter().map(|name| (name.clone(), layer.clone())).collect();
    let list: Vec<&String> = names[..40].iter().rev().cycle().take(900).collect();
    let manifest = json!([{"Config": "c.json", "RepoTags": null, "Layers": list}]).to_string();
    members.extend([("c.json".into(), b"{}".to_vec()), ("manifest.json".into(), manifest.into())]);
    fs::write(scratch.path("far.tar.gz"), fixture::gzip(&fixture::tar_of(&members))).unwrap();
    let name = ImageName::parse(&scratch.name("docker-archive:", "far.tar.gz")).unwrap();
    let options = ReadOptions::default();
    let store = open(&name, &options).unwrap();
    let parts = store.images(&PlatformChoice::Default).unwrap().remove(0);
    let started = Instant::now();
    let why = parts.layers.iter().find_map(|layer| {
        let read = store.layer(layer).map(|mut bytes| std::io::copy(&mut bytes, &mut std::io::sink()));
        match read {
            Err(error) => Some(error.message),
            Ok(read) => read.err().map(|error| error.to_string()),
        }
    });
    assert!(why.unwrap().contains("had to be unpacked too often"));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
