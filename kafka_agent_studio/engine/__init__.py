"""The asyncio runtime: consumes, runs agents, produces. It owns all state and knows no front end."""
