use std::sync::Arc;
use std::time::Instant;

use super::*;
use crate::image::fixture::{Entry as File, Kind, file, folder, gzip, program, sha256, symlink, tar};
use crate::model::{FileKind, ImageFiles, Interest};

fn blob(bytes: &[u8]) -> LayerBlob {
    LayerBlob {
        address: sha256(bytes).into(),
        size: bytes.len() as u64,
        media_type: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".into(),
    }
}

fn read(bytes: &[u8], wanted: &[SmolStr]) -> Result<LayerFacts, ImageError> {
    read_layer(bytes, &blob(bytes), None, wanted)
}

fn message(result: Result<LayerFacts, ImageError>) -> String {
    result.err().map(|error| error.message).unwrap_or_default()
}

fn image(layers: &[Vec<File>]) -> ImageFiles {
    let wanted = [SmolStr::new("/opt/app/init"), "/usr/local/cuda/version.json".into()];
    let facts: Vec<Arc<LayerFacts>> =
        layers.iter().map(|layer| Arc::new(read(&tar(layer), &wanted).unwrap())).collect();
    merge(&facts)
}

fn hardlink(path: &str, target: &str) -> File {
    File { path: path.into(), kind: Kind::Hardlink(target.into()), mode: 0o644, uid: 0 }
}

fn of(path: &str, size: usize) -> File {
    File { path: path.into(), kind: Kind::File(vec![b'x'; size]), mode: 0o644, uid: 0 }
}

/// `path interest layer size/count` of what is seen, and the same with `-` of what is hidden.
fn told(files: &ImageFiles) -> Vec<String> {
    let line = |mark: &str, file: &crate::model::ImageFile| {
        format!("{mark}{} {:?} {} {}/{}", file.path, file.interest, file.layer, file.size, file.count)
    };
    let seen = files.files.values().map(|file| line("", file));
    seen.chain(files.hidden.iter().map(|file| line("-", file))).collect()
}

#[test]
fn layers_are_read_in_any_packing_and_verified() {
    let plain = tar(&[program("/bin/sh", 0o755)]);
    let diff_id = sha256(&plain);
    let zstd =
        |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    let (first, second) = plain.split_at(700);
    let behind = [plain.as_slice(), &[0; 9000]].concat();
    let table = [
        ("plain", plain.clone(), diff_id.clone()),
        ("gzip", gzip(&plain), diff_id.clone()),
        ("gzip of two members", [gzip(first), gzip(second)].concat(), diff_id.clone()),
        ("zstd", zstd(&plain), diff_id.clone()),
        ("zstd of two frames", [zstd(first), zstd(second)].concat(), diff_id.clone()),
        ("with more padding", gzip(&behind), sha256(&behind)),
        ("without an end", plain[..1024].to_vec(), sha256(&plain[..1024])),
    ];
    for (name, bytes, diff_id) in table {
        let facts = read_layer(&bytes[..], &blob(&bytes), Some(&diff_id), &[]).unwrap();
        assert_eq!(facts.kept[0].path, "/bin/sh", "{name}");
    }
    assert!(read(&[0; 1024], &[]).unwrap().kept.is_empty());
    assert!(read(&[], &[]).unwrap().kept.is_empty());
}

#[test]
fn what_is_not_what_its_digests_say_is_an_error() {
    let plain = tar(&[file("/a", "a")]);
    let packed = gzip(&plain);
    let right = blob(&packed);
    let error = |blob: &LayerBlob, diff_id| message(read_layer(&packed[..], blob, diff_id, &[]));
    let other = sha256(b"other");
    let address = SmolStr::new(&other);
    assert_eq!(
        error(&LayerBlob { address, ..right.clone() }, None),
        format!("layer {other}: its bytes have the digest {}", right.address)
    );
    assert_eq!(
        error(&right, Some(&other)),
        format!(
            "layer {}: its unpacked bytes have the digest {}, not the diff_id {other}",
            right.address,
            sha256(&plain)
        )
    );
    let longer = LayerBlob { size: right.size + 1, ..right.clone() };
    assert!(error(&longer, None).ends_with(&format!(
        "it is {} bytes, and its size says {}",
        right.size,
        right.size + 1
    )));
    let shorter = LayerBlob { size: right.size - 1, ..right.clone() };
    assert!(error(&shorter, None).contains("longer than the"), "{}", error(&shorter, None));
    // The name of a member of an archive is no digest.
    let named = LayerBlob { address: "abc/layer.tar".into(), ..right };
    assert_eq!(error(&named, None), "");
}

