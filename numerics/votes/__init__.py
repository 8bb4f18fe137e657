"""Votes: observed choices, the rewards that explain them, and how well they do."""
