//! Hostile layers: bombs, floods of entries, and entries that no builder writes.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compress, Compression, Crc, FlushCompress};
use serde_json::json;

use crate::hostile_images::{Then, archive_of, config_of, image, member, put_layout, stored};
use crate::support::image_fixture::{gzip, sha256};
use crate::support::write;

/// A gzip file that unpacks to `start` and `times` copies of `piece`; small and quick to make, however much that is.
fn gzip_of(start: &[u8], piece: &[u8], times: usize, end: &[u8]) -> Vec<u8> {
    let mut out = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    let mut sum = Crc::new();
    let mut add = |bytes: &[u8], times: usize| {
        // After a full flush nothing refers back, so that the block can be repeated.
        let mut packer = Compress::new(Compression::best(), false);
        let mut block = Vec::with_capacity(bytes.len() / 100 + 4096);
        loop {
            let at = usize::try_from(packer.total_in()).unwrap();
            block.reserve(4096);
            packer.compress_vec(&bytes[at..], &mut block, FlushCompress::Full).unwrap();
            if packer.total_in() == bytes.len() as u64 && block.len() < block.capacity() {
                break;
            }
        }
        let mut once = Crc::new();
        once.update(bytes);
        for _ in 0..times {
            out.extend_from_slice(&block);
            sum.combine(&once);
        }
    };
    add(start, 1);
    add(piece, times);
    add(end, 1);
    out.extend_from_slice(&[0x03, 0x00]);
    out.extend_from_slice(&sum.sum().to_le_bytes());
    out.extend_from_slice(&sum.amount().to_le_bytes());
    out
}

/// A zstd file of blocks that each say "128 KiB of this byte"; `start` comes first.
fn zstd_of(start: &[u8], window_log: u8, blocks: usize) -> Vec<u8> {
    let block = |kind: u32, size: usize, last: bool| {
        let head = u32::try_from(size).unwrap() << 3 | kind << 1 | u32::from(last);
        head.to_le_bytes()[..3].to_vec()
    };
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (window_log - 10) << 3];
    out.extend(block(0, start.len(), false));
    out.extend_from_slice(start);
    for _ in 0..blocks {
        out.extend(block(1, 128 << 10, false));
        out.push(0);
    }
    out.extend(block(0, 0, true));
    out
}

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
const PLAIN: &str = "application/vnd.oci.image.layer.v1.tar";

/// The members of a layout of one layer, stored as said, and said to unpack to this digest.
fn layout(stored: &[u8], media_type: &str, diff_id: &str) -> Vec<(String, Vec<u8>)> {
    let config = config_of(&[diff_id.to_owned()]);
    let describe = |media_type: &str, bytes: &[u8]| json!({"mediaType": media_type, "digest": sha256(bytes), "size": bytes.len()});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": describe("application/vnd.oci.image.config.v1+json", &config),
        "layers": [describe(media_type, stored)],
    })
    .to_string()
    .into_bytes();
    let index = json!({"schemaVersion": 2, "manifests": [describe("application/vnd.oci.image.manifest.v1+json", &manifest)]});
    let path = |bytes: &[u8]| format!("blobs/{}", sha256(bytes).replace(':', "/"));
    vec![
        ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
        ("index.json".to_owned(), index.to_string().into()),
        (path(&manifest), manifest),
        (path(&config), config),
        (path(stored), stored.to_vec()),
    ]
}

/// One image of one layer, in a layout.
fn layer(name: &str, then: Then, stored: &[u8], media_type: &str, unpacked: Option<&[u8]>) {
    let diff_id = unpacked.map_or_else(|| format!("sha256:{}", "2".repeat(64)), sha256);
    image(&format!("layer-{name}"), then, |folder| {
        put_layout("oci", folder, &layout(stored, media_type, &diff_id))
    });
}

/// The same with a layer that is not packed, of these members.
fn members(name: &str, then: Then, members: &[Vec<u8>]) {
    let tar = [members.concat(), vec![0; 1024]].concat();
    layer(name, then, &gzip(&tar), GZIP, Some(&tar));
}

/// The header of a member of that many bytes.
fn header(name: &str, size: u64) -> Vec<u8> {
    member(name.as_bytes(), b'0', "", size, b"")
}

