"""Reviews of completed visits."""
