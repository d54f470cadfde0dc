"""Attacks on the mall, one by one, with messages that are signed as well as an attacker could."""
