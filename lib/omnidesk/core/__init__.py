"""What all other packages use: paths, settings, errors, logging, locks, the database connection, files."""