/// The path of an entry by its number.
type Name = fn(usize) -> String;

const GB: u64 = 1 << 30;
const REFUSED: Then = Then::Refuses("");

#[test]
fn bombs() {
    let zeros = vec![0; 16 << 20];
    for (name, file) in
        [("file", "big"), ("passwd", "etc/passwd"), ("group", "etc/group"), ("secret", "root/.ssh/id_rsa")]
    {
        let bomb = gzip_of(&header(file, 2 * GB), &zeros, 128, &[0; 1024]);
        assert!(bomb.len() < 3 << 20, "{} bytes", bomb.len());
        layer(&format!("bomb-gzip-{name}"), REFUSED, &bomb, GZIP, None);
        let bomb = zstd_of(&header(file, 2 * GB), 17, 16_384);
        layer(&format!("bomb-zstd-{name}"), REFUSED, &bomb, ZSTD, None);
    }
    // Said to be packed otherwise, or not at all.
    let bomb = gzip_of(&header("big", 2 * GB), &zeros, 128, &[0; 1024]);
    layer("bomb-gzip-as-plain", Then::Ends, &bomb, PLAIN, None);
    layer("bomb-gzip-as-zstd", Then::Ends, &bomb, ZSTD, None);
    layer("bomb-gzip-twice", Then::Ends, &gzip(&bomb), GZIP, None);
    // An archive ends with two blocks of zeros; what follows counts as well.
    layer("bomb-behind-the-end", REFUSED, &gzip_of(&[0; 1024], &zeros, 128, &[]), GZIP, None);
    layer("zstd-window", Then::Ends, &zstd_of(&header("big", GB), 41, 8), ZSTD, None);
    layer(
        "zstd-many-frames",
        Then::Ends,
        &[0x28, 0xb5, 0x2f, 0xfd, 0, 0, 1, 0, 0].repeat(200_000),
        ZSTD,
        None,
    );
    layer("gzip-many-members", Then::Ends, &gzip(b"").repeat(50_000), GZIP, None);
    let name = [b"\x1f\x8b\x08\x08\0\0\0\0\0\x03".to_vec(), vec![b'a'; 20 << 20]].concat();
    layer("gzip-long-name", Then::Ends, &name, GZIP, None);
    for (form, start) in
        [("docker-archive", "manifest.json"), ("oci-archive", "index.json"), ("docker-archive", "x")]
    {
        image(&format!("{form}-bomb-{}", &start[..1]), REFUSED, |folder| {
            write(&folder.join("bad.tgz"), gzip_of(&header(start, 2 * GB), &zeros, 128, &[0; 1024]));
            format!("{form}:bad.tgz")
        });
        image(&format!("{form}-bomb-zstd-{}", &start[..1]), REFUSED, |folder| {
            write(&folder.join("bad.tzst"), zstd_of(&header(start, 2 * GB), 17, 16_384));
            format!("{form}:bad.tzst")
        });
    }
}

