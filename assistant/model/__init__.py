"""The language model: the built-in weights, the server that runs them, the client that talks to it."""
