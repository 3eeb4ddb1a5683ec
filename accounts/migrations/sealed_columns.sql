-- A table with checks still waiting for the commit cannot change its types.
SET CONSTRAINTS ALL IMMEDIATE;
-- A change of type writes the whole table anew, so no row keeps its plain value in the table's file. (Dropping the plain
-- columns would leave it there until the row is next updated.)
ALTER TABLE accounts_customeridentifier ALTER COLUMN id DROP IDENTITY;
ALTER TABLE accounts_customeridentifier
    ALTER COLUMN id TYPE uuid USING new_id,
    ALTER COLUMN value TYPE bytea USING value_sealed;
ALTER TABLE accounts_customeridentifier DROP COLUMN new_id, DROP COLUMN value_sealed;
ALTER TABLE accounts_customer ALTER COLUMN birth_date TYPE bytea USING birth_date_sealed;
ALTER TABLE accounts_customer DROP COLUMN birth_date_sealed;
ALTER TABLE accounts_historicalcustomer ALTER COLUMN birth_date TYPE bytea USING birth_date_sealed;
ALTER TABLE accounts_historicalcustomer DROP COLUMN birth_date_sealed;