#[test]
fn floods_of_entries() {
    // 1,000 entries a piece; unoptimised code gets fewer pieces.
    let pieces = if cfg!(debug_assertions) { 50 } else { 1_000 };
    let million = |kind: u8, name: Name| {
        let piece: Vec<u8> =
            (0..1_000).flat_map(|at| member(name(at).as_bytes(), kind, "usr/bin/x", 0, b"")).collect();
        gzip_of(&[], &piece, pieces, &[0; 1024])
    };
    let names: [(&str, u8, Name); 6] = [
        ("files", b'0', |at| format!("f{at}")),
        ("programs", b'0', |at| format!("usr/bin/p{at}")),
        ("whiteouts", b'0', |at| format!("etc/.wh.w{at}")),
        ("opaque", b'0', |at| format!("d{at}/.wh..wh..opq")),
        ("links", b'2', |at| format!("usr/bin/l{at}")),
        ("hardlinks", b'1', |at| format!("usr/bin/h{at}")),
    ];
    for (name, kind, path) in names {
        layer(&format!("million-{name}"), Then::Ends, &million(kind, path), GZIP, None);
    }
    image("archive-million", REFUSED, |folder| {
        write(&folder.join("bad.tgz"), million(b'0', |at| format!("f{at}")));
        "docker-archive:bad.tgz".to_owned()
    });
    image("archive-200000", REFUSED, |folder| {
        let all: Vec<Vec<u8>> = (0..200_000).map(|at| header(&format!("f{at}"), 0)).collect();
        archive_of(&folder.join("bad.tar"), &all);
        "docker-archive:bad.tar".to_owned()
    });
    // Each of them is kept, or makes a finding.
    let many = |name: &str, kind: u8, path: Name| {
        let all: Vec<Vec<u8>> =
            (0..100_000).map(|at| member(path(at).as_bytes(), kind, "usr/bin/x", 0, b"")).collect();
        members(&format!("100000-{name}"), Then::Ends, &all);
    };
    many("programs", b'0', |at| format!("usr/bin/p{at}"));
    many("links", b'2', |at| format!("usr/bin/l{at}"));
    many("whiteouts", b'0', |at| format!("usr/bin/.wh.p{at}"));
    many("keys", b'0', |at| format!("k{at}/.ssh/id_rsa"));
    many("git", b'0', |at| format!("g{at}/.git/HEAD"));
    many("packages", b'0', |at| format!("usr/lib/python3/site-packages/p{at}-1.0.dist-info/METADATA"));
    many("dockerfiles", b'0', |at| format!("d{at}/Dockerfile"));
    let set_id: Vec<Vec<u8>> = (0..100_000)
        .map(|at| {
            let mut bytes = header(&format!("s{at}"), 0);
            let mut set = tar::Header::from_byte_slice(&bytes).clone();
            set.set_mode(0o4755);
            set.set_cksum();
            bytes.copy_from_slice(set.as_bytes());
            bytes
        })
        .collect();
    members("100000-set-id", Then::Ends, &set_id);
}

#[test]
fn accounts_that_are_large_or_odd() {
    let row = b"u:x:1:1::/:/bin/sh\n".repeat(50_000);
    let pieces = 100_000_000 / row.len();
    let size = (row.len() * pieces) as u64;
    for name in ["etc/passwd", "etc/group", "etc/shadow"] {
        let stored =
            gzip_of(&header(name, size), &row, pieces, &vec![0; 1024 + (512 - (size % 512) as usize) % 512]);
        layer(&format!("{}-100mb", &name[4..]), Then::Ends, &stored, GZIP, None);
    }
    let odd: [(&str, &[u8]); 6] = [
        ("numbers", b"app:x:99999999999999999999:1:::\nb:x:-1:x:::\n"),
        ("bytes", b"\xff\xfe\0:::\x1b[2J\n:::::::\napp\n"),
        ("line", &[b'a'; 200_000]),
        ("colons", &[b':'; 200_000]),
        ("carriage", b"root:x:0:0:::\r\n\r\r\n"),
        ("none", b""),
    ];
    for (name, text) in odd {
        members(
            &format!("passwd-{name}"),
            Then::Reads,
            &[stored("etc/passwd", text), stored("etc/group", text)],
        );
    }
    let link = |target: &str| member(b"etc/passwd", b'2', target, 0, b"");
    for (at, target) in
        ["/etc/passwd", "../etc/passwd", "passwd", "../../../../etc/shadow", "/proc/self/environ", ""]
            .iter()
            .enumerate()
    {
        members(&format!("passwd-link-{at}"), Then::Reads, &[link(target)]);
        members(&format!("passwd-hardlink-{at}"), Then::Ends, &[member(b"etc/passwd", b'1', target, 0, b"")]);
    }
    members(
        "passwd-twice",
        Then::Reads,
        &[
            stored("etc/passwd", b"a:x:1:1:::\n"),
            stored("etc/passwd", b"b:x:2:2:::\n"),
            member(b"etc/passwd", b'5', "", 0, b""),
        ],
    );
}

