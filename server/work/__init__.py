"""What runs in the background of every replica: work that is due, found in storage and never lost with a process."""
