"""The programs around the feature store. `make` calls most of them; none is needed to build a table, which dbt does alone."""
