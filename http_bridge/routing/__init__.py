"""Which RPC an HTTP method and a path mean: the contract's path templates, and the search among them."""
