//! Keywords: a word in, the instruction or the nearest one out.

use crate::nearest::distance;

use super::Keyword;

const KEYWORDS: [(&str, Keyword); 18] = [
    ("RUN", Keyword::Run),
    ("ENV", Keyword::Env),
    ("COPY", Keyword::Copy),
    ("FROM", Keyword::From),
    ("ADD", Keyword::Add),
    ("ARG", Keyword::Arg),
    ("CMD", Keyword::Cmd),
    ("WORKDIR", Keyword::Workdir),
    ("EXPOSE", Keyword::Expose),
    ("LABEL", Keyword::Label),
    ("ENTRYPOINT", Keyword::Entrypoint),
    ("MAINTAINER", Keyword::Maintainer),
    ("USER", Keyword::User),
    ("VOLUME", Keyword::Volume),
    ("ONBUILD", Keyword::Onbuild),
    ("HEALTHCHECK", Keyword::Healthcheck),
    ("SHELL", Keyword::Shell),
    ("STOPSIGNAL", Keyword::Stopsignal),
];

/// Words longer than this are no mistyped keyword.
const LONGEST_TYPO: usize = 14;

impl Keyword {
    /// The keyword that a word is, in any case; [`Keyword::Unknown`] for every other word.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        KEYWORDS
            .iter()
            .find(|(text, _)| text.eq_ignore_ascii_case(name))
            .map_or(Self::Unknown, |(_, keyword)| *keyword)
    }

    /// The keyword in capitals; empty for [`Keyword::Unknown`].
    #[must_use]
    pub fn name(self) -> &'static str {
        KEYWORDS.iter().find(|(_, keyword)| *keyword == self).map_or("", |(text, _)| text)
    }

    /// The keyword that a mistyped word most likely means: at most two typing errors away, and fewer than half of it.
    #[must_use]
    pub fn nearest(word: &str) -> Option<Self> {
        if word.len() > LONGEST_TYPO
            || !word.is_ascii()
            || !word.bytes().any(|byte| byte.is_ascii_alphabetic())
        {
            return None;
        }
        let upper = word.to_ascii_uppercase();
        KEYWORDS
            .iter()
            .map(|(text, keyword)| (distance(&upper, text), text.len(), *keyword))
            .filter(|(errors, length, _)| *errors <= 2 && errors * 2 < length.max(&word.len()) + 1)
            .min_by_key(|(errors, ..)| *errors)
            .map(|(_, _, keyword)| keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::Keyword;

    #[test]
    fn case_does_not_matter() {
        assert_eq!(Keyword::from_name("healthCheck"), Keyword::Healthcheck);
        assert_eq!(Keyword::from_name("RUNS"), Keyword::Unknown);
        assert_eq!(Keyword::from_name(Keyword::Stopsignal.name()), Keyword::Stopsignal);
    }

    #[test]
    fn typing_errors_have_a_nearest_keyword() {
        let cases = [
            ("RNU", Some(Keyword::Run)),
            ("COPPY", Some(Keyword::Copy)),
            ("frm", Some(Keyword::From)),
            ("ENTRYPONIT", Some(Keyword::Entrypoint)),
            ("WORKDIR:", Some(Keyword::Workdir)),
            ("RUN\u{a0}x", None),
            ("&&", None),
            ("apt-get", None),
            ("make", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(Keyword::nearest(word), expected, "{word}");
        }
    }
}
