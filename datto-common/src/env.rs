//! Settings from named variables: of the environment, or of whatever a caller looks them up in.

use crate::Secret;

/// Looks variables up; blank means unset.
#[doc(hidden)]
pub struct Vars<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Vars<'a> {
    pub fn new(look_up: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(look_up)
    }

    /// A variable without the white space around it: a trailing newline makes every login fail.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The first pair of which both are set. Pairs are taken whole, never mixed.
    pub fn pair(&self, pairs: &[(&str, &str)]) -> Option<(Secret, Secret)> {
        pairs.iter().find_map(|(first, second)| Some((Secret::new(self.get(first)?), Secret::new(self.get(second)?))))
    }

    /// Of a pair, the name that is missing while the other one is set.
    pub fn half_set(&self, pairs: &[(&'static str, &'static str)]) -> Option<&'static str> {
        pairs.iter().find_map(|(first, second)| match (self.get(first), self.get(second)) {
            (Some(_), None) => Some(*second),
            (None, Some(_)) => Some(*first),
            _ => None,
        })
    }
}

impl std::fmt::Debug for Vars<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vars")
    }
}

/// The environment of the process.
#[doc(hidden)]
pub fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &[(&str, &str)] = &[("OWN_KEY", "OWN_SECRET"), ("KEY", "SECRET")];

    fn pair(set: &[(&str, &str)]) -> Option<(String, String)> {
        let look_up = |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        Vars::new(&look_up).pair(PAIRS).map(|(key, secret)| (key.expose().to_owned(), secret.expose().to_owned()))
    }

    #[test]
    fn pairs_are_taken_whole_and_blank_is_unset() {
        assert_eq!(
            pair(&[("OWN_KEY", "a"), ("OWN_SECRET", "b\n"), ("KEY", "c"), ("SECRET", "d")]),
            Some(("a".into(), "b".into()))
        );
        assert_eq!(
            pair(&[("OWN_KEY", "a"), ("OWN_SECRET", "  "), ("KEY", "c"), ("SECRET", "d")]),
            Some(("c".into(), "d".into()))
        );
        assert_eq!(pair(&[("OWN_KEY", "a"), ("SECRET", "d")]), None);
    }
}
