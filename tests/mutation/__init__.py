"""Mutation testing (`make mutants`): changes made to the code on purpose, each of which a test has to notice."""
