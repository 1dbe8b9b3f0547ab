"""What becomes of the record: text for people; and what is shown while it is being made."""
