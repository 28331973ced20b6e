"""Geobuk."""
