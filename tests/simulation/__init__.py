"""Seeded runs of the whole service in virtual time: replicas that die, a line that loses, callers that repeat; the same seed is the same run."""
