"""WeChat Pay's API v3: JSON under RSA signatures, through WeChat's library."""
