"""What each Stripe call does."""
