//! Seats of SaaS customers.

use std::collections::BTreeMap;

use datto_common::internal::read_all;
use datto_common::{Cause, Error, ErrorKind, Measured, Missing, Result, StatusCode};

use super::SaasApi;
use crate::{SaasCustomerId, SaasSeat, SeatType, operations};

datto_common::call_builder! {
    /// Lists the seats of a customer: [`SaasApi::seats`].
    pub struct ListSeats -> Vec<SaasSeat> {}
}

impl ListSeats {
    /// Of these types alone. The service is strict about them (observed).
    pub fn seat_types(mut self, types: impl IntoIterator<Item = SeatType>) -> Self {
        let types: Vec<String> = types.into_iter().map(|kind| kind.to_string()).collect();
        self.0.call_mut().set_query("seatType", types.join(","));
        self
    }
}

/// What could be learned of the seats of a customer: [`SaasApi::seats_or_counts`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SeatsOrCounts {
    /// The service listed them all.
    Exact(Vec<SaasSeat>),
    /// The service listed them type by type; seats of a type that this version does not know are not among them.
    PerType(Vec<SaasSeat>),
    /// The service did not list them: what is known is how many are in use.
    CountsOnly {
        /// How many seats the customer uses, by the list of customers.
        seats_used: i64,
        /// The seats of the types that could be listed.
        listed: Vec<SaasSeat>,
        /// The types that could not, and why.
        missing: Vec<Missing>,
    },
}

impl SeatsOrCounts {
    /// How many seats are billed, whichever way they came; see [`SaasSeat::is_billable`]. Seats of which that cannot be told are
    /// counted as missing. What the list of customers counts as used is taken for the same (guess).
    pub fn billed(&self) -> Measured<u64> {
        match self {
            Self::Exact(seats) | Self::PerType(seats) => {
                let count = |meaning| seats.iter().filter(|seat| seat.is_billable() == meaning).count() as u64;
                let untold = match count(None) {
                    0 => None,
                    untold => Some(Missing::new(
                        format!("{untold} seats"),
                        Cause::new(ErrorKind::NoData, "whether they are billed is not said"),
                    )),
                };
                Measured::from_parts(count(Some(true)), untold.into_iter().collect())
            }
            Self::CountsOnly { seats_used, .. } => match u64::try_from(*seats_used) {
                Ok(used) => Measured::Known(used),
                Err(_) => Measured::unknown(Cause::new(ErrorKind::Decode, "the service counts fewer seats than none")),
            },
        }
    }

    /// The billed seats by their type, as the service names it. Partial where seats could not be listed, or where it cannot be told of some whether they
    /// are billed.
    pub fn billed_by_type(&self) -> Measured<BTreeMap<String, u64>> {
        let (seats, mut missing) = match self {
            Self::Exact(seats) | Self::PerType(seats) => (seats, self.billed().missing().to_vec()),
            Self::CountsOnly { listed, missing, .. } => (listed, missing.clone()),
        };
        let mut types = BTreeMap::new();
        for seat in seats.iter().filter(|seat| seat.is_billable() == Some(true)) {
            let name = seat.seat_type.as_ref().map_or("unknown", SeatType::as_str);
            *types.entry(name.to_owned()).or_default() += 1;
        }
        if let (true, Self::CountsOnly { .. }) = (types.is_empty(), self) {
            let first = missing.drain(..).next().map(|missing| missing.cause);
            return Measured::unknown(first.unwrap_or_else(|| Cause::new(ErrorKind::NoData, "no seat was listed")));
        }
        Measured::from_parts(types, missing)
    }
}

impl SaasApi {
    /// Lists the seats of a customer.
    ///
    /// `GET /saas/{saasCustomerId}/seats` · read · observed · 38 to 60 s
    ///
    /// # Errors
    /// `Server` with status 504 for large customers in some accounts (observed above 25 to 40 seats), however often it is asked: see
    /// [`seats_or_counts`](Self::seats_or_counts).
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let seats = bcdr.saas().seats(4711).await?;
    /// let billed = seats.iter().filter(|seat| seat.is_billable() == Some(true)).count();
    /// # Ok(())
    /// # }
    /// ```
    pub fn seats(&self, customer_id: impl Into<SaasCustomerId>) -> ListSeats {
        ListSeats(
            self.core
                .call(&operations::SAAS_SEATS, [customer_id.into().as_str()])
                .read(|answer| read_all(answer, &operations::BARE)),
        )
    }

    /// Lists the seats of a customer; where the service cannot do that in time, asks for one type after the other, and where that fails too,
    /// takes the count from the list of customers. Says which of the three it is.
    ///
    /// That asking for one type helps is a guess.
    ///
    /// # Errors
    /// Any failure of the first call but a 504 or a timeout; one of the list of customers where it is needed.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// use datto_bcdr::SeatsOrCounts;
    /// let seats = bcdr.saas().seats_or_counts(4711).await?;
    /// println!("{} billed", seats.billed()); // "112", "at least 110", "unknown: why"
    /// if let SeatsOrCounts::Exact(seats) = seats {
    ///     println!("{} in all", seats.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn seats_or_counts(&self, customer_id: impl Into<SaasCustomerId>) -> Result<SeatsOrCounts> {
        let customer_id = customer_id.into();
        let first = match self.seats(&customer_id).send().await {
            Ok(seats) => return Ok(SeatsOrCounts::Exact(seats)),
            Err(error) if is_too_slow(&error) => error,
            Err(error) => return Err(error),
        };
        let (mut listed, mut missing) = (Vec::new(), Vec::new());
        for name in SeatType::KNOWN {
            match self.seats(&customer_id).seat_types([SeatType::from(*name)]).send().await {
                Ok(seats) => listed.extend(seats),
                Err(error) => missing.push(Missing::new(format!("seats of type {name}"), error)),
            }
        }
        if missing.is_empty() {
            return Ok(SeatsOrCounts::PerType(listed));
        }
        let customers = self.domains().send().await?;
        let of_customer = customers.iter().filter(|customer| customer.saas_customer_id == customer_id);
        let counts: Option<Vec<i64>> = of_customer.map(|customer| customer.seats_used).collect();
        match counts {
            Some(counts) if !counts.is_empty() => {
                Ok(SeatsOrCounts::CountsOnly { seats_used: counts.iter().sum(), listed, missing })
            }
            // The list of customers does not know either.
            _ => Err(first),
        }
    }
}

fn is_too_slow(error: &Error) -> bool {
    error.status() == Some(StatusCode::GATEWAY_TIMEOUT) || error.kind() == ErrorKind::Timeout
}