#[test]
fn entries_that_no_builder_writes() {
    for (at, name) in
        ["../../etc/passwd", "/etc/passwd", "..", "", "/", "./././etc//passwd", "a/../../../x", "\u{1b}[2J"]
            .iter()
            .enumerate()
    {
        for kind in [b'0', b'1', b'2', b'3', b'5', b'6', b'7', b'x', b'S', b'Z', 0, 0xff] {
            let entry = member(name.as_bytes(), kind, "../../../../etc/passwd", 0, b"");
            members(&format!("entry-{at}-{kind}"), Then::Ends, &[entry, stored("ok", b"x")]);
        }
    }
    let long = |bytes: &[u8]| member(b"././@LongLink", b'L', "", bytes.len() as u64, bytes);
    let deep = "a/".repeat(50_000);
    members("deep", Then::Ends, &[long(deep.as_bytes()), header("x", 0)]);
    members("long-of-long", Then::Ends, &vec![long(b"x"); 10_000]);
    members("long-at-the-end", Then::Ends, &[long(b"x")]);
    let up = "../".repeat(30_000) + "etc/passwd";
    members("up", Then::Ends, &[long(up.as_bytes()), stored("x", b"a:x:1:1:::\n")]);
    let chain: Vec<Vec<u8>> = (0..20_000)
        .map(|at| member(format!("usr/bin/l{at}").as_bytes(), b'2', &format!("l{}", at + 1), 0, b""))
        .collect();
    members("link-chain", Then::Reads, &chain);
    let circle = [
        member(b"bin", b'2', "usr/bin", 0, b""),
        member(b"usr", b'2', "bin", 0, b""),
        member(b"etc", b'2', ".", 0, b""),
        stored("etc/etc/etc/passwd", b"a:x:1:1:::\n"),
    ];
    members("link-circle", Then::Reads, &circle);
    let lying = gzip_of(&header("x", GB), &[0; 512], 10, &[]);
    layer("ends-early", REFUSED, &lying, GZIP, None);
    layer(
        "long-name-1gb",
        REFUSED,
        &gzip_of(&member(b"L", b'L', "", GB, b""), &vec![b'a'; 1 << 20], 1024, &[]),
        GZIP,
        None,
    );
    layer(
        "pax-1gb",
        REFUSED,
        &gzip_of(&member(b"x", b'x', "", GB, b""), &vec![b'a'; 1 << 20], 1024, &[]),
        GZIP,
        None,
    );
}

#[test]
fn layers_that_are_nothing() {
    layer("zero-bytes", Then::Ends, b"", PLAIN, Some(b""));
    layer("zero-bytes-gzip", Then::Ends, b"", GZIP, Some(b""));
    layer("empty-gzip", Then::Ends, &gzip(b""), GZIP, Some(b""));
    layer("empty-tar", Then::Reads, &gzip(&[0; 1024]), GZIP, Some(&[0; 1024]));
    layer("no-tar", Then::Ends, &gzip(b"hello"), GZIP, Some(b"hello"));
    layer("zeros", Then::Ends, &gzip(&[0; 100_000]), GZIP, Some(&[0; 100_000]));
    let tar = [stored("etc/passwd", b"a:x:1:1:::\n"), vec![0; 1024]].concat();
    layer("plain-as-gzip", Then::Ends, &tar, GZIP, Some(&tar));
    layer("gzip-as-plain", Then::Ends, &gzip(&tar), PLAIN, Some(&tar));
    layer("garbage-type", Then::Ends, &gzip(&tar), "x/y", Some(&tar));
    let packed = gzip(&tar);
    layer("gzip-ends-early", REFUSED, &packed[..packed.len() - 6], GZIP, Some(&tar));
    let mut wrong = packed.clone();
    let at = wrong.len() - 5;
    wrong[at] ^= 1;
    layer("gzip-sum", REFUSED, &wrong, GZIP, Some(&tar));
    layer("gzip-and-more", Then::Ends, &[&packed[..], b"more"].concat(), GZIP, Some(&tar));
}

#[test]
fn a_device_is_not_read_as_a_layer() {
    image("dir-device", REFUSED, |folder: &Path| {
        let bad = folder.join("bad");
        fs::create_dir(&bad).unwrap();
        let members = crate::hostile_images::healthy().dir();
        for (path, bytes) in &members[..members.len() - 1] {
            write(&bad.join(path), bytes);
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/dev/zero", bad.join(&members[members.len() - 1].0)).unwrap();
        fs::File::create(bad.join("note")).unwrap().write_all(b"x").unwrap();
        "dir:bad".to_owned()
    });
}
