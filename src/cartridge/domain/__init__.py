"""The nouns of cartridge, each defined once."""
