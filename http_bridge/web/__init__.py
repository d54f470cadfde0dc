"""HTTP itself: the server, what every response carries, and which request goes where."""
