"""Calendar files and other formats for other programs."""
