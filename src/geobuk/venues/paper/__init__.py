"""The paper venue: the matching engine behind the Venue port, in process."""
