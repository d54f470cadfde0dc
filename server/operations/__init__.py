"""What the service does: one class per resource, one method per verb; each owns its transactions and calls gateways outside them."""
