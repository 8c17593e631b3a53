"""Keys, the status line and the screen."""
