"""Omnidesk: its objects and its HTTP API. Knows nothing of BILLmanager."""
