"""What the room asks of other people's programs, one folder each."""
