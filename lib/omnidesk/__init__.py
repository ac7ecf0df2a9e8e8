"""The BILLmanager-Omnidesk module.

Nothing is imported here: the hooks start a bare interpreter for every event and pay for each import.
"""
