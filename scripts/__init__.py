"""What `make` runs, beside the tools themselves."""
