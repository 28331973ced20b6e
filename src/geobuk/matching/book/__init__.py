"""The compiled price-time book of one instrument: whole numbers in, whole numbers out."""
