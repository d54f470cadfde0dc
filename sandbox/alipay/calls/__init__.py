"""What the simulated Alipay does when it is called."""
