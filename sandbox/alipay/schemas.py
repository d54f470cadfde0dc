"""The fields of `biz_content`, method by method. Source: each method's page of the open platform's documentation."""

from sandbox.alipay.biz_content import (
    Field,
    Schema,
    amount,
    form,
    merchant_number,
    numbers,
    one_of,
    structure,
    subject,
    text,
    texts,
    whole,
)
from sandbox.alipay.times import deadline, read

_ORDER: dict[str, Field] = {
    "out_trade_no": merchant_number(required=True),
    "total_amount": amount(required=True),
    "subject": subject(required=True),
    "body": text(128),
    "business_params": structure(),
    "ext_user_info": structure(),
    "extend_params": structure(),
    "goods_detail": structure(),
    "goods_type": one_of("0", "1"),
    "invoice_info": structure(),
    "merchant_order_no": text(64),
    "passback_params": text(512),
    "store_id": text(32),
    "time_expire": form(read),
    "timeout_express": form(lambda words: deadline(words, 0)),
    "query_options": texts(),
}
_ORDER_UNSIMULATED = frozenset(
    "agreement_params agreement_sign_params auth_token disable_pay_channels discountable_amount enable_pay_channels"
    " promo_params royalty_info seller_id settle_currency settle_info specified_channel sub_merchant trans_currency"
    " undiscountable_amount pay_params advance_payment_type is_async_pay request_org_pid bkagent_req_info".split()
)
_ONE_TRADE: dict[str, Field] = {"out_trade_no": merchant_number(), "trade_no": text(64)}

PAGE_PAY = Schema(
    {
        **_ORDER,
        "product_code": one_of("FAST_INSTANT_TRADE_PAY", required=True),
        "integration_type": one_of("ALIAPP", "PCWEB"),
        "qr_pay_mode": one_of("0", "1", "2", "3", "4"),
        "qrcode_width": text(4),
        "request_from_url": text(256),
    },
    _ORDER_UNSIMULATED,
)
WAP_PAY = Schema(
    {
        **_ORDER,
        # The documentation has said both.
        "product_code": one_of("QUICK_WAP_WAY", "QUICK_WAP_PAY", required=True),
        "quit_url": text(400),
    },
    _ORDER_UNSIMULATED,
)
PRECREATE = Schema(
    {
        **_ORDER,
        "product_code": one_of("FACE_TO_FACE_PAYMENT", "QR_CODE_OFFLINE"),
        "operator_id": text(28),
        "qr_code_timeout_express": form(lambda words: deadline(words, 0)),
        "terminal_id": text(32),
    },
    _ORDER_UNSIMULATED | {"alipay_store_id", "buyer_logon_id", "code_type", "payment_type"},
)
QUERY = Schema({**_ONE_TRADE, "query_options": texts()}, frozenset({"org_pid"}))
CLOSE = Schema({**_ONE_TRADE, "operator_id": text(28), "extend_params": structure()})
CANCEL = Schema(_ONE_TRADE)
REFUND = Schema(
    {
        **_ONE_TRADE,
        "refund_amount": amount(required=True),
        "out_request_no": text(64),
        "refund_reason": text(256),
        "operator_id": text(30),
        "store_id": text(32),
        "terminal_id": text(32),
        "query_options": texts(),
    },
    frozenset(
        "goods_detail org_pid refund_advance_account refund_advance_account_type refund_currency refund_goods_detail"
        " refund_royalty_parameters refund_trans_out refund_trans_out_type related_settle_confirm_no".split()
    ),
)
REFUND_QUERY = Schema(
    {**_ONE_TRADE, "out_request_no": text(64, required=True), "query_options": texts()}, frozenset({"org_pid"})
)
CERTIFICATE_DOWNLOAD = Schema({"alipay_cert_sn": text(64, required=True)}, refusal="INVALID_PARAMETER")

