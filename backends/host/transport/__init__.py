"""The host's socket: messages, the server's side and the client's."""
