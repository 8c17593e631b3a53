"""The session on a whole terminal: a pure picture, and the textual application that shows it and takes the keys."""
