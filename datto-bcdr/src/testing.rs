//! Values that calls return, made by hand, for unit tests of code that takes them; see [`datto_common::testing`].
//!
//! ```
//! use datto_bcdr::{SeatResult, testing};
//!
//! let report = testing::seat_report([("user-1", SeatResult::Changed), ("user-2", SeatResult::AlreadySo)]);
//! assert!(report.is_complete());
//! ```

pub use datto_common::testing::*;

use crate::{RemoteId, SeatOutcome, SeatReport, SeatResult};

/// What became of these seats, after one round. Its other fields can be set afterwards.
pub fn seat_report<I: Into<RemoteId>>(seats: impl IntoIterator<Item = (I, SeatResult)>) -> SeatReport {
    let of =
        |(id, result): (I, SeatResult)| SeatOutcome { id: id.into(), name: None, before: None, after: None, result };
    SeatReport { seats: seats.into_iter().map(of).collect(), rounds: 1, stopped_by: None }
}
