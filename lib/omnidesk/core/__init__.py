"""What everything else rests on: paths, settings, errors, logging, locks, the database connection, files."""
