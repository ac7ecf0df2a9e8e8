"""What is assumed of live systems, settled on one: see docs/probe.md."""
