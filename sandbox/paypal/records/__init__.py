"""PayPal's resources: what is kept of each, and how it is shown."""
