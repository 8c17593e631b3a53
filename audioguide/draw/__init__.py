"""Pictures: each is drawn once, as SVG, which is then converted to PNG, JPEG or PDF."""
