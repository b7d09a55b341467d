use super::zstd::window;
use super::*;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The error that says that a stream is a bomb.
fn too_much(error: &io::Error) -> Option<TooMuch> {
    error.get_ref().and_then(|inner| inner.downcast_ref()).copied()
}

fn unpack(stored: &[u8], bounds: Bounds) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    Unpacked::new(stored, bounds)?.read_to_end(&mut out)?;
    Ok(out)
}

#[test]
fn any_packing_of_any_number_of_parts_is_unpacked() {
    let text: Vec<u8> = (0..300_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let twice = text.repeat(2);
    let table: [(&str, Vec<u8>, Packing, &[u8]); 8] = [
        ("plain", text.clone(), Packing::Plain, &text),
        ("empty", Vec::new(), Packing::Plain, b""),
        ("short", b"\x28".to_vec(), Packing::Plain, b"\x28"),
        ("gzip", gzip(&text), Packing::Gzip, &text),
        ("gzip twice", [gzip(&text), gzip(&text)].concat(), Packing::Gzip, &twice),
        ("zstd", zstd(&text), Packing::Zstd, &text),
        ("zstd twice", [zstd(&text), skippable.clone(), zstd(&text)].concat(), Packing::Zstd, &twice),
        ("zstd skippable first", [skippable, zstd(&text)].concat(), Packing::Zstd, &text),
    ];
    for (name, stored, packing, unpacked) in table {
        assert_eq!(Unpacked::new(&stored[..], Bounds::USUAL).unwrap().packing(), packing, "{name}");
        assert!(unpack(&stored, Bounds::USUAL).unwrap() == unpacked, "{name}");
    }
}

#[test]
fn what_is_cut_off_or_damaged_is_an_error() {
    let text = b"some text that is long enough to be cut".repeat(50);
    for whole in [gzip(&text), zstd(&text)] {
        for cut in [5, 10, whole.len() / 2, whole.len() - 1] {
            assert!(unpack(&whole[..cut], Bounds::USUAL).is_err(), "{cut} of {}", whole.len());
        }
        let mut behind = whole.clone();
        behind.extend(b"garbage behind it");
        assert!(unpack(&behind, Bounds::USUAL).is_err());
    }
    let skippable = [0x5f, 0x2a, 0x4d, 0x18, 255, 255, 255, 255, 0];
    assert_eq!(unpack(&skippable, Bounds::USUAL).unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn bombs_stop_early() {
    let bomb = gzip(&vec![0; 4 << 20]);
    let bounds = Bounds { free: 1 << 20, ratio: 20, ..Bounds::USUAL };
    let Err(error) = unpack(&bomb, bounds) else { panic!("a bomb is unpacked") };
    let found = too_much(&error).unwrap();
    assert!(found.unpacked <= (1 << 20) + STEP as u64, "{found:?}");
    assert!(error.to_string().starts_with("it unpacks to more than 1"), "{error}");
    // The same bytes within a wider ratio, and with less to spare.
    assert_eq!(unpack(&bomb, Bounds { ratio: 2000, ..bounds }).unwrap().len(), 4 << 20);
    let capped = Bounds { spare: 3 << 20, free: u64::MAX, ratio: u64::MAX };
    assert!(unpack(&bomb, capped).is_err_and(|error| too_much(&error).is_some()));
    assert_eq!(unpack(&gzip(&vec![0; 2 << 20]), capped).unwrap().len(), 2 << 20);
    assert_eq!(unpack(&[b'a'; 4 << 20], capped).unwrap().len(), 4 << 20, "what is not packed");
    assert!(too_much(&io::Error::other("else")).is_none());
}

#[test]
fn windows_beyond_the_cap_are_refused_before_they_are_allocated() {
    let frame = |descriptor: u8, rest: &[u8]| [&[0x28, 0xb5, 0x2f, 0xfd, descriptor][..], rest].concat();
    // A window descriptor of 2^41 bytes; a single segment of 4 GiB.
    for hostile in [frame(0, &[31 << 3, 0]), frame(0xe0, &[0, 0, 0, 0, 1, 0, 0, 0, 0])] {
        let error = unpack(&hostile, Bounds::USUAL).unwrap_err();
        assert_eq!(error.to_string(), "its Zstandard window is larger than 32 MiB");
    }
    assert_eq!(window(&frame(0, &[13 << 3])).unwrap(), 8 << 20);
    assert_eq!(window(&frame(0x60, &[0, 1])).unwrap(), 512);
    assert!(window(&frame(0x60, &[0])).is_err());
}

#[test]
fn errors_are_phrases() {
    assert_eq!(phrase(&io::Error::from(ErrorKind::UnexpectedEof)), "it ends too early");
    assert_eq!(phrase(&io::Error::from_raw_os_error(2)), "No such file or directory");
    assert_eq!(phrase(&io::Error::other("its checksum is wrong")), "its checksum is wrong");
}
