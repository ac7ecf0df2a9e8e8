"""Texts that a person reads, in two languages, and how they are laid out."""
