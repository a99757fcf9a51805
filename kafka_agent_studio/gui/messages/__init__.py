"""What the pages of messages and the view of one message are made of."""
