"""The judge of the random plays and the crash stories.

It knows what people did (:mod:`tests.judge.history`), what both products show afterwards (:mod:`tests.judge.snapshot`)
and the failure policy of the design. It imports nothing of the module that it judges, and nothing that does.
"""
