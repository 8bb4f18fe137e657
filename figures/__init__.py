"""The figures, one module each. Data are written beside the picture; drawing needs no TeX."""
