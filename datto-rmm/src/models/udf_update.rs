//! Changes of user-defined fields.

use std::collections::BTreeMap;

use datto_common::{Error, ErrorKind, Result, Sensitive};
use serde::{Serialize, Serializer};

use super::date;
use super::udf::{UDF_LENGTH, UDF_MAX, Udfs};

/// Which text fields to set and clear; what it does not name stays as it is.
///
/// ```
/// use datto_rmm::UdfUpdate;
/// let update = UdfUpdate::new().set(3, "Lab").clear(7);
/// assert_eq!(serde_json::to_string(&update)?, r#"{"udf3":"Lab","udf7":""}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct UdfUpdate {
    changes: BTreeMap<u16, Sensitive<String>>,
}

impl UdfUpdate {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the field of this ordinal, 1 to 300. The empty text clears it, as the service reads it (official).
    pub fn set(mut self, ordinal: u16, value: impl Into<String>) -> Self {
        self.changes.insert(ordinal, Sensitive(value.into()));
        self
    }

    /// Cuts every text that is set so far to 255 characters. Without it a longer one is refused: the service would cut it without a word.
    pub fn cut(mut self) -> Self {
        self.changes.values_mut().for_each(|text| cut(&mut text.0));
        self
    }

    /// Clears the field of this ordinal, 1 to 300.
    pub fn clear(self, ordinal: u16) -> Self {
        // Null would clear it too, but the document's schema forbids it.
        self.set(ordinal, "")
    }

    /// The fields that it names.
    pub fn ordinals(&self) -> impl Iterator<Item = u16> {
        self.changes.keys().copied()
    }

    /// How many fields it names.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes that are needed where the fields are these. An absent field is an empty one.
    pub fn differing_from(&self, udfs: &Udfs) -> Self {
        let differs = |ordinal: u16, text: &str| udfs.get(ordinal).unwrap_or_default() != text;
        let changes = self.changes.iter().filter(|(ordinal, text)| differs(**ordinal, &text.0));
        Self { changes: changes.map(|(ordinal, text)| (*ordinal, text.clone())).collect() }
    }

    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an ordinal outside 1 to 300 and a text of more than 255 characters.
    pub(crate) fn check(&self) -> Result<()> {
        self.changes.iter().try_for_each(|(ordinal, text)| {
            check_ordinal(*ordinal)?;
            check_length(*ordinal, text)
        })
    }
}

impl Serialize for UdfUpdate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.changes.iter().map(|(ordinal, text)| (format!("udf{ordinal}"), text)))
    }
}

/// Which typed fields to set and clear (v3); what it does not name stays as it is. The service refuses a value of the
/// wrong type.
///
/// ```
/// use datto_rmm::UdfV3Update;
/// let update = UdfV3Update::new().text(1, "Lab").number(2, 12.0).date(3, "2027-01-31").boolean(4, true).clear(5);
/// # let _ = update;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct UdfV3Update {
    udfs: Vec<UdfChange>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct UdfChange {
    ordinal: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_boolean: Option<Sensitive<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_string: Option<Sensitive<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_date: Option<Sensitive<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_number: Option<Sensitive<f64>>,
}

impl UdfV3Update {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field of the type text.
    pub fn text(self, ordinal: u16, value: impl Into<String>) -> Self {
        self.with(UdfChange { ordinal, value_string: Some(Sensitive(value.into())), ..UdfChange::default() })
    }

    /// Sets a field of the type boolean.
    pub fn boolean(self, ordinal: u16, value: bool) -> Self {
        self.with(UdfChange { ordinal, value_boolean: Some(Sensitive(value)), ..UdfChange::default() })
    }

    /// Sets a field of the type number.
    pub fn number(self, ordinal: u16, value: f64) -> Self {
        self.with(UdfChange { ordinal, value_number: Some(Sensitive(value)), ..UdfChange::default() })
    }

    /// Sets a field of the type date: `yyyy-MM-dd`.
    pub fn date(self, ordinal: u16, value: impl Into<String>) -> Self {
        self.with(UdfChange { ordinal, value_date: Some(Sensitive(value.into())), ..UdfChange::default() })
    }

