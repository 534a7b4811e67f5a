//! Components: the scripts and programs of the account that jobs run.

use datto_common::Sensitive;

use crate::ids::{ComponentId, ComponentUid};

datto_common::model! {
    /// A component.
    pub struct Component {
        /// Its numeric id.
        pub id: ComponentId,
        /// Whether it needs credentials.
        pub credentials_required: Option<bool>,
        /// Its uid.
        pub uid: ComponentUid,
        /// Its name.
        pub name: Option<String>,
        /// A description.
        pub description: Option<String>,
        /// Its category.
        pub category_code: Option<String>,
        /// The variables that it declares.
        pub variables: Option<Vec<ComponentVariable>>,
    }

    /// A variable that a component declares.
    pub struct ComponentVariable {
        /// Its name.
        pub name: Option<String>,
        /// What it is if a job does not say. May be a credential: `Debug` hides it.
        pub default_val: Option<Sensitive<String>>,
        /// Its type.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Whether it goes in, else out (guess).
        pub direction: Option<bool>,
        /// A description.
        pub description: Option<String>,
        /// Its place among the variables.
        pub variables_idx: Option<i64>,
    }
}
