//! Counts and hashes bytes as they pass.

use md5::{Digest, Md5};

/// The bytes so far.
#[derive(Clone, Default)]
pub(super) struct Tally {
    md5: Md5,
    size: u64,
}

/// All bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) size: u64,
    /// In lower-case hexadecimal digits.
    pub(super) md5: String,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn total(&self) -> Total {
        let digest = self.md5.clone().finalize();
        Total { size: self.size, md5: digest.iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_follows_the_test_vectors_of_rfc_1321() {
        for (bytes, md5) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ] {
            let mut tally = Tally::default();
            for byte in bytes.as_bytes() {
                tally.add(std::slice::from_ref(byte));
            }
            assert_eq!(tally.total(), Total { size: bytes.len() as u64, md5: md5.to_owned() });
        }
    }
}
