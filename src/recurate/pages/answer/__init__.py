"""The answer of a command about a loop, as a page to send, or as a part of one."""
