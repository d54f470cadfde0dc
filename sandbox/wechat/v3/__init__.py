"""API v3: JSON, signed with RSA keys."""
