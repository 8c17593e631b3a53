"""The diary: which sessions were played, when, how far, and where they were left. It never leaves the machine.

Whatever goes wrong with it, a session is played.
"""
