//! A seeded generator: the same seed gives the same fleet on every machine.

use std::fmt::Write as _;

/// A splitmix64 generator. Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// A generator for one subject (`"rmm devices"`), so that a change in one subject leaves the others as they were.
    pub(crate) fn new(seed: u64, subject: &str) -> Self {
        let mut state = seed ^ 0x5851_F42D_4C95_7F2D;
        for byte in subject.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        Self(state)
    }

    /// A generator of its own for something that is drawn later.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `limit`; 0 if the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0).unsigned_abs().saturating_add(1);
        low.saturating_add_unsigned(self.below(width))
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several; the default value if there is none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from.get(index).copied().unwrap_or_default()
    }

    /// One of several by weight; the default value if there is none.
    pub(crate) fn weighted<T: Copy + Default>(&mut self, from: &[(u64, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in from {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        T::default()
    }

    /// Text that looks like a GUID.
    pub(crate) fn guid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let mut text = String::with_capacity(36);
        // Writing to memory does not fail.
        let _ = write!(
            text,
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            0x8000 | (low >> 48) & 0x3FFF,
            low & 0xFFFF_FFFF_FFFF
        );
        text
    }

    /// `length` hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let number = self.next();
            let digits =
                (0..16).rev().map(|place| char::from_digit((number >> (4 * place) & 15) as u32, 16).unwrap_or('0'));
            text.extend(digits.take(length - text.len()));
        }
        text
    }
}

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn same_seed_and_subject_repeat_and_others_differ() {
        let draw = |seed, subject| Random::new(seed, subject).guid();
        assert_eq!(draw(7, "devices"), draw(7, "devices"));
        assert_ne!(draw(7, "devices"), draw(8, "devices"));
        assert_ne!(draw(7, "devices"), draw(7, "sites"));
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(1, "weights");
        let heads = (0..10_000).filter(|_| random.weighted(&[(90, true), (10, false)])).count();
        assert!((8_800..9_200).contains(&heads), "{heads}");
    }
}
