//! Wildcard patterns over paths (`*.txt`, `**/logs`, `[a-c]?`): pattern text in, a matcher out.
//!
//! The dialect is the one of moby's pattern matcher, which ignore files use; for one path component without `**` it is
//! also Go's `filepath.Match`, which COPY sources use. Matching follows all possible positions at once, so its cost is
//! pattern times path and never exponential, and a budget caps even that.

/// Patterns longer than this are refused: no path is longer.
const MAX_PATTERN: usize = 4096;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    tokens: Vec<Token>,
    /// The text, when the pattern holds nothing but ordinary characters.
    literal: Option<String>,
    /// The ordinary characters that it begins with: most paths are refused by them.
    prefix: String,
    /// Those that it ends with; none when they are in `prefix`.
    suffix: String,
    /// Whether there is one `*` between them and nothing else.
    is_one_star: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`: any character but `/`.
    Any,
    /// `*`: any run without `/`.
    Star,
    /// `**/` or `**` inside: nothing, or any run that ends in `/`.
    Folders,
    /// `**` at the end, or before plain text at the start: any run.
    All,
    Class(Class),
}

/// `[a-z]`
#[derive(Debug, Clone, PartialEq, Eq)]
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

/// What a match may still cost, in steps, and the memory it works in. One is used for all patterns of one question.
#[derive(Debug)]
pub struct Budget {
    steps: usize,
    now: Vec<u32>,
    next: Vec<u32>,
    marks: Vec<u32>,
    stamp: u32,
}

impl Budget {
    /// Room for `steps` steps: one step compares one position of a pattern with one character of a path.
    #[must_use]
    pub fn new(steps: usize) -> Self {
        Self { steps, now: Vec::new(), next: Vec::new(), marks: Vec::new(), stamp: 0 }
    }

    /// Whether it is used up; answers given since are "no match".
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.steps == 0
    }

    fn begin(&mut self, tokens: usize) {
        self.now.clear();
        self.next.clear();
        self.marks.clear();
        self.marks.resize(tokens + 1, 0);
        self.stamp = 1;
    }
}

/// How a path matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// The whole path.
    Path,
    /// One of the folders it lies in.
    Parent,
    /// Not at all.
    No,
}

impl Wildcard {
    /// Compiles a pattern; `None` when it is malformed (an open `[`, an empty class) or longer than any path.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        if pattern.len() > MAX_PATTERN {
            return None;
        }
        let characters: Vec<char> = pattern.chars().collect();
        let mut tokens = Vec::with_capacity(characters.len());
        let mut at = 0;
        while at < characters.len() {
            let (token, behind) = next_token(&characters, at)?;
            at = behind;
            // Two of a kind in a row mean the same as one.
            let repeats = matches!(token, Token::Star | Token::Folders | Token::All);
            if !(repeats && tokens.last() == Some(&token)) {
                tokens.push(token);
            }
        }
        let plain = |token: &Token| matches!(token, Token::Char(_));
        // `**name` is compared with the end of the path by the pattern matcher, wherever the name starts.
        if tokens.first() == Some(&Token::Folders)
            && characters.get(2) != Some(&'/')
            && !characters.contains(&'\\')
            && tokens[1..].iter().all(plain)
        {
            tokens[0] = Token::All;
        }
        let literal = tokens.iter().all(plain).then(|| tokens.iter().filter_map(Token::character).collect());
        let prefix: String = tokens.iter().map_while(Token::character).collect();
        let plain_end = tokens.iter().rev().take_while(|token| plain(token)).count();
        let suffix = match literal {
            Some(_) => String::new(),
            None => tokens[tokens.len() - plain_end..].iter().filter_map(Token::character).collect(),
        };
        let plain_start = tokens.iter().take_while(|token| plain(token)).count();
        let is_one_star = plain_start + 1 + plain_end == tokens.len() && tokens[plain_start] == Token::Star;
        Some(Self { tokens, literal, prefix, suffix, is_one_star })
    }

    /// Whether the text holds a character that makes it a pattern.
    #[must_use]
    pub fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?', '[', '\\'])
    }

    /// Whether the whole path matches.
    #[must_use]
    pub fn matches(&self, path: &str, budget: &mut Budget) -> bool {
        let middle =
            path.strip_prefix(self.prefix.as_str()).and_then(|it| it.strip_suffix(self.suffix.as_str()));
        match middle {
            None => false,
            Some(middle) if self.is_one_star => !middle.contains('/'),
            Some(_) => self.find(path, budget) == Matched::Path,
        }
    }

    /// The text that every match begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How the path, or one of the folders it lies in, matches.
    #[must_use]
    pub fn find(&self, path: &str, budget: &mut Budget) -> Matched {
        if let Some(literal) = &self.literal {
            return match path.strip_prefix(literal.as_str()) {
                Some("") => Matched::Path,
                Some(rest) if rest.starts_with('/') && !literal.is_empty() => Matched::Parent,
                _ => Matched::No,
            };
        }
        if !path.starts_with(self.prefix.as_str()) {
            return Matched::No;
        }
        budget.begin(self.tokens.len());
        self.enter(0, budget);
        let mut parent = false;
        for character in path.chars() {
            std::mem::swap(&mut budget.now, &mut budget.next);
            budget.next.clear();
            budget.stamp += 1;
            if character == '/' && budget.now.contains(&(self.tokens.len() as u32)) {
                parent = true;
            }
            if budget.now.len() >= budget.steps {
                budget.steps = 0;
                return Matched::No;
            }
            budget.steps -= budget.now.len();
            for index in 0..budget.now.len() {
                self.step(budget.now[index] as usize, character, budget);
            }
            if budget.next.is_empty() {
                break;
            }
        }
        match budget.next.contains(&(self.tokens.len() as u32)) {
            true => Matched::Path,
            false if parent => Matched::Parent,
            false => Matched::No,
        }
    }

    /// Marks a position as reached, and those behind it that need no character.
    fn enter(&self, from: usize, budget: &mut Budget) {
        let mut at = from;
        loop {
            reach(at, budget);
            match self.tokens.get(at) {
                Some(Token::Star | Token::All | Token::Folders) => at += 1,
                _ => return,
            }
        }
    }

    fn step(&self, at: usize, character: char, budget: &mut Budget) {
        match self.tokens.get(at) {
            None => {}
            Some(Token::Char(wanted)) if *wanted == character => self.enter(at + 1, budget),
            Some(Token::Char(_)) => {}
            Some(Token::Any) if character != '/' => self.enter(at + 1, budget),
            Some(Token::Star) if character != '/' => self.enter(at, budget),
            Some(Token::Any | Token::Star) => {}
            Some(Token::All) => self.enter(at, budget),
            Some(Token::Folders) if character == '/' => self.enter(at, budget),
            Some(Token::Folders) => reach(at, budget),
            Some(Token::Class(class)) if class.holds(character) => self.enter(at + 1, budget),
            Some(Token::Class(_)) => {}
        }
    }
}

fn reach(at: usize, budget: &mut Budget) {
    if budget.marks[at] != budget.stamp {
        budget.marks[at] = budget.stamp;
        budget.next.push(at as u32);
    }
}

impl Token {
    fn character(&self) -> Option<char> {
        match self {
            Self::Char(character) => Some(*character),
            _ => None,
        }
    }
}

impl Class {
    fn holds(&self, character: char) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&character)) != self.negated
    }
}

/// The token at `at` and the position behind it.
fn next_token(characters: &[char], at: usize) -> Option<(Token, usize)> {
    match characters[at] {
        '*' if characters.get(at + 1) == Some(&'*') => {
            let mut behind = at + 2;
            if characters.get(behind) == Some(&'/') {
                behind += 1;
            }
            let token = if behind == characters.len() { Token::All } else { Token::Folders };
            Some((token, behind))
        }
        '*' => Some((Token::Star, at + 1)),
        '?' => Some((Token::Any, at + 1)),
        '[' => class(characters, at + 1),
        '\\' => characters.get(at + 1).map(|escaped| (Token::Char(*escaped), at + 2)),
        character => Some((Token::Char(character), at + 1)),
    }
}

fn class(characters: &[char], mut at: usize) -> Option<(Token, usize)> {
    let negated = characters.get(at) == Some(&'^');
    if negated {
        at += 1;
    }
    let mut ranges = Vec::new();
    loop {
        if characters.get(at) == Some(&']') && !ranges.is_empty() {
            return Some((Token::Class(Class { negated, ranges }), at + 1));
        }
        let (first, behind) = class_character(characters, at)?;
        at = behind;
        let mut last = first;
        if characters.get(at) == Some(&'-') {
            (last, at) = class_character(characters, at + 1)?;
        }
        ranges.push((first, last));
    }
}

/// One end of a range: `]` and `-` must be escaped there.
fn class_character(characters: &[char], at: usize) -> Option<(char, usize)> {
    match characters.get(at)? {
        '-' | ']' => None,
        '\\' => Some((*characters.get(at + 1)?, at + 2)),
        character => Some((*character, at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, path: &str) -> Matched {
        Wildcard::new(pattern).unwrap().find(path, &mut Budget::new(1 << 20))
    }

    #[test]
    fn whole_paths() {
        let table = [
            ("a.txt", "a.txt", true),
            ("a.txt", "aXtxt", false),
            ("*.txt", "a.txt", true),
            ("*.txt", "d/a.txt", false),
            ("*/a", "d/a", true),
            ("*/a", "d/e/a", false),
            ("**/a", "a", true),
            ("**/a", "d/e/a", true),
            ("**/a", "d/ba", false),
            ("**a", "d/ba", true),
            (r"**\a", "d/ba", false),
            (r"**\a", "d/a", true),
            ("a**", "ab/c", true),
            ("a**b", "ab", true),
            ("a**b", "ax/b", true),
            ("a**b", "axb", false),
            ("**a**", "d/ab/c", true),
            ("**a**", "d/ba", false),
            ("d/**", "d/e/f", true),
            ("d/**", "e/d", false),
            ("d/**/f", "d/f", true),
            ("d/**/f", "d/x/y/f", true),
            ("d/**/f", "d/xf", false),
            ("?.c", "a.c", true),
            ("?", "/", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[a-]", "a", false),
            (r"\*", "*", true),
            (r"\*", "a", false),
            ("**/*.py[co]", "p/q/r.pyc", true),
            ("ä*", "äö", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*/b*c", "ax/bc", true),
            ("a*/b*c", "ax/cbc", false),
            ("?a", "aa", true),
            ("*", "", true),
            ("", "", true),
        ];
        for (pattern, path, wanted) in table {
            let Some(compiled) = Wildcard::new(pattern) else {
                assert!(!wanted, "{pattern} does not compile");
                continue;
            };
            let is = compiled.matches(path, &mut Budget::new(1 << 20));
            assert_eq!(is, wanted, "{pattern} on {path}");
        }
    }

    #[test]
    fn folders_of_the_path() {
        assert_eq!(found("node_modules", "node_modules/a/b"), Matched::Parent);
        assert_eq!(found("**/logs", "a/logs/b"), Matched::Parent);
        assert_eq!(found("*", "a/b"), Matched::Parent);
        assert_eq!(found("*.d", "conf.d/x"), Matched::Parent);
        assert_eq!(found("logs", "logsx/b"), Matched::No);
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for pattern in ["[", "[]", "[a", "a\\", "[-]", "[^]"] {
            assert_eq!(Wildcard::new(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn stars_cost_pattern_times_path_at_most() {
        let pattern = "*a".repeat(2000) + "b";
        let path = "a".repeat(4000);
        let mut budget = Budget::new(1 << 26);
        let started = std::time::Instant::now();
        let compiled = Wildcard::new(&pattern).unwrap();
        assert_eq!(compiled.find(&path, &mut budget), Matched::No);
        assert!(!budget.is_spent());
        assert!(started.elapsed().as_secs() < 5);
        let mut small = Budget::new(1000);
        assert_eq!(compiled.find(&path, &mut small), Matched::No);
        assert!(small.is_spent());
    }

    #[test]
    fn ten_thousand_stars() {
        assert_eq!(Wildcard::new(&"*".repeat(10_000)), None);
        assert_eq!(found(&"*".repeat(4000), "a/b/c"), Matched::Path);
        assert_eq!(found(&"**/".repeat(1000), "a/b/c"), Matched::Path);
    }
}
