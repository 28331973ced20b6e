"""The venue's WebSocket streams: names, subscriptions, market and user events, and sockets that carry them."""
