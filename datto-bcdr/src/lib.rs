//! Client of the Datto partner API: BCDR appliances, SaaS Protection, Direct-to-Cloud.
