//! Settings: the environment first, then a `.env` file.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context as _;

/// Every variable that points one of the clients at an account.
const RMM: &[&str] = &["DATTO_RMM_URL", "DATTO_RMM_PLATFORM", "DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET"];
const BCDR: &[&str] = &[
    "DATTO_BCDR_URL",
    "DATTO_BCDR_PUBLIC_KEY",
    "DATTO_BCDR_SECRET_KEY",
    "DATTO_PORTAL_URL",
    "DATTO_API_PUBLIC_KEY",
    "DATTO_API_PRIVATE_KEY",
];
const WORKPLACE: &[&str] = &["DATTO_WORKPLACE_URL", "DATTO_WORKPLACE_CLIENT_ID", "DATTO_WORKPLACE_CLIENT_SECRET"];

/// The variables that an example reads.
#[derive(Debug, Default)]
pub struct Settings {
    set: HashMap<String, String>,
}

impl Settings {
    /// Reads the environment and, below it, the `.env` file of this or a parent directory if there is one.
    ///
    /// # Errors
    /// If the `.env` file cannot be read.
    pub fn load() -> anyhow::Result<Self> {
        let mut settings = Self::default();
        if let Some(file) = nearest(".env")? {
            let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let pairs = read(&bytes).with_context(|| format!("{} cannot be read", file.display()))?;
            settings.set.extend(pairs);
        }
        // One that is no text in UTF-8 is none of ours.
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        settings.set.extend(environment);
        Ok(settings)
    }

    /// Settings of these variables alone.
    pub fn of(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { set: pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }

    /// A variable; blank counts as unset.
    pub fn get(&self, name: &str) -> Option<String> {
        self.set.get(name).filter(|value| !value.trim().is_empty()).cloned()
    }

    /// Whether anything points at an RMM account.
    pub fn has_rmm(&self) -> bool {
        self.any(RMM)
    }

    /// Whether anything points at a partner account.
    pub fn has_bcdr(&self) -> bool {
        self.any(BCDR)
    }

    /// Whether anything points at a Workplace team.
    pub fn has_workplace(&self) -> bool {
        self.any(WORKPLACE)
    }

    fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.get(name).is_some())
    }
}

/// The file of this name in this directory or the nearest above it.
fn nearest(name: &str) -> anyhow::Result<Option<PathBuf>> {
    let here = std::env::current_dir().context("the current directory is not known")?;
    Ok(here.ancestors().map(|directory| directory.join(name)).find(|file| file.is_file()))
}

/// The pairs of a `.env` file. Editors save such files with a byte order mark, some in UTF-16.
fn read(bytes: &[u8]) -> anyhow::Result<Vec<(String, String)>> {
    let text = decoded(bytes)?;
    let pairs = dotenvy::Iter::new(std::io::Cursor::new(text.as_bytes()));
    pairs.map(|pair| pair.map_err(|error| without_content(error, &text))).collect()
}

fn decoded(bytes: &[u8]) -> anyhow::Result<String> {
    let wide = |unit: fn([u8; 2]) -> u16, rest: &[u8]| {
        anyhow::ensure!(rest.len().is_multiple_of(2), "its last character is cut off");
        let units = rest.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
        char::decode_utf16(units).collect::<Result<String, _>>().context("it is no text in UTF-16")
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => text(rest),
        [_, 0, _, 0, ..] => wide(u16::from_le_bytes, bytes),
        [0, _, 0, _, ..] => wide(u16::from_be_bytes, bytes),
        _ => text(bytes),
    }
}

fn text(bytes: &[u8]) -> anyhow::Result<String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!("its line {line} is no text in UTF-8: save it as UTF-8")
    })
}

/// The error of a malformed line shows the line, which may hold a secret: its number is told instead.
fn without_content(error: dotenvy::Error, text: &str) -> anyhow::Error {
    match error {
        // Its text is a line or the value in one.
        dotenvy::Error::LineParse(part, _) => {
            let part = part.lines().next().unwrap_or_default().trim();
            match text.lines().position(|line| !part.is_empty() && line.contains(part)) {
                Some(at) => anyhow::anyhow!("its line {} is malformed", at + 1),
                None => anyhow::anyhow!("a line is malformed"),
            }
        }
        other => anyhow::Error::new(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_however_an_editor_saved_it() {
        let body = "# keys\r\nDATTO_RMM_API_KEY=\"KÉY-1\"\r\nDATTO_RMM_URL=merlot\r\n";
        let expected = [("DATTO_RMM_API_KEY", "KÉY-1"), ("DATTO_RMM_URL", "merlot")];
        let marked = format!("\u{feff}{body}");
        let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [body.as_bytes(), marked.as_bytes(), &little, &big, &little[2..], &big[2..]] {
            let pairs = read(bytes).unwrap();
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(pairs, expected);
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_not_shown() {
        for (bytes, line) in [
            (&b"A=1\nDATTO_RMM_API_SECRET=hunter2 oops\n"[..], "line 2"),
            (b"A=1\n\nB=\xff\xfehunter2\n", "line 3"),
            (b"\xff\xfeA", "cut off"),
        ] {
            let told = format!("{:#}", read(bytes).unwrap_err());
            assert!(told.contains(line) && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn blank_is_unset_and_each_product_has_its_variables() {
        let settings = Settings::of([("DATTO_RMM_URL", "  ".to_owned()), ("DATTO_API_PUBLIC_KEY", "k".to_owned())]);
        assert!(!settings.has_rmm());
        assert!(settings.has_bcdr());
        assert!(!settings.has_workplace());
    }
}