_FUND_REFUSAL = "ILLEGAL_ARGUMENT"
_FREEZE: dict[str, Field] = {
    "out_order_no": merchant_number(required=True),
    "out_request_no": merchant_number(required=True),
    "order_title": text(100, required=True),
    "amount": amount(required=True),
    "product_code": one_of("PREAUTH_PAY", "PRE_AUTH", "PRE_AUTH_ONLINE", required=True),
    "payee_logon_id": text(100),
    "payee_user_id": text(16),
    "extra_param": text(300),
    "timeout_express": form(lambda words: deadline(words, 0)),
    "pay_timeout": form(lambda words: deadline(words, 0)),
    "business_params": structure(),
}
_FREEZE_UNSIMULATED = frozenset(
    "deposit_product_mode disable_pay_channels enable_pay_channels identity_params post_payments scene_code"
    " settle_currency trans_currency".split()
)
FREEZE = Schema(_FREEZE, _FREEZE_UNSIMULATED, _FUND_REFUSAL)
OPERATION_QUERY = Schema(
    {
        "auth_no": text(28),
        "out_order_no": merchant_number(),
        "operation_id": text(64),
        "out_request_no": merchant_number(),
        "operation_type": one_of("FREEZE", "UNFREEZE", "PAY"),
        "query_options": texts(),
    },
    refusal=_FUND_REFUSAL,
)
UNFREEZE = Schema(
    {
        "auth_no": text(28, required=True),
        "out_request_no": merchant_number(required=True),
        "amount": amount(required=True),
        "remark": text(100, required=True),
        "extra_param": text(300),
    },
    refusal=_FUND_REFUSAL,
)
OPERATION_CANCEL = Schema(
    {
        "auth_no": text(28),
        "out_order_no": merchant_number(),
        "operation_id": text(64),
        "out_request_no": merchant_number(),
        "remark": text(50, required=True),
    },
    refusal=_FUND_REFUSAL,
)
TRADE_PAY = Schema(
    {
        **_ORDER,
        "product_code": one_of("PREAUTH_PAY", "PRE_AUTH", "PRE_AUTH_ONLINE", "FACE_TO_FACE_PAYMENT"),
        "auth_no": text(64),
        "auth_confirm_mode": one_of("COMPLETE", "NOT_COMPLETE"),
        "auth_code": text(64),
        "scene": one_of("bar_code", "wave_code", "security_code"),
        "buyer_id": text(28),
        "buyer_open_id": text(128),
        "operator_id": text(28),
        "terminal_id": text(32),
        # Of a pre-authorisation's payment the payee is named again.
        "seller_id": text(28),
    },
    (_ORDER_UNSIMULATED | {"alipay_store_id", "terminal_params"}) - {"seller_id"},
)

_COMPLAINT_REFUSAL = "PARAM_ILLEGAL"
_ONE_COMPLAINT: dict[str, Field] = {"complain_event_id": text(64, required=True)}
COMPLAINT_QUERY = Schema(_ONE_COMPLAINT, refusal=_COMPLAINT_REFUSAL)
COMPLAINT_LIST = Schema(
    {
        "begin_time": form(read),
        "end_time": form(read),
        "page_num": whole(1, 10**6),
        "page_size": whole(1, 20),
        "status": one_of(
            *("MERCHANT_PROCESSING", "MERCHANT_FEEDBACKED", "FINISHED", "CANCELLED"),
            *("PLATFORM_PROCESSING", "PLATFORM_FINISH", "CLOSED"),
        ),
        "target_infos": structure(),
    },
    refusal=_COMPLAINT_REFUSAL,
)
_FEEDBACK: dict[str, Field] = {
    **_ONE_COMPLAINT,
    "feedback_code": one_of("02", "03", "04", "05", "06", "194", required=True),
    "feedback_content": text(200, required=True),
    "feedback_images": text(1024),
    "operator": text(6),
}
FEEDBACK = Schema(_FEEDBACK, refusal=_COMPLAINT_REFUSAL, beside=frozenset(_FEEDBACK))
REPLY = Schema(
    {**_ONE_COMPLAINT, "reply_content": text(200, required=True), "reply_images": text(1024)},
    refusal=_COMPLAINT_REFUSAL,
)
SUPPLEMENT = Schema(
    {**_ONE_COMPLAINT, "supplement_content": text(200, required=True), "supplement_images": text(1024)},
    refusal=_COMPLAINT_REFUSAL,
)
_IMAGE: dict[str, Field] = {"image_type": one_of("jpg", "jpeg", "png", required=True)}
IMAGE_UPLOAD = Schema(_IMAGE, refusal=_COMPLAINT_REFUSAL, beside=frozenset(_IMAGE), file="image_content")

_CONSUMER_REFUSAL = "INVALID_PARAMETER"
CONSUMER_QUERY = Schema({"complain_id": text(64, required=True)}, frozenset({"record_id"}), _CONSUMER_REFUSAL)
CONSUMER_LIST = Schema(
    {
        "current_page_num": whole(1, 10**6),
        "page_size": whole(1, 20),
        "gmt_complaint_start": form(read),
        "gmt_complaint_end": form(read),
        "trade_no": text(64),
        "task_id": text(64),
        "status_list": texts(),
    },
    frozenset({"gmt_process_start", "gmt_process_end", "task_id_list", "upgrade"}),
    _CONSUMER_REFUSAL,
)
CONSUMER_FINISH = Schema(
    {
        "id_list": numbers(required=True),
        "process_code": one_of(
            *("CONSENSUS_WITH_CLIENT", "ORTHER", "RECTIFICATION_NO_REFUND", "REFUND", "SUBMIT_PROOF_NOT_CONTACTED"),
            required=True,
        ),
        "remark": text(200),
        "img_file_list": structure(),
    },
    frozenset({"reply_content"}),
    _CONSUMER_REFUSAL,
)
CONSUMER_UPLOAD = Schema({}, refusal=_CONSUMER_REFUSAL, file="file_content")
