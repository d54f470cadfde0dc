"""The payment service: gRPC in front, the domain inside, storage and gateways behind ports."""
