"""Binance USDⓈ-M futures on loopback: REST, streams, WebSocket API, faults on request."""
