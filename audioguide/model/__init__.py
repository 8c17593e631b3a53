"""What crosses all floors: frozen data, and the small notations it is written in."""
