"""The fields of every resource and request as the documents and the specification beside them give them.

Where they say nothing of a resource, this table is what we decided.
"""

# The fields that REST shows, in their order.
RESOURCES = {
    "Payment": (
        "id order_id amount currency status gateway gateway_payment_id payment_method description receipt_email"
        " receipt_url captured capture_method confirmation_method customer_id refunded_amount refunds dispute metadata"
        " created_at updated_at captured_at captured_amount reference next_action failure_code failure_message"
        " expires_at canceled_at"
    ),
    "PaymentMethodDetails": "type card",
    "CardDetails": "brand last4 exp_month exp_year fingerprint",
    "NextAction": "type redirect_url qr_code_url parameters",
    "Refund": (
        "id payment_id amount currency status reason gateway_refund_id failure_reason metadata created_at updated_at"
    ),
    "PaymentMethod": "id customer_id type card is_default created_at",
    "PaymentIntent": (
        "id amount currency status gateway gateway_payment_id payment_id customer_id payment_method confirmation_method"
        " capture_method setup_future_usage next_action last_error metadata created_at updated_at canceled_at"
    ),
    "PaymentIntentError": "code message",
    "Dispute": (
        "id payment_id amount currency status reason evidence evidence_due_by gateway gateway_dispute_id created_at"
        " updated_at"
    ),
    "DisputeEvidence": (
        "product_description customer_email shipping_date shipping_carrier shipping_tracking_number"
        " access_activity_log uncategorized_text uncategorized_file"
    ),
    "Payout": ("id amount currency status gateway gateway_payout_id arrival_date failure_reason created_at updated_at"),
    "Balance": "available pending instant_available",
    "Money": "currency amount",
    "BalanceTransaction": "id type amount fee net currency source_id gateway available_on created_at",
    "LedgerVerification": "balanced entries_checked accounts_checked discrepancies verified_at",
    "LedgerDiscrepancy": "rule subject currency expected actual",
    "Pagination": "page per_page total total_pages",
    "ListPaymentsResponse": "data pagination",
    "ListRefundsResponse": "data pagination",
    "ListPaymentMethodsResponse": "data pagination",
    "ListPaymentIntentsResponse": "data pagination",
    "ListDisputesResponse": "data pagination",
    "ListPayoutsResponse": "data pagination",
    "ListBalanceTransactionsResponse": "data pagination",
    "ListAuditLogResponse": "data pagination",
    "ListCallbacksResponse": "data pagination",
    "ListWebhookEndpointsResponse": "data pagination",
    "ListWebhookDeliveriesResponse": "data pagination",
    "ListEventsResponse": "data pagination",
    "PaymentConfig": "id gateway config status created_at updated_at",
    "ListPaymentConfigsResponse": "configs",
    "EnabledGateway": "gateway name",
    "ListEnabledGatewaysResponse": "gateways",
    "Checkout": "payment_url order_no gateway next_action",
    "Order": ("id order_no user_id total_amount currency subject status payment_gateway paid_at created_at updated_at"),
    "ListOrdersResponse": "items page per_page total",
    "Capabilities": "gateways",
    "GatewayCapabilities": "gateway enabled capabilities payment_method_types currencies",
    "AuditEntry": "id actor action object_type object_id details request_id created_at",
    "ReceiveCallbackResponse": "status headers raw order",
    "Callback": (
        "id gateway format decision reason gateway_event_id reference payment_id content_type headers body attempts"
        " received_at processed_at repeats repeated_at"
    ),
    "CallbackExplanation": "callback_id decision checks",
    "CallbackCheck": "name result expected actual explanation",
    "WebhookEndpoint": "id url events status secret created_at",
    "WebhookDelivery": (
        "id endpoint_id event_id event_type status attempts response_status failure_reason next_attempt_at"
        " attempted_at created_at"
    ),
    "Event": "id type created_at sequence data",
    "EventData": "payment refund dispute payout webhook_endpoint",
    "Redelivery": "deliveries",
    "File": "id purpose filename content_type size created_at",
}

# The fields that may be absent.
NULLABLE = dict.fromkeys(RESOURCES, "") | {
    "Payment": (
        "order_id gateway_payment_id description receipt_email receipt_url customer_id dispute captured_at next_action"
        " failure_code failure_message expires_at canceled_at"
    ),
    "PaymentMethodDetails": "card",
    "NextAction": "redirect_url qr_code_url",
    "Refund": "reason gateway_refund_id failure_reason",
    "PaymentMethod": "card",
    "PaymentIntent": (
        "gateway_payment_id payment_id customer_id payment_method setup_future_usage next_action last_error canceled_at"
    ),
    "Dispute": "evidence evidence_due_by",
    "DisputeEvidence": RESOURCES["DisputeEvidence"],
    "Payout": "gateway_payout_id arrival_date failure_reason",
    "BalanceTransaction": "source_id available_on",
    "Checkout": "next_action",
    "Order": "subject payment_gateway paid_at",
    "AuditEntry": "object_id request_id",
    "Callback": "gateway reason gateway_event_id reference payment_id processed_at repeated_at",
    "CallbackCheck": "expected actual explanation",
    "WebhookEndpoint": "secret",
    "WebhookDelivery": "response_status failure_reason next_attempt_at attempted_at",
    "File": "filename",
}

# What the documents send: bodies, query parameters and filters.
PARAMETERS = {
    "ListPaymentsRequest": (
        "page per_page order_id customer_id gateway status min_amount max_amount created_after created_before sort order"
    ),
    "CreatePaymentRequest": (
        "order_id amount currency gateway payment_method capture_method receipt_email description metadata customer_id"
        " confirmation_method return_url cancel_url"
    ),
    "PaymentMethodInput": "type card id token alipay wechat",
    "CardInput": "number exp_month exp_year cvc",
    "AlipayInput": "channel",
    "WechatInput": "channel openid client_ip",
    "CapturePaymentRequest": "amount",
    "ResolvePaymentRequest": "evidence",
    "ResolveRefundRequest": "evidence",
    "CreateRefundRequest": "amount reason metadata",
    "CreatePaymentMethodRequest": "type card set_as_default",
    "CreatePaymentIntentRequest": (
        "amount currency customer_id payment_method confirmation_method capture_method setup_future_usage metadata"
        " gateway return_url"
    ),
    "ConfirmPaymentIntentRequest": "payment_method return_url",
    "SubmitEvidenceRequest": RESOURCES["DisputeEvidence"],
    "ListPayoutsRequest": "page per_page status date_after date_before",
    "SavePaymentConfigRequest": "gateway config status",
    "CheckoutOrderRequest": "order_id gateway channel openid return_url cancel_url user_id",
    "CreateOrderRequest": "total_amount currency subject user_id",
    "ListOrdersRequest": "page per_page user_id",
    "CreateWebhookEndpointRequest": "url events",
    "WatchEventsRequest": "cursor",
    "FileInfo": "purpose",
}
