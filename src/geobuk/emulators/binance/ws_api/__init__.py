"""The WebSocket API: requests over one socket, answered by the same operations as REST."""
