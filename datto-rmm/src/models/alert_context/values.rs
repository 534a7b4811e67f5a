//! The values that fields of contexts may have.

datto_common::open_enum! {
    /// What is wrong with an antivirus.
    pub enum AntivirusAlertStatus {
        /// None found.
        NotDetected = "NOTDETECTED",
        /// Not running.
        NotRunning = "NOTRUNNING",
        /// Running, not up to date.
        RunningNotUpToDate = "RUNNINGNOTUPTODATE",
    }
}

datto_common::open_enum! {
    /// A resource of a device.
    pub enum ResourceKind {
        /// Processor.
        Cpu = "CPU",
        /// Memory.
        Memory = "MEMORY",
        /// Temperature.
        Temperature = "TEMPERATURE",
        /// Fan.
        Fan = "FAN",
        /// Health of disks.
        DiskHealth = "DISKHEALTH",
        /// Power supply.
        Psu = "PSU",
        /// Throughput read by SNMP.
        SnmpThroughput = "SNMP_THROUGHPUT",
    }
}

datto_common::open_enum! {
    /// A file or a directory.
    pub enum FileObjectKind {
        /// A file.
        File = "FILE",
        /// A directory.
        Directory = "DIRECTORY",
    }
}

datto_common::open_enum! {
    /// What is wrong with a file or directory.
    pub enum FileCondition {
        /// Larger than allowed.
        AboveThreshold = "ABOVE_THRESHOLD",
        /// Smaller than allowed.
        BelowThreshold = "BELOW_THRESHOLD",
        /// It is gone.
        Removed = "REMOVED",
        /// It has appeared.
        Created = "CREATED",
    }
}

datto_common::open_enum! {
    /// Whether a device is reachable.
    pub enum OnlineStatus {
        /// It is.
        Online = "ONLINE",
        /// It is not.
        Offline = "OFFLINE",
    }
}

datto_common::open_enum! {
    /// What a limit on the space of a disk is measured in.
    pub enum DiskUnit {
        /// Percent used.
        Percent = "PERCENT",
        /// Space used.
        Used = "USED",
        /// Space free.
        Free = "FREE",
    }
}

datto_common::open_enum! {
    /// Which disks a monitor watches.
    pub enum DiskDesignation {
        /// Any of them.
        AnyVolume = "ANY_VOLUME",
        /// All of them together.
        AllVolumes = "ALL_VOLUMES",
        /// One.
        SingleVolume = "SINGLE_VOLUME",
    }
}

datto_common::open_enum! {
    /// The state of a process or service.
    pub enum RunStatus {
        /// Stopped.
        Stopped = "STOPPED",
        /// About to start.
        StartPending = "STARTPENDING",
        /// About to stop.
        StopPending = "STOPPENDING",
        /// Running.
        Running = "RUNNING",
        /// About to go on.
        ContinuePending = "CONTINUEPENDING",
        /// About to pause.
        PausePending = "PAUSEPENDING",
        /// Paused.
        Paused = "PAUSED",
    }
}

datto_common::open_enum! {
    /// What was done with software.
    pub enum SoftwareActionKind {
        /// Installed.
        Installed = "INSTALLED",
        /// Removed.
        Uninstalled = "UNINSTALLED",
        /// Its version changed.
        VersionChanged = "VERSION_CHANGED",
    }
}

datto_common::open_enum! {
    /// What the Windows security center says about a product.
    pub enum SecurityCenterAlertKind {
        /// It is disabled.
        Disabled = "DISABLED",
        /// It is not up to date.
        NotUpToDate = "NOT_UPTODATE",
    }
}
