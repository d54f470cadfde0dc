"""The payment gateways of the outside world, simulated over HTTP so that the real SDKs run against them unchanged."""
