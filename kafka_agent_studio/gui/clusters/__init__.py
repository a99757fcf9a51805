"""Looking at a cluster and changing it: its topics and groups, and messages on their way into it."""
