"""Alipay: pages that a customer pays at, and pre-authorisations by a code that the customer scans."""
