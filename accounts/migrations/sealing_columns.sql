-- Where the sealed values stand while the rows are gone through; they take the place of the plain columns afterwards.
ALTER TABLE accounts_customeridentifier ADD COLUMN new_id uuid, ADD COLUMN value_sealed bytea;
ALTER TABLE accounts_customer ADD COLUMN birth_date_sealed bytea;
ALTER TABLE accounts_historicalcustomer ADD COLUMN birth_date_sealed bytea;