    /// Cuts every text that is set so far to 255 characters. Without it a longer one is refused: the service would cut it without a word.
    pub fn cut(mut self) -> Self {
        self.udfs.iter_mut().filter_map(|change| change.value_string.as_mut()).for_each(|text| cut(&mut text.0));
        self
    }

    /// Clears a field of any type: an item without a value removes it (official; that an absent value is read as null is a guess).
    pub fn clear(self, ordinal: u16) -> Self {
        self.with(UdfChange { ordinal, ..UdfChange::default() })
    }

    /// The last word about an ordinal counts.
    fn with(mut self, change: UdfChange) -> Self {
        self.udfs.retain(|earlier| earlier.ordinal != change.ordinal);
        self.udfs.push(change);
        self
    }

    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an ordinal outside 1 to 300, a text of more than 255 characters, a date that is none, and a number that JSON cannot
    /// hold: it would be written as null, which clears the field.
    pub(crate) fn check(&self) -> Result<()> {
        for change in &self.udfs {
            check_ordinal(change.ordinal)?;
            if let Some(text) = &change.value_string {
                check_length(change.ordinal, text)?;
            }
            if let Some(text) = &change.value_date {
                date::check(text)?;
            }
            if change.value_number.as_ref().is_some_and(|number| !number.is_finite()) {
                let message = format!("the number for user-defined field {} is not finite", change.ordinal);
                return Err(Error::new(ErrorKind::InvalidInput, message));
            }
        }
        Ok(())
    }
}

/// The service cuts longer texts (official); that it counts characters is a guess.
fn check_length(ordinal: u16, text: &str) -> Result<()> {
    let length = text.chars().count();
    if length <= UDF_LENGTH {
        return Ok(());
    }
    let message =
        format!("the text for user-defined field {ordinal} has {length} characters: the service keeps {UDF_LENGTH}");
    Err(Error::new(ErrorKind::InvalidInput, message).with_hint("shorten it, or let `cut` do it"))
}

fn cut(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(UDF_LENGTH) {
        text.truncate(at);
    }
}

fn check_ordinal(ordinal: u16) -> Result<()> {
    if (1..=UDF_MAX).contains(&ordinal) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!("there is no user-defined field {ordinal}: they are 1 to {UDF_MAX}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_update_of_a_wrong_ordinal_is_refused() {
        assert!(UdfUpdate::new().set(1, "a").clear(300).check().is_ok());
        for ordinal in [0, 301] {
            let error = UdfUpdate::new().clear(ordinal).check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(UdfV3Update::new().clear(ordinal).check().is_err());
        }
    }

    #[test]
    fn a_text_that_the_service_would_cut_is_refused_or_cut() {
        let (fits, long) = ("ä".repeat(255), "ä".repeat(300));
        assert!(UdfUpdate::new().set(1, fits.clone()).check().is_ok());
        let error = UdfUpdate::new().set(7, long.clone()).check().unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("field 7 has 300"), "{error}");
        assert!(UdfV3Update::new().text(7, long.clone()).check().is_err());
        assert_eq!(UdfUpdate::new().set(1, long.clone()).cut(), UdfUpdate::new().set(1, fits.clone()));
        assert_eq!(UdfV3Update::new().text(1, long).cut(), UdfV3Update::new().text(1, fits));
    }

    #[test]
    fn a_typed_update_writes_one_value_an_item() {
        let update = UdfV3Update::new()
            .text(1, "old")
            .text(1, "Lab")
            .number(2, 1.5)
            .date(3, "2027-01-31")
            .boolean(4, true)
            .clear(5);
        assert!(update.check().is_ok());
        assert_eq!(
            serde_json::to_value(&update).unwrap(),
            json!({"udfs": [
                {"ordinal": 1, "valueString": "Lab"}, {"ordinal": 2, "valueNumber": 1.5},
                {"ordinal": 3, "valueDate": "2027-01-31"}, {"ordinal": 4, "valueBoolean": true}, {"ordinal": 5}
            ]})
        );
        assert!(!format!("{update:?}").contains("Lab"));
        assert!(UdfV3Update::new().number(2, f64::NAN).check().is_err());
        assert!(UdfV3Update::new().date(2, "31.1.2027").check().is_err());
    }
}
