-- What the application's role may do, in a database that the owner's role will migrate. Run as a superuser in that
-- database before the first migration; again does no harm. The owner makes and alters tables; the application only reads and writes rows, so
-- it can neither switch off the triggers of the append-only tables nor empty them. Of the counters that number rows it may
-- draw the next value, and never set one (that would be UPDATE): the ledger seals what its counter gave out.
GRANT safeguarding_app TO safeguarding_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO safeguarding_app;
ALTER DEFAULT PRIVILEGES FOR ROLE safeguarding_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO safeguarding_app;
ALTER DEFAULT PRIVILEGES FOR ROLE safeguarding_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO safeguarding_app;

-- No tables of its own either, also none that last for a session.
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;

-- The server's log says that something failed, never with the values of a row ("Key (email)=..."). Neither role can change
-- this for itself.
ALTER ROLE safeguarding_owner SET log_min_error_statement = panic;
ALTER ROLE safeguarding_owner SET log_error_verbosity = terse;
ALTER ROLE safeguarding_app SET log_min_error_statement = panic;
ALTER ROLE safeguarding_app SET log_error_verbosity = terse;
