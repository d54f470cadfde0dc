"""Why a request failed, whoever says so: the bridge itself, the server by its error details, or the connection between them."""
