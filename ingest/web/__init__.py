"""Web addresses to Sources: fetched politely, from public hosts only, as little as needed."""
