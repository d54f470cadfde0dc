"""Cards: brands, checks and what Stripe's published test cards do."""
