"""What each Stripe call accepts, read from the SDK's typed parameters."""
