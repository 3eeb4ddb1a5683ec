ALTER TABLE accounts_customeridentifier ADD COLUMN new_id bigint, ADD COLUMN value_plain varchar(60);
ALTER TABLE accounts_customer ADD COLUMN birth_date_plain date;
ALTER TABLE accounts_historicalcustomer ADD COLUMN birth_date_plain date;
UPDATE accounts_customeridentifier i SET new_id = n.position
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM accounts_customeridentifier) n WHERE n.id = i.id;
