"""Calendar entries as mail carries them: RFC 5545 and 5546, as the readers of today understand them."""
