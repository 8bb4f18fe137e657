"""Figures that commands draw of a user's own run."""
