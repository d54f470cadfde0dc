"""What PayPal says of every payment here about its protection of sellers."""

from sandbox.json_types import Resource

SELLER_PROTECTION: Resource = {
    "status": "ELIGIBLE",
    "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
}
