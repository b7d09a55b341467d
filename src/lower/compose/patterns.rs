//! Paths of keys with a meaning, as one table: each step of a walk looks at the keys that matter and no others.

/// A step through [`Patterns`]: where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u16);

/// Nothing below has a meaning.
const NOWHERE: State = State(u16::MAX);

/// Patterns with what they mean: keys joined with `.`; `*` is any key, and any item of a sequence.
pub(super) struct Patterns<T> {
    steps: Vec<Step<T>>,
}

struct Step<T> {
    keys: Vec<(&'static str, u16)>,
    any: Option<u16>,
    meaning: Option<T>,
}

impl<T: Copy> Patterns<T> {
    /// The table of some patterns.
    pub(super) fn new(table: &[(&'static str, T)]) -> Self {
        let mut patterns = Self { steps: vec![Step { keys: Vec::new(), any: None, meaning: None }] };
        for (pattern, meaning) in table {
            let end = pattern.split('.').fold(0, |at, key| patterns.step(at, key));
            patterns.steps[end as usize].meaning = Some(*meaning);
        }
        patterns
    }

    fn step(&mut self, at: u16, key: &'static str) -> u16 {
        let next = self.steps.len() as u16;
        let step = &mut self.steps[at as usize];
        if key == "*" {
            if let Some(there) = step.any {
                return there;
            }
            step.any = Some(next);
        } else {
            if let Some((_, there)) = step.keys.iter().find(|(known, _)| *known == key) {
                return *there;
            }
            step.keys.push((key, next));
        }
        self.steps.push(Step { keys: Vec::new(), any: None, meaning: None });
        next
    }

    /// The root of a document.
    pub(super) fn root(&self) -> State {
        State(0)
    }

    /// The state at a path of keys below the root.
    pub(super) fn at(&self, path: &[&str]) -> State {
        path.iter().fold(self.root(), |state, key| self.key(state, key))
    }

    /// The value of a key.
    pub(super) fn key(&self, state: State, key: &str) -> State {
        let Some(step) = self.steps.get(state.0 as usize) else { return NOWHERE };
        let named = step.keys.iter().find(|(known, _)| *known == key).map(|(_, next)| *next);
        named.or(step.any).map_or(NOWHERE, State)
    }

    /// An item of a sequence.
    pub(super) fn item(&self, state: State) -> State {
        self.steps.get(state.0 as usize).and_then(|step| step.any).map_or(NOWHERE, State)
    }

    /// What the path so far means.
    pub(super) fn meaning(&self, state: State) -> Option<T> {
        self.steps.get(state.0 as usize)?.meaning
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn keys_and_stars_are_told_apart() {
        let patterns =
            Patterns::new(&[("services.*.init", 1), ("services.*.ports.*.target", 2), ("name", 3)]);
        let meaning = |path: &[&str]| patterns.meaning(patterns.at(path));
        assert_eq!(meaning(&["services", "web", "init"]), Some(1));
        assert_eq!(meaning(&["name"]), Some(3));
        assert_eq!(meaning(&["services", "web", "image"]), None);
        assert_eq!(meaning(&["services", "web", "init", "deeper", "still"]), None);
        let ports = patterns.at(&["services", "web", "ports"]);
        assert_eq!(patterns.meaning(patterns.key(patterns.item(ports), "target")), Some(2));
    }
}
