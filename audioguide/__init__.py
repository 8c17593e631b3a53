"""audioguide: voice-guided audio sessions."""

__version__ = "0.1.0"
