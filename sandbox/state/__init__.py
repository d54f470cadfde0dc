"""What the simulated gateways remember, in one SQLite file that outlives the process."""
