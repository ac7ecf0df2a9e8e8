"""Proof under faults: processes that die at every step, and what must hold afterwards (``make chaos``)."""
