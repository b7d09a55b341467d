use std::sync::Arc;

use super::*;
use crate::image::fixture::{Entry as File, Kind, file, folder, gzip, program, sha256, symlink, tar};
use crate::model::{FileKind, ImageFiles, Interest};

mod archives;

type Layers = Vec<Vec<File>>;

fn blob(bytes: &[u8]) -> LayerBlob {
    LayerBlob {
        address: sha256(bytes).into(),
        size: bytes.len() as u64,
        media_type: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".into(),
    }
}

fn read(bytes: &[u8], wanted: &[SmolStr]) -> Result<LayerFacts, ImageError> {
    read_layer(bytes, &blob(bytes), None, wanted, &mut SPARE.clone())
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
        let facts = read_layer(&bytes[..], &blob(&bytes), Some(&diff_id), &[], &mut SPARE.clone()).unwrap();
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
    let error =
        |blob: &LayerBlob, diff_id| message(read_layer(&packed[..], blob, diff_id, &[], &mut SPARE.clone()));
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

#[test]
fn what_is_of_interest_is_kept() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc";
    let table: [(File, &str); 51] = [
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
        (file("/home/me/.ssh/deploy_key", key), "Secret"),
        (file("/home/me/.ssh/known_hosts", "git.example.org ssh-ed25519 AAAA"), ""),
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
        (file("/app/.env", "DATABASE_URL=postgresql://me:h7Gd92kd@db/x\n"), "Secret"),
        (file("/app/.env", "DATABASE_URL=postgresql://me:$PASSWORD@db/x\n"), ""),
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
        (file("/app/docs/Dockerfile.md", "# How it is built"), ""),
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
    let table: [(&str, Layers, &[&str]); 14] = [
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
    // What links lead to counts like their own paths.
    let target = format!("/usr/{}", "x".repeat(90));
    let links: Vec<File> = (0..48_000).map(|n| symlink(&format!("/usr/bin/{n:080}"), &target)).collect();
    let files = image(&[links]);
    assert!(files.files.len() < 48_000 && files.truncated.is_some(), "{}", files.files.len());
}
