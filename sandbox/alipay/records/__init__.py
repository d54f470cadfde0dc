"""What the simulated Alipay keeps of trades, authorisations and notifications."""
