"""Benchmarks by ratio: each number has a reference, measured in the same run on the same machine."""
