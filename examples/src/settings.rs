//! Settings: the environment first, then a `.env` file.

use std::collections::HashMap;

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
        match dotenvy::dotenv_iter() {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(without_content).context("the .env file cannot be read")?;
                    settings.set.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(without_content(error)).context("the .env file cannot be read"),
        }
        settings.set.extend(std::env::vars());
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

/// The error of a malformed line shows the line, which may hold a secret.
fn without_content(error: dotenvy::Error) -> anyhow::Error {
    match error {
        dotenvy::Error::LineParse(_, place) => anyhow::anyhow!("a line is malformed at its character {place}"),
        other => anyhow::Error::new(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_unset_and_each_product_has_its_variables() {
        let settings = Settings::of([("DATTO_RMM_URL", "  ".to_owned()), ("DATTO_API_PUBLIC_KEY", "k".to_owned())]);
        assert!(!settings.has_rmm());
        assert!(settings.has_bcdr());
        assert!(!settings.has_workplace());
    }
}
