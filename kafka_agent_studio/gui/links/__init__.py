"""The canvas on which inbound connectors, agents and outbound connectors are linked."""
