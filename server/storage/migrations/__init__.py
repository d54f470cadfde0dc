"""The schema's history, in the order of the files' numbers; the same on both databases."""
