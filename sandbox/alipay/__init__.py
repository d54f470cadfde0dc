"""The simulated Alipay: the open platform's gateway, its cashier and its notifications."""
