"""What every call passes on its way to its servicer, one concern a module; `chain.py` says in which order and why it is done this way."""
