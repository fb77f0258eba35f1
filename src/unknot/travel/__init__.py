"""Travel time, service areas, reachability."""
