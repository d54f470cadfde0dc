"""API v2: XML, signed with the merchant's API key."""
