"""From an utterance to its clip: text normalisation, the lexicon, voices."""
