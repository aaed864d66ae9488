"""Letters and pages as a browser shows them."""
