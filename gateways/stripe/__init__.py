"""Stripe: cards through PaymentIntents."""
