//! Amounts of bytes for people.

/// Bytes with a unit of 1024: `812 B`, `1.5 KiB`, `312.4 MiB`, `5.0 GiB`. Cut, never rounded up, so that what is said to be
/// too large does not look like the limit above it.
#[must_use]
pub(in crate::rules) fn size_text(bytes: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match UNITS.iter().find(|(_, shift)| bytes >> shift > 0) {
        Some((unit, shift)) => {
            let tenths = (u128::from(bytes) * 10) >> shift;
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::size_text;

    #[test]
    fn sizes_have_a_unit_and_a_tenth() {
        for (bytes, wanted) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            ((200 << 20) + 1, "200.0 MiB"),
            (312 * (1 << 20) + 450_000, "312.4 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size_text(bytes), wanted);
        }
    }
}
