"""What is not speech: tones, backgrounds and chimes, and what shapes them: envelopes, limiter, loudness."""
