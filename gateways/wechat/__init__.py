"""WeChat Pay: QR codes, H5 pages and payments inside WeChat, over its API v3 or its API v2."""
