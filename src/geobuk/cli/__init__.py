"""The `geobuk` command: options become requests to `app`, and what comes back is shown. Computes nothing itself.

Heavy libraries load inside the commands.
"""
