//! Client of the Datto RMM API: devices, sites, alerts, jobs, patches.
