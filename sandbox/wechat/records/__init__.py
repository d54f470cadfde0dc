"""What the simulated WeChat Pay keeps: orders, refunds and notifications."""
