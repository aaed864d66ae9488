"""What calendars answer to invitations (RFC 5546, 3.2.3 and 3.2.7), read from mails that anybody may have written."""
