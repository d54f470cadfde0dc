"""The gateways: one folder each, all behind the port of server.domain.gateway, picked by name in the registry."""
