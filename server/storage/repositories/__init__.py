"""One module per port of the domain: its statements, built once, and the way between rows and the domain's values."""
