"""Pages for a browser: self-contained files that ask no network and no server for anything.

`page` renders templates, with one stylesheet and small scripts put into each page; `mathematics`
sets formulas and text.
"""
