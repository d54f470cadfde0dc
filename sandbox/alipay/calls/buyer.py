"""The one customer of the simulated Alipay."""

BUYER_ID = "2088722066103641"
BUYER_OPEN_ID = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"
BUYER_LOGON_ID = "san***@sandbox.example"
