"""The processes of one installation: the gRPC server, the bridge and, in development, the sandbox, which live and die together."""
