//! Answers on top of the calls: the rules by which backups are judged, and the report that they make.
