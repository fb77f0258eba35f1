"""Rigs: whole set-ups of the program that are broken on purpose, and judged. README.md says how to read them."""
