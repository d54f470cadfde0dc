"""What PayPal's request bodies may contain, and the check of it."""
