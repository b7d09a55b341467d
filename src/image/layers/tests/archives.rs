//! Archives made byte by byte: hostile ones, odd ones, bombs.

use std::io::Read;
use std::time::Instant;

use super::{blob, file, gzip, message, read, read_layer, tar};

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
fn layers_of_one_image_share_what_is_beyond_the_plausible() {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::copy(&mut Read::take(std::io::repeat(0), 20 << 20), &mut out).unwrap();
    let zeros = out.finish().unwrap();
    let mut spare = 50 << 20;
    for is_fine in [true, true, false] {
        let read = read_layer(&zeros[..], &blob(&zeros), None, &[], &mut spare);
        assert_eq!(read.is_ok(), is_fine, "{spare} left");
    }
    let plain = vec![0; 1 << 20];
    assert!(
        read_layer(&plain[..], &blob(&plain), None, &[], &mut 0).is_ok(),
        "what is not packed takes nothing"
    );
}
