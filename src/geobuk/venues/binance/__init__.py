"""Binance USDⓈ-M futures, over REST and streams."""
