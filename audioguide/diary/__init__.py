"""The log of the sessions that were played."""
