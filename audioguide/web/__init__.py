"""The page for the phone: a small server, closed by default, that makes sessions and hands them out."""
