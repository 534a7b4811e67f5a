//! A record of one's own over user-defined fields.

/// Declares a record whose fields are user-defined fields of a device, by their ordinals: read from a device, and written as an update.
///
/// ```
/// datto_rmm::udf_record! {
///     /// What we keep at each device.
///     pub struct Inventory {
///         /// Who uses it.
///         owner: 3,
///         /// Where it stands.
///         room: 7,
///     }
/// }
///
/// let device: datto_rmm::Device = serde_json::from_str(r#"{"udf": {"udf3": "Ada", "udf7": null}}"#)?;
/// let mut inventory = Inventory::of(&device);
/// assert_eq!((inventory.owner.as_deref(), inventory.room.as_deref()), (Some("Ada"), None));
///
/// inventory.room = Some("Lab".to_owned());
/// let update = inventory.update(); // for `devices().ensure_udfs(uid, update)`, which writes the difference alone
/// assert_eq!(update.ordinals().collect::<Vec<_>>(), [3, 7]);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// `Debug` shows the values: keep what is private out of it.
#[macro_export]
macro_rules! udf_record {
    (
        $(#[$meta:meta])*
        $visible:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field:ident: $ordinal:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        $visible struct $name {
            $($(#[$field_meta])* $visible $field: ::std::option::Option<::std::string::String>,)+
        }

        impl $name {
            /// What a device has.
            $visible fn of(device: &$crate::Device) -> Self {
                let text = |ordinal: u16| device.udf.as_ref().and_then(|udf| udf.get(ordinal)).map(str::to_owned);
                Self { $($field: text($ordinal),)+ }
            }

            /// The update that gives a device these: what is `None` is cleared.
            $visible fn update(&self) -> $crate::UdfUpdate {
                let update = $crate::UdfUpdate::new();
                $(let update = update.set($ordinal, self.$field.clone().unwrap_or_default());)+
                update
            }
        }
    };
}
