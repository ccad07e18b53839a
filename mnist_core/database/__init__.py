"""What the processes of a server share: the queue of trainings, the promoted runs and the audit log.

They lie in a SQLite file beside the runs, or in a PostgreSQL database. Importing SQLAlchemy takes longer than opening a
page, so `location` and `opening` do without it, and the other modules are imported when there is a database to use.
"""
