"""What a letter says and how it travels as mail; nothing here sends."""
