//! What can be asked of the service, one module a subject, as the records in [`models`](crate::models).

mod account;
mod devices;

pub use account::*;
pub use devices::*;

use datto_common::internal::Call;
use datto_common::{Error, ErrorKind, Operation};

/// A call by MAC address, which the service wants as twelve hexadecimal digits without separators (official).
fn mac_call(operation: &'static Operation, text: &str) -> Call {
    let digits: String =
        text.chars().filter(|c| !matches!(c, ':' | '-' | '.' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    let mut call = Call::new(operation, &[&digits]);
    if digits.len() != 12 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        call.refuse(Error::new(ErrorKind::InvalidInput, "a MAC address has twelve hexadecimal digits"));
    }
    call
}
