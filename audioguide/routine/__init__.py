"""A routine: from its text to the steps of a session, with a listener's options applied."""
