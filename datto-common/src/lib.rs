//! What the clients of the Datto products share: transport, authentication, retries, limits, paging, errors.
//!
//! Use `datto-rmm`, `datto-bcdr` or `datto-workplace`; each passes on what its users need of this crate. This crate knows
//! no endpoint.
//!
//! - An answer put together from several calls is [`Measured`]: known, partial or unknown. A failed read is never 0.
//! - A write that must not be repeated is not: see [`RetryPolicy`] for what is sent again.
//! - Every failure is an [`Error`] that says what, where, after how many attempts, and what to do.
//! - Lists are a [`Page`] or a [`Pager`]; what a service adds to a record is kept in [`Extra`].

// The `model!` macro names the crate as its users do.
#[cfg(test)]
extern crate self as datto_common;

mod ahead;
mod answer;
mod auth;
mod call;
mod changes;
mod client;
mod columns;
mod connection;
mod core;
mod counters;
mod cursor;
pub mod docs;
mod echo;
mod env;
mod error;
mod host;
mod ids;
mod incident;
mod kept;
mod limiter;
mod list;
mod measured;
mod model;
mod observer;
mod open_enum;
mod operation;
mod page;
mod pager;
mod path;
mod polled;
mod profile;
mod query;
mod raw;
mod reading;
mod request;
mod retry;
mod rows;
mod run;
mod scrub;
mod secret;
mod setup;
mod severity;
mod shape;
mod span;
#[doc(hidden)]
pub mod spans_of_time;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
mod tolerant;
mod transport;
mod usage;
mod walk;
mod wire;

pub use answer::Response;
pub use async_trait::async_trait;
pub use auth::{Authorization, Basic, Bearer, Credentials, Token, TokenCache, TokenSource};
#[cfg(feature = "oauth")]
pub use auth::{Grant, OAuth};
pub use changes::{Change, Changes, Confirmed, Doubt, Ended, Known, Removed};
pub use columns::{Column, ColumnKind, Columnar, Columns, Row, Scalar};
pub use connection::{ConnectionReport, ConnectionState, Finding, Level};
pub use counters::{CallCounts, Counters};
pub use cursor::Continuation;
pub use error::{Error, ErrorKind, Result};
pub use http::{HeaderMap, Method, StatusCode};
pub use incident::{Desk, Done, Incident, Sink};
pub use kept::{Aged, Kept};
pub use limiter::{
    BudgetInfo, Claim, ClaimedWindow, CountedWindow, InMemoryLimits, News, RateInfo, RateLimiter, SharedLimits, Taken,
    WindowInfo,
};
pub use list::Listing;
pub use measured::{Cause, Measured, Missing};
pub use model::Extra;
pub use observer::{Event, Observer};
pub use operation::{Bucket, Echo, Effect, Evidence, Operation, Paging, Risk, Scheme};
pub use page::{Odd, Page};
pub use pager::Pager;
pub use raw::RawRequest;
pub use reading::{Batch, Reading};
pub use request::{Pending, Request};
pub use reqwest;
pub use retry::RetryPolicy;
pub use secret::{Secret, Sensitive};
pub use severity::Severity;
pub use timestamp::Timestamp;
pub use walk::Verdict;

/// What every product crate passes on at its root: all that a user of the clients names.
pub mod shared {
    pub use crate::{
        Aged, Authorization, Basic, Batch, Bearer, BudgetInfo, CallCounts, Cause, Change, Changes, Column, ColumnKind,
        Columnar, Columns, ConnectionReport, ConnectionState, Continuation, Counters, Credentials, Desk, Effect, Error,
        ErrorKind, Event, Evidence, Extra, Finding, HeaderMap, InMemoryLimits, Incident, Kept, Known, Level, Listing,
        Measured, Method, Missing, Observer, Odd, Operation, Page, Pager, Pending, RateInfo, RateLimiter, RawRequest,
        Reading, Request, Response, Result, RetryPolicy, Risk, Row, Scalar, Secret, Sensitive, Severity, SharedLimits,
        Sink, StatusCode, Timestamp, Token, TokenCache, TokenSource, Verdict, WindowInfo, async_trait,
    };
}

/// What the product crates need of the core. Outside semver: do not use it.
#[doc(hidden)]
pub mod internal {
    pub use crate::answer::{Answer, Origin};
    pub use crate::call::{Body, Call, MakeBody, Moved, QueryValue, Stall, StreamBody};
    pub use crate::core::{Core, Opened};
    pub use crate::env::{Vars, credential, is_invisible, pasted, process};
    pub use crate::error::{Context, Text};
    pub use crate::host::{is_loopback, is_private};
    pub use crate::ids::read_id;
    pub use crate::limiter::{AskUsage, BudgetHeaders, Count, Pace, Rules, Usage};
    pub use crate::list::List;
    pub use crate::model::{Field, Held, Holds, Model, Unset, is_unset, wire_name};
    pub use crate::open_enum::read_text;
    pub use crate::page::read_all;
    pub use crate::polled::Polled;
    pub use crate::profile::{Failure, Profile};
    pub use crate::request::{Prepared, Read};
    pub use crate::rows::{AsIdentity, Identity};
    pub use crate::setup::Setup;
    pub use crate::spans_of_time;
    pub use crate::table::endpoints_page;
    pub use crate::tolerant::read_inner;
    pub use crate::transport::{LoginHttp, Through};
}

/// The programs of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
