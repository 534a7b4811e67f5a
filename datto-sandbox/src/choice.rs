//! Settings that are one of several words: where sources disagree about the services, each reading is one of them.

use crate::text::Text;

macro_rules! choices {
    ($($(#[$about:meta])+ $name:ident {
        $($(#[$what:meta])+ $variant:ident = $word:literal,)+
    })+) => {
        $(
            $(#[$about])+
            #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
            #[non_exhaustive]
            pub enum $name {
                $($(#[$what])+ $variant,)+
            }

            impl Text for $name {
                const KIND: &'static str = choices!(@words $($word),+);

                fn read(text: &str) -> Result<Self, String> {
                    match text {
                        $($word => Ok(Self::$variant),)+
                        _ => Err(format!("\"{text}\" is not one of {}", [$($word),+].join(", "))),
                    }
                }

                fn write(&self) -> String {
                    match self {
                        $(Self::$variant => $word,)+
                    }
                    .to_owned()
                }
            }
        )+
    };
    (@words $first:literal $(, $more:literal)*) => { concat!($first $(, "|", $more)*) };
}

choices! {
    /// Whether lists tell their length that were seen not to: alerts and the activity log of RMM.
    Totals {
        /// `totalCount` is null (observed by two clients).
        #[default]
        Null = "null",
        /// `totalCount` is a number (official).
        Number = "number",
    }

    /// How a date is written.
    DateForm {
        /// ISO 8601 text (official: the document says date-time).
        #[default]
        Iso = "iso",
        /// Epoch milliseconds.
        Milliseconds = "milliseconds",
    }

    /// How the devices of an RMM account write when they were last seen.
    LastSeen {
        /// Epoch milliseconds, all of them (official).
        #[default]
        Milliseconds = "milliseconds",
        /// ISO 8601 text, all of them (observed on one platform).
        Iso = "iso",
        /// Some one way and some the other (never observed): what a client must survive if it takes both.
        Mixed = "mixed",
    }

    /// Which spellings of a boolean a query may have.
    Booleans {
        /// `true`, `True` and `TRUE`.
        #[default]
        AnyCase = "any-case",
        /// `true` and `false` alone.
        Strict = "strict",
    }

    /// What becomes of a path that ends with a slash.
    TrailingSlash {
        /// It is not found.
        #[default]
        NotFound = "not-found",
        /// It is served as if the slash were not there.
        Served = "served",
    }

    /// What a 401 says about how to authenticate.
    Challenge {
        /// The scheme and a realm (RFC 7617).
        #[default]
        Realm = "realm",
        /// Nothing.
        None = "none",
    }

    /// Which host stands in the links to other pages.
    LinkHost {
        /// That of the request.
        #[default]
        Request = "request",
        /// The address at which the sandbox listens.
        Fixed = "fixed",
    }

    /// What the key pair of the BCDR service may see.
    KeyScope {
        /// Everything.
        #[default]
        Full = "full",
        /// Tied to a vendor: every SaaS call answers 401, all else works (observed).
        Vendor = "vendor",
        /// Tied to the client of [`BcdrTruth::one_client`](crate::BcdrTruth::one_client): lists are filtered without a word (official).
        OneClient = "one-client",
        /// Valid, but without the scope: 403 on every call (observed).
        Missing = "missing",
    }

    /// The shape of the answer to a bulk seat change: which one the service sends is not settled.
    BulkAnswer {
        /// One object (official).
        #[default]
        Object = "object",
        /// An array of one object (guess).
        Array = "array",
        /// No text at all (observed).
        Empty = "empty",
    }

    /// What the headers of the BCDR budget hold; no value was ever written down.
    BudgetFormat {
        /// What is left, and the seconds until the budget is whole.
        #[default]
        Seconds = "seconds",
        /// What is left, and the milliseconds until then.
        Milliseconds = "milliseconds",
        /// What is left, and the moment of it in epoch seconds.
        Epoch = "epoch",
        /// What was used in place of what is left.
        Used = "used",
    }

    /// How a list of projects or children is wrapped.
    ListShape {
        /// `{"result": […]}` (observed).
        #[default]
        Result = "result",
        /// `{"value": […]}` (guess, after the answer to an upload).
        Value = "value",
        /// The array alone (guess; clients expect it).
        Bare = "bare",
    }

    /// What the answer to an upload and to a new folder looks like: which one the service sends is not settled.
    CreatedShape {
        /// `{"value": {"fileID": …, "fileName": …}}`, which clients try first (observed).
        #[default]
        ValueFileId = "value-file-id",
        /// `{"result": {"id": …, "name": …}}` (guess).
        ResultId = "result-id",
        /// `{"fileId": …, "fileName": …}` (guess).
        BareFileId = "bare-file-id",
        /// `{"value": {"fileID": …}}`: the id alone, and not the name under which it was stored (guess).
        IdAlone = "id-alone",
        /// `{}`: stored, but without an id (observed).
        Empty = "empty",
    }

    /// What the Workplace store does to names (guess: none of it was observed, all of it is what stores do).
    NameRule {
        /// Keeps them as they were sent; case and Unicode form tell names apart.
        #[default]
        AsSent = "as-sent",
        /// Keeps them, and takes two names for one that differ by case alone.
        FoldsCase = "folds-case",
        /// Stores them in the Unicode form NFC.
        Nfc = "nfc",
        /// Stores `_` for each of `< > : " | ? * ^`, as the desktop clients do (official for those).
        Replaces = "replaces",
    }
}
