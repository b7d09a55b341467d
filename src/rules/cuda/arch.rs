//! Lists of CUDA architectures in their spellings: text in, a comparable set out.

use std::collections::BTreeSet;

/// Names that PyTorch's extension builder knows, with what they stand for (torch.utils.cpp_extension).
const NAMED: &[(&str, &[&str])] = &[
    ("Kepler", &["3.5"]),
    ("Kepler+Tesla", &["3.7"]),
    ("Maxwell", &["5.0", "5.2"]),
    ("Maxwell+Tegra", &["5.3"]),
    ("Pascal", &["6.0", "6.1"]),
    ("Volta", &["7.0"]),
    ("Volta+Tegra", &["7.2"]),
    ("Turing", &["7.5"]),
    ("Ampere", &["8.0", "8.6"]),
    ("Ampere+Tegra", &["8.7"]),
    ("Ada", &["8.9"]),
    ("Hopper", &["9.0"]),
];

/// Who reads a list, which decides what spelling is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// `8.6;8.9` or `8.6 8.9`, with the dot, `+PTX` allowed.
    PyTorch,
    /// `86;89`, without the dot, `-real` and `-virtual` allowed.
    CMake,
}

/// A list understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Architectures {
    /// `8.6`, `8.9`.
    pub(super) set: BTreeSet<String>,
    /// Items in a spelling that the reader does not take, with the right one.
    pub(super) misspelt: Option<(String, String)>,
    /// An item that means nothing known (`native`, `all`).
    pub(super) odd: Option<String>,
}

/// Reads a list.
pub(super) fn parse(text: &str, reader: Reader) -> Architectures {
    let mut found = Architectures::default();
    let separators: &[char] = &[';', ' ', ',', '\t'];
    for item in text.split(separators).filter(|item| !item.is_empty()) {
        match NAMED.iter().find(|(name, _)| reader == Reader::PyTorch && *name == item) {
            Some((_, stands_for)) => found.set.extend(stands_for.iter().map(|arch| (*arch).to_owned())),
            None => one(item, reader, &mut found),
        }
    }
    if text.contains(',') && reader == Reader::PyTorch && found.misspelt.is_none() {
        found.misspelt = Some((text.to_owned(), text.replace(", ", ",").replace(',', ";")));
    }
    found
}

fn one(item: &str, reader: Reader, found: &mut Architectures) {
    let bare = ["+PTX", "+ptx", "-real", "-virtual"]
        .iter()
        .fold(item, |item, end| item.strip_suffix(end).unwrap_or(item));
    let bare = bare.strip_prefix("sm_").or_else(|| bare.strip_prefix("compute_")).unwrap_or(bare);
    // `90a` and `10.0f` are the same chips with further instructions.
    let number = bare.trim_end_matches(['a', 'f']);
    let Some((major, minor)) = parts(number) else {
        found.odd.get_or_insert_with(|| item.to_owned());
        return;
    };
    let arch = format!("{major}.{minor}");
    let right = match reader {
        Reader::PyTorch => bare.contains('.') && !item.starts_with("sm_") && !item.starts_with("compute_"),
        Reader::CMake => {
            !bare.contains('.') && bare == item.trim_end_matches("-real").trim_end_matches("-virtual")
        }
    };
    if !right && found.misspelt.is_none() {
        let better = if reader == Reader::PyTorch { arch.clone() } else { format!("{major}{minor}") };
        found.misspelt = Some((item.to_owned(), better));
    }
    found.set.insert(arch);
}

/// `8.9`, `89`, `100`: the last digit is the minor version.
fn parts(number: &str) -> Option<(&str, &str)> {
    let (major, minor) = match number.split_once('.') {
        Some(parts) => parts,
        None if number.len() >= 2 && number.is_ascii() => number.split_at(number.len() - 1),
        None => return None,
    };
    let digits =
        |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(major) && digits(minor)).then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::{Reader, parse};

    #[test]
    fn spellings_mean_the_same_set() {
        for text in ["8.6;8.9", "8.9 8.6", "89;86", "8.6;8.9+PTX", "sm_86,sm_89"] {
            let found = parse(text, Reader::PyTorch);
            assert_eq!(found.set.into_iter().collect::<Vec<_>>(), ["8.6", "8.9"], "{text}");
        }
        assert_eq!(parse("100;90a", Reader::CMake).set.into_iter().collect::<Vec<_>>(), ["10.0", "9.0"]);
    }

    #[test]
    fn wrong_spellings_are_told() {
        let misspelt = |text, reader| parse(text, reader).misspelt.map(|(_, better)| better);
        assert_eq!(misspelt("89", Reader::PyTorch).as_deref(), Some("8.9"));
        assert_eq!(misspelt("8.6,8.9", Reader::PyTorch).as_deref(), Some("8.6;8.9"));
        assert_eq!(misspelt("8.9", Reader::CMake).as_deref(), Some("89"));
        assert_eq!(misspelt("8.6;8.9+PTX", Reader::PyTorch), None);
        assert_eq!(misspelt("86-real;89", Reader::CMake), None);
    }

    #[test]
    fn other_words_are_odd() {
        assert_eq!(parse("native", Reader::CMake).odd.as_deref(), Some("native"));
        assert_eq!(parse("Ada", Reader::PyTorch).set.len(), 1);
    }
}
