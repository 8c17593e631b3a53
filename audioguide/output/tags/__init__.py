"""What a player shows of a file: title, chapters, transcript, cover; and what the file carries for this program."""
