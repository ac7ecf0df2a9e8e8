"""BILLmanager: its tickets (read by SQL) and its panel (asked to write). Knows nothing of Omnidesk."""
