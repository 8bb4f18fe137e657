"""Charts of an answer: vector pictures inside of a page, whose values show under the pointer."""
