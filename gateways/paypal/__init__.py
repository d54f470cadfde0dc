"""PayPal: the customer approves an order on PayPal's pages, and we take the money."""
