//! Client of the Datto Workplace and File Protection API: projects, folders, files.
