"""Many voters: what their loop climbs, and who wins."""
