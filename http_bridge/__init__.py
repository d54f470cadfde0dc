"""The REST face of the service: translates HTTP to gRPC calls by the contract's descriptors, and the answers back, in two dialects."""
