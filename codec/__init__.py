"""The documented JSON of both REST dialects from and to protobuf messages, compiled once per descriptor; used by the bridge and by webhooks."""
