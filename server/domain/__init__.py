"""What a payment is: money, states, ledger rules, errors and the ports to everything outside; the standard library only."""
