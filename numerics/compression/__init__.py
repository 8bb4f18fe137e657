"""Millions of rewards as hundreds of atoms, on which the loop runs as on all."""

from recurate.numerics.compression.compressor import CompressionError, compressor_of

__all__ = ["CompressionError", "compressor_of"]
