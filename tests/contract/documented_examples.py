"""The JSON that the two documents show, copied from them, `...` included; only maps are sorted, as their order means nothing."""

# What callers send: the request that takes it, and the body.
REQUESTS = [
    (
        "CreatePaymentRequest",
        """{
  "order_id": "550e8400-e29b-41d4-a716-446655440100",
  "amount": "59.49",
  "currency": "USD",
  "gateway": "stripe",
  "payment_method": {
    "type": "card",
    "card": {
      "number": "4242424242424242",
      "exp_month": 12,
      "exp_year": 2025,
      "cvc": "123"
    }
  },
  "capture_method": "automatic",
  "receipt_email": "customer@example.com",
  "description": "订单 #1001",
  "metadata": {
    "order_number": "1001"
  }
}""",
    ),
    ("CapturePaymentRequest", """{"amount": "59.49"}"""),
    ("CapturePaymentRequest", """{}"""),
    (
        "CreateRefundRequest",
        """{
  "amount": "59.49",
  "reason": "requested_by_customer",
  "metadata": {
    "note": "客户对产品不满意"
  }
}""",
    ),
    ("CreateRefundRequest", """{}"""),
    (
        "CreatePaymentMethodRequest",
        """{
  "customer_id": "550e8400-e29b-41d4-a716-446655440001",
  "type": "card",
  "card": {
    "number": "4242424242424242",
    "exp_month": 12,
    "exp_year": 2025,
    "cvc": "123"
  },
  "set_as_default": true
}""",
    ),
    (
        "CreatePaymentIntentRequest",
        """{
  "amount": "59.49",
  "currency": "USD",
  "customer_id": "550e8400-e29b-41d4-a716-446655440001",
  "payment_method": "pm_...",
  "confirmation_method": "manual",
  "capture_method": "automatic",
  "setup_future_usage": "off_session",
  "metadata": {
    "order_id": "550e8400-e29b-41d4-a716-446655440100"
  }
}""",
    ),
    (
        "SubmitEvidenceRequest",
        """{
  "product_description": "优质棉质 T 恤",
  "customer_email": "customer@example.com",
  "shipping_date": "2024-01-16",
  "shipping_carrier": "UPS",
  "shipping_tracking_number": "1Z999...",
  "access_activity_log": "客户访问数字下载 3 次",
  "uncategorized_text": "其他说明...",
  "uncategorized_file": "file_..."
}""",
    ),
    (
        "SavePaymentConfigRequest",
        """{
    "gateway": "alipay",
    "config": {
        "app_id": "2021001234567890",
        "private_key": "MIIEvQIBADANBgkqhkiG9w0BAQE...",
        "public_key": "MIIBIjANBgkqhkiG9w0BAQEFAAO...",
        "notify_url": "https://example.com/api/payments/callback"
    },
    "status": 1
}""",
    ),
    (
        "SavePaymentConfigRequest",
        """{
    "gateway": "wechat",
    "config": {
        "app_id": "wx1234567890abcdef",
        "mch_id": "1234567890",
        "api_key": "32characterslong1234567890abcd",
        "notify_url": "https://example.com/api/payments/callback"
    },
    "status": 1
}""",
    ),
    (
        "SavePaymentConfigRequest",
        """{
    "gateway": "paypal",
    "config": {
        "client_id": "AeB1234567890abcdef",
        "secret": "EFG1234567890abcdef",
        "notify_url": "https://example.com/api/payments/callback"
    },
    "status": 1
}""",
    ),
    # What lacks fields is for the operation to refuse, which names them in the documented order.
    ("SavePaymentConfigRequest", """{"gateway": "alipay", "config": {}, "status": 0}"""),
    ("SavePaymentConfigRequest", """{}"""),
    ("CheckoutOrderRequest", """{"order_id": 123, "gateway": "alipay"}"""),
    ("CreateOrderRequest", """{"total_amount": "100.00", "currency": "CNY", "subject": "..."}"""),
    ("CreateOrderRequest", """{"total_amount": "100.00"}"""),
]

# What the service answers, in the v1 API.
PAYMENT = """{
  "id": "550e8400-e29b-41d4-a716-446655440200",
  "order_id": "550e8400-e29b-41d4-a716-446655440100",
  "amount": "59.49",
  "currency": "USD",
  "status": "succeeded",
  "gateway": "stripe",
  "gateway_payment_id": "pi_3O...",
  "payment_method": {
    "type": "card",
    "card": {
      "brand": "visa",
      "last4": "4242",
      "exp_month": 12,
      "exp_year": 2025,
      "fingerprint": "fp_..."
    }
  },
  "description": "订单 #1001",
  "receipt_email": "customer@example.com",
  "receipt_url": "https://pay.stripe.com/receipts/...",
  "captured": true,
  "capture_method": "automatic",
  "confirmation_method": "automatic",
  "customer_id": "550e8400-e29b-41d4-a716-446655440001",
  "refunded_amount": "0.00",
  "refunds": [],
  "dispute": null,
  "metadata": {
    "customer_name": "John Doe",
    "order_number": "1001"
  },
  "created_at": "2024-01-15T10:01:00Z",
  "updated_at": "2024-01-15T10:01:30Z",
  "captured_at": "2024-01-15T10:01:30Z"
}"""

BALANCE = """{
  "available": [
    {
      "currency": "USD",
      "amount": "12500.00"
    }
  ],
  "pending": [
    {
      "currency": "USD",
      "amount": "3500.00"
    }
  ],
  "instant_available": [
    {
      "currency": "USD",
      "amount": "5000.00"
    }
  ]
}"""

# The `data` of what the mall answers.
PAYMENT_CONFIG = """{
  "id": 1,
  "gateway": "alipay",
  "config": {
    "app_id": "2021001234567890",
    "notify_url": "https://example.com/notify",
    "private_key": "...",
    "public_key": "..."
  },
  "status": 1,
  "created_at": "2024-01-01 00:00:00",
  "updated_at": "2024-01-01 00:00:00"
}"""

CHECKOUT = """{
  "payment_url": "https://openapi.alipay.com/gateway.do?...",
  "order_no": "20240101123456789",
  "gateway": "alipay"
}"""

ENABLED_GATEWAY = """{
  "gateway": "wechat",
  "name": "微信支付"
}"""
