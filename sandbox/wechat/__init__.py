"""A simulated WeChat Pay: API v2 and API v3 over the same orders."""