/// A header of any type, size and name, with a right checksum.
fn header(kind: u8, name: &str, size: &[u8; 12]) -> Vec<u8> {
    let mut header = ::tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().size = *size;
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn octal(size: u64) -> [u8; 12] {
    let mut field = [0; 12];
    field[..11].copy_from_slice(format!("{size:011o}").as_bytes());
    field
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out.resize(bytes.len().next_multiple_of(512), 0);
    out
}

#[test]
fn hostile_archives_are_errors() {
    let negative = [0xff; 12];
    let mut huge = [0xff; 12];
    huge[0] = 0x80;
    let long = |size| header(b'L', "././@LongLink", &octal(size));
    let pax = |text: &str| [header(b'x', "pax", &octal(text.len() as u64)), padded(text.as_bytes())].concat();
    let path = "a/".repeat(2100);
    let sound = tar(&[file("/a", "text")]);
    let table = [
        ("no archive", vec![b'x'; 2000], "no tar archive: header 1 has a wrong checksum"),
        ("a short one", b"text".to_vec(), "ends in the middle"),
        ("a cut header", sound[..300].to_vec(), "ends in the middle"),
        ("a cut content", sound[..514].to_vec(), "ends in the middle"),
        ("a negative size", header(b'0', "a", &negative), "is no number"),
        ("a size beyond 63 bits", header(b'0', "a", &huge), "is no number"),
        ("a size of letters", header(b'0', "a", b"abcdefghijk\0"), "is no number"),
        ("a long name of 1 GiB", long(1 << 30), "extended header is 1073741824 bytes"),
        ("pax records of 1 GiB", header(b'x', "pax", &octal(1 << 30)), "extended header is 1073741824 bytes"),
        (
            "a long path",
            [long(path.len() as u64), padded(path.as_bytes()), header(b'0', "a", &octal(0))].concat(),
            "path of 4200 bytes",
        ),
        ("a pax size beyond 64 bits", pax("33 size=99999999999999999999999\n"), "pax records are damaged"),
        (
            "a pax size that overflows",
            [pax("29 size=18446744073709551615\n"), header(b'0', "a", &octal(0))].concat(),
            "is 18446744073709551615 bytes",
        ),
        ("a pax length beyond", pax("99999 path=a\n"), "pax records are damaged"),
        ("a pax length of nothing", pax("0 path=a\n"), "pax records are damaged"),
        ("garbage behind gzip", [gzip(&sound), b"garbage".to_vec()].concat(), "layer sha256:"),
        ("cut gzip", gzip(&sound)[..40].to_vec(), "layer sha256:"),
    ];
    for (name, bytes, error) in table {
        let said = message(read(&bytes, &[]));
        assert!(said.contains(error) && said.starts_with("layer sha256:"), "{name}: {said}");
    }
}

#[test]
fn odd_archives_are_read_as_runtimes_do() {
    let pax = |text: &str| [header(b'x', "pax", &octal(text.len() as u64)), padded(text.as_bytes())].concat();
    let end = || header(b'0', "bin/end", &octal(0));
    let long = "bin/".to_owned() + &"n".repeat(300);
    let longname =
        [header(b'L', "././@LongLink", &octal(long.len() as u64)), padded(long.as_bytes())].concat();
    let mut sparse = header(b'S', "bin/sparse", &octal(512));
    sparse[257..265].copy_from_slice(b"ustar  \0");
    sparse[482] = 1;
    let mut sparse = ::tar::Header::from_byte_slice(&sparse).clone();
    sparse.set_cksum();
    let mut more = [0; 1024];
    more[504] = 1;
    let sparse = [sparse.as_bytes().as_slice(), &more, &[b'x'; 512]].concat();
    let table: [(&str, Vec<u8>, &str); 10] = [
        ("dots", header(b'0', "../../bin/./x", &octal(0)), "/bin/x"),
        ("an absolute path", header(b'0', "//bin//x", &octal(0)), "/bin/x"),
        ("a long name", [longname, header(b'0', "short", &octal(0))].concat(), &format!("/{long}")),
        ("a pax path", [pax("14 path=bin/x\n"), header(b'0', "other", &octal(0))].concat(), "/bin/x"),
        (
            "a pax size",
            [pax("10 size=4\n"), header(b'0', "bin/x", &octal(0)), padded(b"text")].concat(),
            "/bin/x",
        ),
        ("a sparse file", sparse, "/bin/sparse"),
        (
            "a made-up path of a sparse file",
            [pax("25 GNU.sparse.name=bin/x\n30 path=GNUSparseFile.0/bin/x\n"), header(b'0', "o", &octal(0))]
                .concat(),
            "/bin/x",
        ),
        ("a link with a size", header(b'2', "bin/x", &octal(512)), "/bin/x"),
        (
            "a volume label",
            [header(b'V', "bin/v", &octal(0)), header(b'0', "bin/x", &octal(0))].concat(),
            "/bin/x",
        ),
        ("one block of zeros", [vec![0; 512], header(b'0', "bin/x", &octal(0))].concat(), "/bin/x"),
    ];
    for (name, bytes, path) in table {
        let facts =
            read(&[bytes, end(), vec![0; 1024], b"garbage".to_vec()].concat(), &[]).map_err(|e| e.message);
        let paths: Vec<_> = facts.unwrap().kept.into_iter().map(|kept| kept.path).collect();
        assert_eq!(paths, [path, "/bin/end"], "{name}");
    }
    // Names that are no UTF-8 are shown as well as they can be.
    let mut odd = ::tar::Header::from_byte_slice(&header(b'0', "bin/x", &octal(0))).clone();
    odd.as_old_mut().name[4] = 0xff;
    odd.set_cksum();
    assert_eq!(read(odd.as_bytes(), &[]).unwrap().kept[0].path, "/bin/\u{fffd}");
}

#[test]
fn bombs_end_early_and_ordinary_zeros_do_not() {
    let zeros = |size: u64| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        let content = Read::take(std::io::repeat(0), size.next_multiple_of(512) + 1024);
        std::io::copy(&mut (&header(b'0', "var/log/lastlog", &octal(size))[..]).chain(content), &mut out)
            .unwrap();
        out.finish().unwrap()
    };
    let lastlog = zeros(100 << 20);
    assert_eq!(read(&lastlog, &[]).unwrap().unpacked, (100 << 20) + 1536);
    let bomb = zeros(400 << 20);
    let start = Instant::now();
    let said = message(read(&bomb, &[]));
    assert!(said.contains("it unpacks to more than"), "{said}");
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn what_is_of_interest_is_kept() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc";
    let table: [(File, &str); 46] = [
        (program("/usr/bin/curl", 0o755), "Program"),
        (program("/usr/local/bin/deep/x", 0o644), "Program"),
        (symlink("/lib", "usr/lib"), "Program"),
        (symlink("/srv/a/b/c", "x"), ""),
        (symlink("/usr/local/cuda", "cuda-12.1"), "Program"),
        (program("/srv/app", 0o755), ""),
        (program("/opt/app/init", 0o755), "Wanted"),
        (program("/usr/lib/dbus/helper", 0o4754), "SetId"),
        (program("/usr/bin/wall", 0o2755), "SetId"),
        (file("/var/lib/apt/lists/deb_main", "x"), "PackageCache"),
        (file("/var/lib/apt/lists/lock", ""), ""),
        (folder("/var/lib/apt/lists/partial"), ""),
        (file("/home/me/.cache/pip/http/a", "x"), "PackageCache"),
        (file("/root/.cache/huggingface/model", "x"), ""),
        (file("/app/.git/HEAD", "x"), "VersionControl"),
        (file("/app/.git", "gitdir: x"), ""),
        (file("/root/.ssh/id_rsa", key), "Secret"),
        (file("/root/.ssh/id_rsa.pub", "ssh-rsa AAAA"), ""),
        (file("/etc/ssl/own.pem", key), "Secret"),
        (file("/etc/ssl/certs/ca.pem", "-----BEGIN CERTIFICATE-----"), ""),
        (file("/usr/lib/python3.11/test/keycert.pem", key), ""),
        (file("/venv/lib/python3.11/site-packages/tornado/test/test.key", key), ""),
        (file("/app/node_modules/x/test/a.key", key), ""),
        (file("/app/tests/a.key", key), "Secret"),
        (file("/root/.npmrc", "//registry.example.org/:_authToken=npm_abcdef\n"), "Secret"),
        (file("/root/.npmrc", "//registry.example.org/:_authToken=${NPM_TOKEN}\n"), ""),
        (file("/app/.npmrc", "save-exact=true\n"), ""),
        (file("/root/.netrc", "machine x login me password tr0ub4dor"), "Secret"),
        (file("/root/.pypirc", "[pypi]\nusername = __token__\npassword = pypi-AgEI\n"), "Secret"),
        (file("/root/.aws/credentials", "[default]\naws_secret_access_key = wJalrXUtnFEMI\n"), "Secret"),
        (file("/root/.aws/config", "[default]\nregion = x\n"), ""),
        (file("/root/.docker/config.json", r#"{"auths":{"r.example.org":{"auth":"dTpwYXNz"}}}"#), "Secret"),
        (file("/root/.docker/config.json", r#"{"auths":{"r.example.org":{}},"credsStore":"x"}"#), ""),
        (file("/root/.kube/config", "apiVersion: v1\nusers:\n- user:\n    token: eyJhbGciOi\n"), "Secret"),
        (file("/app/.env", "DEBUG=1\nexport DB_PASSWORD='h7Gd92kd'\n"), "Secret"),
        (
            file("/app/.env", "DEBUG=1\nDB_PASSWORD=changeme\nTOKEN_FILE=/run/secrets/t\nMAX_TOKENS=40960\n"),
            "",
        ),
        (file("/app/.env.example", "DB_PASSWORD=h7Gd92kd\n"), ""),
        (file("/root/.git-credentials", "https://me:h7Gd92kd@git.example.org\n"), "Secret"),
        (
            file(
                "/app/sa.json",
                r#"{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nabc"}"#,
            ),
            "Secret",
        ),
        (file("/app/package.json", r#"{"name": "x"}"#), ""),
        (file("/app/Dockerfile", "FROM x"), "BuildFile"),
        (file("/app/docker-compose.prod.yml", "x"), "BuildFile"),
        (file("/usr/lib/python3/dist-packages/x/Dockerfile", "FROM x"), ""),
        (file("/app/templates/Dockerfile.j2", "FROM x"), ""),
        (file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n"), "Account"),
        (file("/etc/pam.d/passwd", "auth x"), ""),
    ];
    for (entry, interest) in table {
        let files = image(&[vec![entry.clone()]]);
        let found =
            files.files.values().map(|file| format!("{:?}", file.interest)).collect::<Vec<_>>().join(" ");
        assert_eq!(found, interest, "{entry:?}");
    }
}

#[test]
fn layers_hide_what_lies_below_them() {
    let git = |path: &str| of(&format!("/app/.git/{path}"), 10);
    let setuid = || program("/usr/bin/su", 0o4755);
    let secret = || file("/root/.netrc", "machine x login me password tr0ub4dor");
    let table: [(&str, Vec<Vec<File>>, &[&str]); 14] = [
        (
            "a whiteout",
            vec![vec![setuid()], vec![file("/usr/bin/.wh.su", "")]],
            &["-/usr/bin/su SetId 0 4/1"],
        ),
        ("of a folder", vec![vec![secret()], vec![file("/.wh.root", "")]], &["-/root/.netrc Secret 0 37/1"]),
        (
            "opaque",
            vec![vec![secret()], vec![file("/root/.wh..wh..opq", ""), secret()]],
            &["/root/.netrc Secret 1 37/1", "-/root/.netrc Secret 0 37/1"],
        ),
        (
            "opaque root",
            vec![vec![secret()], vec![file("/.wh..wh..opq", "")]],
            &["-/root/.netrc Secret 0 37/1"],
        ),
        (
            "opaque elsewhere",
            vec![vec![secret()], vec![file("/roo/.wh..wh..opq", "")]],
            &["/root/.netrc Secret 0 37/1"],
        ),
        (
            "its own file wins",
            vec![vec![secret(), file("/root/.wh..netrc", "")]],
            &["/root/.netrc Secret 0 37/1"],
        ),
        (
            "aufs",
            vec![vec![secret()], vec![file("/.wh..wh.plnk", ""), file("/.wh..wh.aufs", "")]],
            &["/root/.netrc Secret 0 37/1"],
        ),
        (
            "a bit cleared",
            vec![vec![setuid()], vec![program("/usr/bin/su", 0o755)]],
            &["/usr/bin/su Program 1 4/1", "-/usr/bin/su SetId 0 4/1"],
        ),
        (
            "a bit cleared elsewhere",
            vec![vec![program("/x/y", 0o4755)], vec![program("/x/y", 0o755)]],
            &["-/x/y SetId 0 4/1"],
        ),
        (
            "a file over a folder",
            vec![vec![secret()], vec![file("/root", "")]],
            &["-/root/.netrc Secret 0 37/1"],
        ),
        (
            "a folder over a file",
            vec![vec![secret()], vec![folder("/root/.netrc")]],
            &["-/root/.netrc Secret 0 37/1"],
        ),
        (
            "a folder over its folder",
            vec![vec![secret()], vec![folder("/root")]],
            &["/root/.netrc Secret 0 37/1"],
        ),
        (
            "parts of a folder",
            vec![vec![git("a"), git("b/c"), git("b/d")], vec![file("/app/.git/.wh.b", ""), git("e")]],
            &["/app/.git VersionControl 1 20/2", "-/app/.git VersionControl 0 20/2"],
        ),
        (
            "a hard link",
            vec![vec![setuid(), hardlink("/x/y/su", "/usr/bin/su"), hardlink("/x/y/z", "/usr/bin/other")]],
            &["/usr/bin/su SetId 0 4/1", "/x/y/su SetId 0 0/1"],
        ),
    ];
    for (name, layers, told_) in table {
        assert_eq!(told(&image(&layers)), told_, "{name}");
    }
}

#[test]
fn accounts_are_those_of_the_final_files() {
    let passwd =
        "root:x:0:0:root:/root:/bin/sh\n+nis\n# note\nbroken:x:one:1\nweb::10001:10002::/:/bin/sh\nshort:x\n";
    let shadow = "root:*:19000:0:99999:7:::\nweb::19000:0:99999:7:::\n";
    let at = |folder: &str| {
        vec![
            file(&format!("{folder}/passwd"), passwd),
            file(&format!("{folder}/group"), "root:x:0:\nweb:x:10002:\n"),
            file(&format!("{folder}/shadow"), shadow),
        ]
    };
    let moved = [at("/usr/etc"), vec![symlink("/etc", "usr/etc")]].concat();
    let store = [
        at("/nix/store/abc/etc"),
        vec![
            symlink("/etc/passwd", "/nix/store/abc/etc/passwd"),
            symlink("/etc/group", "../nix/store/abc/etc/group"),
            symlink("/etc/shadow", "../../nix/store/abc/etc/shadow"),
        ],
    ]
    .concat();
    for layers in [
        vec![at("/etc")],
        vec![vec![file("/etc/passwd", "old:x:1:1::/:\n")], at("/etc")],
        vec![moved],
        vec![store],
    ] {
        let files = image(&layers);
        let users: Vec<_> = files
            .users
            .unwrap()
            .into_iter()
            .map(|row| (row.name, row.uid, row.gid, row.empty_password))
            .collect();
        assert_eq!(users, [("root".into(), 0, 0, false), (SmolStr::new("web"), 10001, 10002, true)]);
        let groups: Vec<_> = files.groups.unwrap().into_iter().map(|row| (row.name, row.gid)).collect();
        assert_eq!(groups, [("root".into(), 0), (SmolStr::new("web"), 10002)]);
        assert_eq!(files.empty_passwords, ["web"]);
    }
    let gone = image(&[at("/etc"), vec![file("/.wh.etc", "")]]);
    assert_eq!((gone.users, gone.groups, gone.empty_passwords.len()), (None, None, 0));
    let empty = image(&[vec![file("/etc/passwd", "")]]);
    assert_eq!(empty.users, Some(Vec::new()));
}

#[test]
fn python_packages_are_told_by_their_folders() {
    let metadata = |folder: &str| file(&format!("{folder}/METADATA"), "Metadata-Version: 2.1\n");
    let site = "/usr/local/lib/python3.11/site-packages";
    let files = image(&[
        vec![
            metadata(&format!("{site}/torch-2.2.2+cu121.dist-info")),
            metadata(&format!("{site}/old_Name.x-1.0.dist-info")),
            metadata(&format!("{site}/setuptools/_vendor/jaraco-1.0.dist-info")),
            metadata("/opt/venv/lib/python3.12/site-packages/Flask-3.0.0.dist-info"),
        ],
        vec![
            file(&format!("{site}/.wh.old_Name.x-1.0.dist-info"), ""),
            metadata(&format!("{site}/old_name_x-2.0.dist-info")),
        ],
    ]);
    let found: Vec<_> =
        files.python_packages.iter().map(|p| format!("{} {} {}", p.name, p.version, p.layer)).collect();
    assert_eq!(found, ["flask 3.0.0 0", "old-name-x 2.0 1", "torch 2.2.2+cu121 0"]);
}

#[test]
fn a_program_that_is_a_link_to_elsewhere_is_there() {
    let layers = vec![
        vec![
            program("/usr/local/lib/node_modules/npm/bin/npm-cli.js", 0o755),
            symlink("/usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js"),
            symlink("/usr/bin/dangling", "/nowhere/x"),
        ],
        vec![],
    ];
    let files = image(&layers);
    assert_eq!(
        files.program("npm").map(|file| file.path.as_str()),
        Some("/usr/local/lib/node_modules/npm/bin/npm-cli.js")
    );
    assert!(files.program("dangling").is_none());
    let gone = [layers, vec![vec![file("/usr/local/lib/.wh.node_modules", "")]]].concat();
    assert!(image(&gone).program("npm").is_none());
}

#[test]
fn caps_are_told() {
    let many: Vec<File> = (0..50_010).map(|n| file(&format!("/usr/bin/p{n}"), "")).collect();
    let files = image(&[many]);
    assert_eq!(files.files.len(), 50_000);
    assert_eq!(files.truncated.as_deref(), Some("a layer has more entries of interest than are kept"));
    assert_eq!(files.resolve("/usr/bin/p1").map(|file| file.kind.clone()), Some(FileKind::Regular));
    assert!(files.files.values().all(|file| file.interest == Interest::Program));
}
