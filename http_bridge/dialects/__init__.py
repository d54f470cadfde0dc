"""The two faces of REST: v1's bare resources and the mall's envelope. Everything else is the same machinery."""
