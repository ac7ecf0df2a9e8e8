"""What was there before the module: tickets of the past are sent when asked to (:mod:`omnidesk.migration.imports`)."""
