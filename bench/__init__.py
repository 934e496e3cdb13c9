"""Measures by ratio: every number stands beside a reference taken in the same run on the same machine."""
