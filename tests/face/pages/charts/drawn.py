"""What a chart shows, read back from its markup."""

import re
from xml.etree import ElementTree

from recurate.pages.charts.picture import BOTTOM, TOP, WIDTH


def tree(picture):
    return ElementTree.fromstring(picture.svg)


def of_class(picture, *names):
    """Return the elements that have all of these classes."""
    wanted = set(names)
    return [e for e in tree(picture).iter() if wanted <= set(e.get("class", "").split())]


def points(element):
    return [tuple(map(float, pair.split(","))) for pair in element.get("points").split()]


def readouts(picture):
    """Return what the pointer finds, by its first line: from names to the words after them."""
    found = {}
    for place in of_class(picture, "place"):
        heading, *lines = place.find("title").text.split("\n")
        assert heading not in found
        found[heading] = dict(line.rsplit(": ", 1) for line in lines)
    return found


def value(words):
    """Return the number that a readout begins with."""
    return float(words.split(" (")[0].replace("−", "-"))


def band(words):
    low, high = re.fullmatch(r".* \((.*) to (.*)\)", words).groups()
    return value(low), value(high)


def upward(picture):
    """Return a function from places to values of the vertical axis, by the first and last tick."""
    ticks = [
        (float(text.get("y")) - 4.5, float(text.text.replace("−", "-").replace(",", "")))
        for text in of_class(picture, "tick")
        if text.get("text-anchor") == "end"
    ]
    (y0, v0), (y1, v1) = ticks[0], ticks[-1]
    return lambda y: v0 + (y - y0) * (v1 - v0) / (y1 - y0)


def across(picture):
    """Return a function from places to values of the horizontal axis, by its ticks."""
    ticks = [
        (float(text.get("x")), float(text.text))
        for text in of_class(picture, "tick")
        if text.get("text-anchor") == "middle"
    ]
    (x0, v0), (x1, v1) = ticks[0], ticks[-1]
    return lambda x: v0 + (x - x0) * (v1 - v0) / (x1 - x0)


def height(picture):
    return float(tree(picture).get("viewBox").split()[3])


def places_drawn(picture):
    """Return all places of what is drawn of values: of lines, bands and markers."""
    found = []
    for element in tree(picture).iter():
        kinds = set(element.get("class", "").split())
        if element.get("points"):
            found += points(element)
        elif element.tag == "circle" and "mark" in kinds:
            found.append((float(element.get("cx")), float(element.get("cy"))))
        elif kinds & {"mark", "limit", "away"}:
            place = re.search(r"translate\((\S+) (\S+)\)", element.get("transform"))
            found.append(tuple(map(float, place.groups())))
    return found


def require_inside(picture):
    for x, y in places_drawn(picture):
        assert 0 <= x <= WIDTH
        assert TOP <= y <= height(picture) - BOTTOM
