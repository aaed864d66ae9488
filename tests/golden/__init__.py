"""Letters as they were when somebody last read them: a change of wording shows in review as a change of these files."""
