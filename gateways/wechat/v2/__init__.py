"""WeChat Pay's API v2: flat XML under a shared key. WeChat's library does not speak it."""
