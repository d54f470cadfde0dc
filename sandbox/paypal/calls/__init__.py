"""What PayPal does at each of its calls."""
