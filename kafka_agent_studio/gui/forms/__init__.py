"""Forms for connections and connectors: every field explained, checked as one types, saved with comments kept."""
