"""From an HTTP request to the RPC's request message: its path, query, headers and body."""
