//! What every client can do, written once.

/// The methods that every client has: for a client with the fields `core: Core` and `own_login: bool`, with the method
/// `login(first, second) -> Result<Arc<dyn Credentials>>`, and for its builder with the field
/// `setup: Setup` and the method `fill(look_up) -> Result<Self>`. The docs that differ stand before the name of each method.
#[doc(hidden)]
#[macro_export]
macro_rules! client_methods {
    (
        $client:ident, $builder:ident;
        $(#[$from_env:meta])* from_env;
        $(#[$base_url:meta])* base_url;
        $(#[$raw:meta])* raw($watch:expr);
        $(#[$set_credentials:meta])* set_credentials($first:ident, $second:ident);
        $(#[$check_connection:meta])* check_connection($check:path);
    ) => {
        impl $client {
            /// Begins to build a client.
            pub fn builder() -> $builder {
                $builder::default()
            }

            $(#[$from_env])*
            ///
            /// # Errors
            /// `Config` names what is missing or wrong.
            pub fn from_env() -> $crate::Result<Self> {
                Self::from_vars($crate::internal::process)
            }

            /// Like [`from_env`](Self::from_env), from variables that `look_up` finds.
            ///
            /// # Errors
            /// `Config` names what is missing or wrong.
            pub fn from_vars(look_up: impl Fn(&str) -> Option<String>) -> $crate::Result<Self> {
                $builder::from_vars(look_up)?.build()
            }

            $(#[$base_url])*
            pub fn base_url(&self) -> &::url::Url {
                self.core.base()
            }

            $(#[$raw])*
            pub fn raw<S: AsRef<str>>(
                &self,
                method: $crate::Method,
                segments: impl IntoIterator<Item = S>,
            ) -> $crate::RawRequest {
                let watch: fn(&Self, $crate::RawRequest) -> $crate::RawRequest = $watch;
                watch(self, $crate::RawRequest::new(&self.core, method, segments))
            }

            $(#[$set_credentials])*
            ///
            /// Calls under way finish with the old one.
            ///
            /// # Errors
            /// `Config` if one of the two cannot be a credential (blank, a placeholder, with white space in it), or if the client
            /// was built with credentials of your own (`auth`): they are no pair, and rotate by themselves.
            pub fn set_credentials(
                &self,
                $first: impl Into<$crate::Secret>,
                $second: impl Into<$crate::Secret>,
            ) -> $crate::Result<()> {
                if self.own_login {
                    return Err($crate::Error::new(
                        $crate::ErrorKind::Config,
                        "the client was built with credentials of your own, which a pair cannot replace",
                    )
                    .with_hint("let your own `Credentials` rotate, or build a client with the pair"));
                }
                self.core.set_credentials(self.login($first.into(), $second.into())?);
                Ok(())
            }

            /// How much of the limits is used, as far as this client knows. Nothing is sent for it.
            pub fn rate_info(&self) -> $crate::RateInfo {
                self.core.rate_info()
            }

            $(#[$check_connection])*
            ///
            /// # Cancel safety
            /// It only reads.
            pub async fn check_connection(&self) -> $crate::ConnectionReport {
                $check(self).await
            }
        }

        impl $builder {
            /// Takes from the environment what was not set before; the `from_env` of the client names the variables.
            ///
            /// # Errors
            /// `Config` names what is wrong or half set.
            #[allow(clippy::wrong_self_convention)] // reads as it is meant: builder().from_env()?.timeout(..)
            pub fn from_env(self) -> $crate::Result<Self> {
                self.fill($crate::internal::process)
            }

            /// A builder from variables that `look_up` finds; the `from_env` of the client names them.
            ///
            /// # Errors
            /// `Config` names what is wrong or half set.
            pub fn from_vars(look_up: impl Fn(&str) -> Option<String>) -> $crate::Result<Self> {
                Self::default().fill(look_up)
            }
        }
    };
}
