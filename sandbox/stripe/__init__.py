"""A simulated Stripe, as its published API and the SDK's typed parameters describe it."""
