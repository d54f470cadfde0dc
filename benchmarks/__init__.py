"""How fast the service is, as ratios against a limit that is measured in the same run."""
