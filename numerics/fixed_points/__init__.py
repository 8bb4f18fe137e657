"""Where the mixed loop settles, and when mass condenses on the best reward."""
