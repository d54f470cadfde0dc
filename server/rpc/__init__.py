"""The gRPC face: every RPC of the contract behind the same interceptors, and the servicers that hand calls to the operations."""
