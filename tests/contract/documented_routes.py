"""The routes as the two documents and the specification beside them list them, copied by hand, and what was added to them."""

V1_DOCUMENT = """
GET    /api/v1/payments
GET    /api/v1/payments/{id}
POST   /api/v1/payments
POST   /api/v1/payments/{id}/capture
POST   /api/v1/payments/{id}/cancel
POST   /api/v1/payments/{id}/refunds
GET    /api/v1/payments/{payment_id}/refunds/{refund_id}
GET    /api/v1/payments/{payment_id}/refunds
GET    /api/v1/customers/{customer_id}/payment_methods
POST   /api/v1/customers/{customer_id}/payment_methods
DELETE /api/v1/customers/{customer_id}/payment_methods/{payment_method_id}
POST   /api/v1/customers/{customer_id}/payment_methods/{payment_method_id}/default
POST   /api/v1/payment_intents
POST   /api/v1/payment_intents/{id}/confirm
POST   /api/v1/payment_intents/{id}/capture
POST   /api/v1/payment_intents/{id}/cancel
GET    /api/v1/disputes
GET    /api/v1/disputes/{id}
POST   /api/v1/disputes/{id}/evidence
GET    /api/v1/payouts
GET    /api/v1/payouts/{id}
GET    /api/v1/balance
GET    /api/v1/balance/transactions
"""

MALL_DOCUMENT = """
GET    /api/payment-configs
POST   /api/payment-configs
POST   /api/payments
GET    /api/payments/gateways
POST   /api/payments/callback
POST   /api/orders
"""

SPECIFIED = """
GET    /api/v1/payment_intents
GET    /api/v1/payment_intents/{id}
POST   /api/v1/files
GET    /api/v1/capabilities
POST   /api/v1/payouts
POST   /api/v1/payouts/{id}/cancel
POST   /api/v1/payments/{id}/resolve
POST   /api/v1/ledger/verify
GET    /api/v1/audit_log
GET    /api/v1/callbacks
GET    /api/v1/callbacks/{id}
GET    /api/v1/callbacks/{id}/explain
POST   /api/v1/callbacks/{id}/replay
POST   /api/v1/webhook_endpoints
GET    /api/v1/webhook_endpoints
GET    /api/v1/webhook_endpoints/{id}
PATCH  /api/v1/webhook_endpoints/{id}
DELETE /api/v1/webhook_endpoints/{id}
POST   /api/v1/webhook_endpoints/{id}/rotate_secret
POST   /api/v1/webhook_endpoints/{id}/test
GET    /api/v1/webhook_endpoints/{id}/deliveries
GET    /api/v1/events
GET    /api/v1/events/{id}
POST   /api/v1/events/{id}/redeliver
POST   /api/v1/events/redeliver
GET    /api/v1/events:watch
GET    /api/orders
GET    /api/orders/{id}
POST   /api/orders/{id}/cancel
POST   /api/orders/{id}/ship
POST   /api/orders/{id}/complete
POST   /api/payments/callback/{gateway}
"""

# Where all three are silent: described on the pages of this project alone.
ADDED = """
POST   /api/v1/payments/{payment_id}/refunds/{refund_id}/resolve
"""
