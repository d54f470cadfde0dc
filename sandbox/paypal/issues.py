"""What PayPal says about each issue; it words some of them differently from call to call.

Source: the error tables of its orders v2 and payments v2 APIs.
"""

ISSUES = {
    "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE": "The requested action is not allowed in the current state of the dispute.",
    "AMOUNT_MISMATCH": "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - discount.",
    "AUTHORIZATION_ALREADY_CAPTURED": "Authorization has previously been captured.",
    "AUTHORIZATION_EXPIRED": "An expired authorization cannot be captured.",
    "AUTHORIZATION_VOIDED": "A voided authorization cannot be captured or reauthorized. ",
    "AUTH_CAPTURE_CURRENCY_MISMATCH": "Currency of capture must be the same as currency of authorization.",
    "CANNOT_BE_NEGATIVE": "Must be greater than or equal to 0. If the currency supports decimals, only two decimal place precision is supported.",
    "CANNOT_BE_ZERO_OR_NEGATIVE": "Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported.",
    "CAPTURE_FULLY_REFUNDED": "The capture has already been fully refunded",
    "DECIMALS_NOT_SUPPORTED": "Currency does not support decimals. Please refer to https://developer.paypal.com/docs/api/reference/currency-codes/ for more"
    " information.",
    "DECIMAL_PRECISION": "If the currency supports decimals, only two decimal place precision is supported.",
    "DUPLICATE_INVOICE_ID": "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice Id be unique"
    " for each transaction.",
    "DUPLICATE_REFERENCE_ID": "`reference_id` must be unique if multiple `purchase_unit` are provided.",
    "FIELD_NOT_PATCHABLE": "Field cannot be patched.",
    "INSTRUMENT_DECLINED": "The instrument presented  was either declined by the processor or bank, or it can't be used for this payment.",
    "INVALID_ARRAY_MAX_ITEMS": "The number of items in an array parameter is too large.",
    "INVALID_ARRAY_MIN_ITEMS": "The number of items in an array parameter is too small.",
    "INVALID_CURRENCY_CODE": "Currency code is invalid or is not currently supported. Please refer https://developer.paypal.com/api/rest/reference/currency-codes/"
    " for list of supported currency codes.",
    "INVALID_PARAMETER_SYNTAX": "The value of a field does not conform to the expected format.",
    "INVALID_PARAMETER_VALUE": "A parameter value is not valid.",
    "INVALID_PATCH_OPERATION": "The operation cannot be honored. Cannot add a property that's already present, use replace. Cannot remove a property thats not"
    " present, use add. Cannot replace a property thats not present, use add.",
    "INVALID_RESOURCE_ID": "Specified resource ID does not exist. Please check the resource ID and try again.",
    "INVALID_STRING_LENGTH": "The value of a field is either too short or too long",
    "ITEM_TOTAL_MISMATCH": "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit.",
    "ITEM_TOTAL_REQUIRED": "If item details are specified (items.unit_amount and items.quantity) corresponding amount.breakdown.item_total is required.",
    "MALFORMED_REQUEST_JSON": "The request JSON is not well formed.",
    "MAX_CAPTURE_AMOUNT_EXCEEDED": "Capture amount exceeds allowable limit. Please contact customer service or your account manager to request the change to"
    " your overage limit. The default overage limit is 115%, which allows the sum of all captures to be up to 115% of the order amount. The ability to over"
    " capture is subjected to regulatory approvals.",
    "MAX_CAPTURE_COUNT_EXCEEDED": "Maxmimum number of allowable captures has been reached. No additional captures are possible for this authorization. Contact"
    " Customer Service or your account manager to change the number of captures for a given authorization.",
    "MAX_VALUE_EXCEEDED": "Should be less than or equal to 999999999999999.99.",
    "MISSING_REQUIRED_PARAMETER": "A required parameter is missing.",
    "MULTI_CURRENCY_ORDER": "Multiple differing values of currency_code are not supported. Entire Order request must have the same currency_code.",
    "NOT_SUPPORTED": "This field is not currently supported.",
    "ORDER_ALREADY_AUTHORIZED": "Order already authorized.If 'intent=AUTHORIZE' only one authorization per order is allowed.",
    "ORDER_ALREADY_CAPTURED": "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed.",
    "ORDER_ALREADY_COMPLETED": "The order cannot be patched after it is completed.",
    "ORDER_EXPIRED": "Order is expired and hence cannot be authorized. Please contact Customer Support if you need to increase your order validity period.",
    "ORDER_NOT_APPROVED": "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned as part of the HATEOAS"
    " links within the Create Order call or provide a valid `payment_source` in the request.",
    "PAYEE_ACCOUNT_INVALID": "Payee account specified is invalid. Please check the `payee.email_address` or `payee.merchant_id` specified and try again. Ensure"
    " that either  `payee.merchant_id` or `payee.email_address` is specified.",
    "PAYPAL_REQUEST_ID_REQUIRED": "A PayPal-Request-Id is required if you are trying to process payment for an Order. Please specify a PayPal-Request-Id or"
    " Create the Order without a 'payment_source' specified.",
    "PENDING_CAPTURE": "Cannot initiate a refund as the capture is pending. Capture is typically pending when the payer has funded the transaction using"
    " e-check/bank funded.",
    "PERMISSION_DENIED": "You do not have permission to access or perform operations on this resource.",
    "PREVIOUSLY_CAPTURED": "Authorization has been previously captured and hence cannot be voided.",
    "PREVIOUSLY_VOIDED": "Authorization has been previously voided and hence cannot be voided again.",
    "REFERENCE_ID_NOT_FOUND": "Filter expression value is incorrect. Please check the value of the reference_id and try again.",
    "REFERENCE_ID_REQUIRED": "'reference_id' is required for each 'purchase_unit' if multiple 'purchase_unit' are provided.",
    "REFUND_AMOUNT_EXCEEDED": "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
    "REFUND_CAPTURE_CURRENCY_MISMATCH": "Refund must be in the same currency as the capture",
    "REFUND_NOT_ALLOWED": "Capture cannot be refunded.",
    "REFUND_TIME_LIMIT_EXCEEDED": "You are over the time limit to perform a refund on this capture",
    "TAX_TOTAL_MISMATCH": "Should equal sum of (tax * quantity) across all items for a given purchase_unit.",
    "TAX_TOTAL_REQUIRED": "If item details are specified (items.tax_total and items.quantity) corresponding amount.breakdown.tax_total is required.",
    "UNSUPPORTED_INTENT": "`intent=AUTHORIZE` is not supported for multiple purchase units. Only `intent=CAPTURE` is supported.",
}
