"""The command line, for the panel and for a person."""
