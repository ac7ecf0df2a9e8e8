"""Checks of what is assumed about the live systems: see docs/probe.md."""
