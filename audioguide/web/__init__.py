"""The page for the phone."""
