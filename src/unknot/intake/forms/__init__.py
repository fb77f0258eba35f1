"""What is typed and ticked on the pages of intake, turned into answers."""
