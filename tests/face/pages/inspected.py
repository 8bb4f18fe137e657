"""What a page is made of, read by a strict parser, and what every page has to be like."""

import re
from itertools import pairwise
from xml.etree import ElementTree

EXTERNAL = re.compile(r"(?i)^\s*(?:[a-z][a-z0-9+.-]*:)?//")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00\x1b[2J\u202e{{ 7*7 }}&amp;"
"""Text of a user that no page may take for anything but text."""

LOADED = {"src", "srcset", "poster", "data", "action", "formaction", "background"}


def parsed(page: str) -> ElementTree.Element:
    """Return a page as a tree; what is not well-formed raises an error.

    Scripts and styles are raw text in HTML, and so are left out.
    """
    bare = re.sub(r"(?s)<(script|style)>.*?</\1>", r"<\1></\1>", page)
    assert bare.startswith("<!DOCTYPE html>\n<html lang=")
    return ElementTree.fromstring(bare.removeprefix("<!DOCTYPE html>"))


def require_sound(page: str) -> None:
    """Hold a page to what every page of the package keeps."""
    tree = parsed(page)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
    for element in tree.iter():
        name = element.tag.rpartition("}")[2]
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on"), (name, attribute)
            assert not (attribute in LOADED and EXTERNAL.match(value)), (name, value)
            assert "javascript:" not in value.lower(), (name, value)
        if name == "link":
            assert element.get("href") == "data:,"
        assert name not in {"iframe", "object", "embed", "base"}
        if name == "a":
            target = element.get("href")
            assert target, "a link without a target"
            if target.startswith("#"):
                assert target[1:] in ids, target
        if name == "img":
            assert element.get("alt")
        if name == "svg":
            is_named = element.get("aria-label") or element.get("aria-labelledby")
            assert element.get("aria-hidden") == "true" or (element.get("role") and is_named)
        if name in {"input", "select"}:
            labels = {label.get("for") for label in tree.iter("label")}
            assert element.get("id") in labels or element.get("aria-label")
    levels = [int(one.tag[1]) for one in tree.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert all(lower <= higher + 1 for higher, lower in pairwise(levels)), levels
    assert len(list(tree.iter("main"))) == len(list(tree.iter("h1"))) == 1
    assert len(tree.findall("head/title")) == 1
    for rule in re.findall(r"(?s)<style>(.*?)</style>", page):
        assert not re.search(r"@import|url\((?!['\"]?(?:data:|#))", rule)
    for script in re.findall(r"(?s)<script>(.*?)</script>", page):
        assert not re.search(r"fetch\(|XMLHttp|WebSocket|sendBeacon|import\(|innerHTML", script)
