-- An expression: what earned on day.d on account a, whose balance row is b: the ledger balance at the end of that day by
-- booking date, not below zero, without interest credited on that very day, which earns from the next day on.
greatest(0, b.ledger
    - CASE WHEN a.category IN ('ASSET', 'EXPENSE') THEN -1 ELSE 1 END * (
        coalesce((SELECT sum(t.credit - t.debit)
                    FROM transactions_dayturnover t
                   WHERE t.account_id = a.id AND t.booking_date > day.d), 0)
        + coalesce((SELECT sum(CASE p.side WHEN 'C' THEN p.amount ELSE -p.amount END)
                      FROM transactions_posting p
                      JOIN transactions_journalentry e ON e.id = p.entry_id
                     WHERE p.account_id = a.id AND e.booking_date > day.d
                       AND p.version > coalesce((SELECT u.through_version FROM transactions_rolledup u
                                                  WHERE u.account_id = a.id), 0)), 0))
    - coalesce((SELECT sum(i.amount) FROM transactions_interestposting i
                 WHERE i.account_id = a.id AND i.posted_on = day.d), 0))
