"""The module's version, as metrics and reports tell it; setup.cfg has the same (a test compares)."""

VERSION = "0.1.0"
