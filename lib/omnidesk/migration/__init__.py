"""What was there before the module: tickets of the past go over when asked to (:mod:`omnidesk.migration.imports`)."""
