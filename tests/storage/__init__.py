"""The store on SQLite files, and on PostgreSQL where TAVERN_TEST_POSTGRES names a database."""
