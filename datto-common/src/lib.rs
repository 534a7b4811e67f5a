//! What the clients of the Datto products share: transport, authentication, retries, limits, paging, errors.
