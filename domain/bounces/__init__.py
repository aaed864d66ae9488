"""What comes back after a letter was handed over: reports of non-delivery, complaints, automatic replies; and what
follows from them for the recipient's address."""
