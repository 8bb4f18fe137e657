"""What commands tell of a loop: said once, printed on a terminal and shown on a page."""
