"""Between the contract's messages and the domain's values: the only code that knows both."""
