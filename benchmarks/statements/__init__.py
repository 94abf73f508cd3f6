"""Statements from prose against the curated landscape: `python -m benchmarks.statements`."""
