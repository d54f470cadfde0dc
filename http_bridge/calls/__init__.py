"""One kind of RPC a file: how an HTTP request of that kind becomes a gRPC call, and the call's end an HTTP response."""
