"""The gateways' own pens, from their documentation: with them the tests write what a gateway writes, and what only pretends to come from one."""
