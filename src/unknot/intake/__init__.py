"""Guide, screening, precautions, consents, body regions."""
