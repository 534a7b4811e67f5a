//! What a company of a list and a place in a product have in common: names, domains, ids elsewhere.

/// Makes the setters of names, domains and ids, and the iterator over the names.
macro_rules! named {
    ($name:ident) => {
        impl $name {
            /// It goes by this name too.
            #[must_use]
            pub fn also_named(mut self, name: impl Into<String>) -> Self {
                self.further_names.push(name.into());
                self
            }

            /// This domain is its own.
            #[must_use]
            pub fn domain(mut self, domain: impl Into<String>) -> Self {
                self.domains.push(domain.into());
                self
            }

            /// The company has this id in another system.
            #[must_use]
            pub fn known_id(mut self, system: System, id: impl Into<String>) -> Self {
                self.known_ids.insert(system, id.into());
                self
            }

            pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
                std::iter::once(self.name.as_str()).chain(self.further_names.iter().map(String::as_str))
            }
        }
    };
}

pub(super) use named;
