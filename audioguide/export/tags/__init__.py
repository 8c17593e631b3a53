"""What a player shows of a file (title, chapters, transcript, cover), and the session that the file carries."""
