"""The simulated PayPal: OAuth, orders, payments, webhooks, IPN and the page where a buyer approves."""
