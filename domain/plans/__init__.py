"""What a changed programme does, before it is done: which sessions differ, whom it concerns, who gets which letter."""
