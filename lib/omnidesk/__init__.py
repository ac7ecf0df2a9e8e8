"""The BILLmanager-Omnidesk module.

Nothing is imported here: the doorbells start a bare interpreter for every ring and pay for each import.
"""
