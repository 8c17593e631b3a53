"""A session into a file: its sound in any of the formats, tags with chapters and cover, and what lies beside it."""
