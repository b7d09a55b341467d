//! Numbers of users and groups, translated into a container's user namespace (user_namespaces(7)).

/// One line of `uid_map` or `gid_map`: numbers from `outside` on are those from `inside` on.
#[derive(Debug, Clone, Copy)]
struct Range {
    inside: u32,
    outside: u32,
    count: u32,
}

/// The table of a process.
#[derive(Debug)]
pub(super) struct IdMap(Vec<Range>);

impl IdMap {
    /// The table of a text. The kernel takes 340 lines.
    pub(super) fn of(text: &str) -> Self {
        let range = |line: &str| {
            let mut numbers = line.split_ascii_whitespace().map(|number| number.parse().ok());
            Some(Range { inside: numbers.next()??, outside: numbers.next()??, count: numbers.next()?? })
        };
        Self(text.lines().take(340).filter_map(range).collect())
    }

    /// The number inside; what the table does not have stays as it is.
    pub(super) fn inside(&self, number: u32) -> u32 {
        let has = |range: &&Range| number.checked_sub(range.outside).is_some_and(|above| above < range.count);
        let range = self.0.iter().find(has);
        range.map_or(number, |range| range.inside.saturating_add(number - range.outside))
    }
}

#[cfg(test)]
mod tests {
    use super::IdMap;

    #[test]
    fn numbers_are_translated() {
        let rootless = "         0       1000          1\n         1     100000      65536\n";
        for (text, outside, inside) in [
            ("         0          0 4294967295\n", 10001, 10001),
            ("         0     100000      65536\n", 110_001, 10001),
            ("         0     100000      65536\n", 100_000, 0),
            ("         0     100000      65536\n", 5, 5),
            (rootless, 1000, 0),
            (rootless, 110_000, 10001),
            ("", 7, 7),
            ("x y z\n1 2\n", 7, 7),
            ("4294967295 0 4294967295\n", 9, u32::MAX),
        ] {
            assert_eq!(IdMap::of(text).inside(outside), inside, "{text}");
        }
    }
}
