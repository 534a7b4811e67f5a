//! One API call as data. Each product crate has a table of them; everything else reads it.

use std::time::Duration;

use http::Method;

/// What sending a call twice does. Retries follow this, never the HTTP method: one of the services creates with PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// A write that leaves the same state when it is repeated.
    Repeatable,
    /// A write that must not be repeated: it would create, run or reset something twice.
    Once,
}

/// What harm a call can do if it is the wrong one: for a policy of who may make it, and what has to be approved. Our judgement, not the
/// service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// It only reads, or writes what is easily set back: a note, a lock, the state of an alert.
    Low,
    /// It runs something, or changes how machines, customers or files are treated.
    High,
    /// It deletes, ends access, or may lose data for good.
    Destructive,
}

impl Risk {
    /// As one word: `low`, `high`, `destructive`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::Destructive => "destructive",
        }
    }
}

/// Which of the service's limits a call counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// The limit on reads.
    Read,
    /// The limit on writes, and that of the named write operation.
    Write(&'static str),
}

impl Bucket {
    /// The service's name of the write operation; `None` for a read and where the name is not known.
    pub fn write_name(self) -> Option<&'static str> {
        match self {
            Self::Write(name) => Some(name).filter(|name| !name.is_empty()),
            Self::Read => None,
        }
    }
}

/// How well a call is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The vendor's own document describes it.
    Official,
    /// Clients that run against the real service use it.
    Observed,
    /// It exists; its path or shape is inferred.
    Guess,
}

/// How a list is cut into pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paging {
    /// The member that holds the records.
    pub items: &'static str,
    /// The member that describes the page.
    pub details: &'static str,
    /// The query parameter for the size of a page.
    pub size_param: &'static str,
    /// The size asked for where the caller names none.
    pub default_size: u32,
    /// The largest size that the service serves.
    pub max_size: u32,
    /// How the next page is found.
    pub scheme: Scheme,
    /// Whether the records may also come as a bare array, or as an object whose keys are indices.
    pub loose: bool,
    /// Whether an object without members is a list without records.
    pub empty_object: bool,
    /// The member that holds an error although the status is fine; empty where there is none.
    pub failure: &'static str,
    /// What a page says of itself.
    pub echo: Echo,
}

/// The members of the details in which a page says what it is; empty where it does not. They are held against what was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Echo {
    /// The number of the page.
    pub page: &'static str,
    /// How many records a page has at the most.
    pub size: &'static str,
    /// How many records this page has.
    pub rows: &'static str,
}

/// How the next page is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Pages have numbers; a link in the details leads to the next one, its absence ends the list.
    Link {
        /// The query parameter for the number.
        param: &'static str,
        /// The number of the first page.
        first: u64,
        /// The member of the details that holds the link.
        next: &'static str,
        /// The member of the details that holds the number of all records.
        total: &'static str,
    },
    /// Pages have numbers; the details say how many pages there are.
    Count {
        /// The query parameter for the number.
        param: &'static str,
        /// The number of the first page.
        first: u64,
        /// The member of the details that holds the number of pages.
        pages: &'static str,
        /// The member of the details that holds the number of all records (of this page, if the service means that).
        total: &'static str,
    },
    /// A link in the details carries an opaque cursor in these query parameters.
    Cursor {
        /// The query parameters that are taken from the link.
        carry: &'static [&'static str],
        /// The member of the details that holds the link.
        next: &'static str,
    },
}

