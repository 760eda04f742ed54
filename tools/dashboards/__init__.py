"""The feature store for people: static pages made from its tables, that need no network and no server."""
