"""Durable storage behind the domain's ports: SQLAlchemy Core in database threads, on SQLite or PostgreSQL."""
