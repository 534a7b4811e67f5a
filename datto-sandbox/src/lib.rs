//! A local, stateful stand-in for the Datto RMM, BCDR and Workplace services, with their oddities.
