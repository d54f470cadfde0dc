"""Encryption at rest behind the domain's port: envelopes of AES-256-GCM under the operator's keys."""
