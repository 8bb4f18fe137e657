"""Evidence for what holds whatever people choose."""
