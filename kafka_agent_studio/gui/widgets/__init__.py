"""Parts that know nothing of the engine: tables, badges, JSON, waterfalls, empty states."""
