"""Looking into any topic: what to read, and what comes."""
