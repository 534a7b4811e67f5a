//! Credentials that need no login.

use async_trait::async_trait;

use super::{Authorization, Credentials};
use crate::secret::base64;
use crate::{Result, Secret};

/// HTTP Basic with a fixed pair.
#[derive(Debug)]
pub struct Basic {
    user: Secret,
    password: Secret,
}

impl Basic {
    /// The pair; white space around either is cut.
    pub fn new(user: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

#[async_trait]
impl Credentials for Basic {
    async fn authorize(&self) -> Result<Authorization> {
        Authorization::basic(self.user.expose(), &self.password)
    }

    fn secrets(&self) -> Vec<Secret> {
        let pair = format!("{}:{}", self.user.expose(), self.password.expose());
        vec![self.user.clone(), self.password.clone(), Secret::new(base64(pair.as_bytes()))]
    }
}

/// A bearer token of the user's own. It is not renewed: once the service refuses it, calls fail.
#[derive(Debug)]
pub struct Bearer(Secret);

impl Bearer {
    /// The token, without the word `Bearer`.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }
}

#[async_trait]
impl Credentials for Bearer {
    async fn authorize(&self) -> Result<Authorization> {
        Authorization::bearer(&self.0)
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.0.clone()]
    }
}