impl Paging {
    #[doc(hidden)]
    pub const fn new(
        items: &'static str,
        details: &'static str,
        size_param: &'static str,
        sizes: (u32, u32),
        scheme: Scheme,
    ) -> Self {
        Self {
            items,
            details,
            size_param,
            default_size: sizes.0,
            max_size: sizes.1,
            scheme,
            loose: false,
            empty_object: false,
            failure: "",
            echo: Echo { page: "", size: "", rows: "" },
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn echoing(mut self, echo: Echo) -> Self {
        self.echo = echo;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn failing(mut self, member: &'static str) -> Self {
        self.failure = member;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn empty_as_object(mut self) -> Self {
        self.empty_object = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn loose(mut self) -> Self {
        self.loose = true;
        self
    }
}

/// One API call as data: its row in the table of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its name, `devices.get`: in errors, spans and ENDPOINTS.md.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, with placeholders: `/v2/device/{deviceUid}`.
    pub path: &'static str,
    /// The query parameters that it takes.
    pub query: &'static [&'static str],
    /// What sending it twice does.
    pub effect: Effect,
    /// What harm it can do if it is the wrong one.
    pub risk: Risk,
    /// Which limit it counts against.
    pub bucket: Bucket,
    /// How well it is known.
    pub evidence: Evidence,
    /// How long one attempt may take, where that differs from the client's default.
    pub attempt_timeout: Option<Duration>,
    /// How long the whole call may take, where that differs from the client's default.
    pub call_timeout: Option<Duration>,
    /// Whether a 504 is worth another attempt.
    pub retry_504: bool,
    /// How its list is cut into pages; `None` if it answers with everything.
    pub paging: Option<Paging>,
    /// Whether it needs no credentials, and gets none.
    pub anonymous: bool,
    /// The member of the record that comes back which repeats the last value of the path: another value is another record.
    pub echo: Option<&'static str>,
    /// What is peculiar about it, in a few words.
    pub note: &'static str,
}

impl Operation {
    #[doc(hidden)]
    pub const fn new(name: &'static str, method: Method, path: &'static str, effect: Effect, bucket: Bucket) -> Self {
        Self {
            name,
            method,
            path,
            query: &[],
            effect,
            risk: if matches!(effect, Effect::Read) { Risk::Low } else { Risk::High },
            bucket,
            evidence: Evidence::Official,
            attempt_timeout: None,
            call_timeout: None,
            retry_504: true,
            paging: None,
            anonymous: false,
            echo: None,
            note: "",
        }
    }

    /// A GET that changes nothing.
    #[doc(hidden)]
    pub const fn read(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::GET, path, Effect::Read, Bucket::Read)
    }

    /// A write; `bucket` is the service's name for it, empty where it is not known.
    #[doc(hidden)]
    pub const fn write(
        name: &'static str,
        method: Method,
        path: &'static str,
        effect: Effect,
        bucket: &'static str,
    ) -> Self {
        Self::new(name, method, path, effect, Bucket::Write(bucket))
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn query(mut self, parameters: &'static [&'static str]) -> Self {
        self.query = parameters;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn paged(mut self, paging: Paging) -> Self {
        self.paging = Some(paging);
        self
    }

    /// What it writes is easily set back.
    #[doc(hidden)]
    #[must_use]
    pub const fn low_risk(mut self) -> Self {
        self.risk = Risk::Low;
        self
    }

    /// It deletes, ends access, or may lose data for good.
    #[doc(hidden)]
    #[must_use]
    pub const fn destructive(mut self) -> Self {
        self.risk = Risk::Destructive;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn observed(mut self) -> Self {
        self.evidence = Evidence::Observed;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn guess(mut self) -> Self {
        self.evidence = Evidence::Guess;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn timeouts(mut self, attempt_seconds: u64, call_seconds: u64) -> Self {
        self.attempt_timeout = Some(Duration::from_secs(attempt_seconds));
        self.call_timeout = Some(Duration::from_secs(call_seconds));
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn not_after_504(mut self) -> Self {
        self.retry_504 = false;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn echoes(mut self, member: &'static str) -> Self {
        self.echo = Some(member);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

/// Declares the table of operations of a product: one row per API call, and `ALL`.
#[doc(hidden)]
#[macro_export]
macro_rules! operations {
    ($($(#[$meta:meta])* $name:ident = $row:expr;)+) => {
        $($(#[$meta])* pub static $name: $crate::Operation = $row;)+

        /// Every operation, in the order of the table.
        pub static ALL: &[&$crate::Operation] = &[$(&$name),+];
    };
}
