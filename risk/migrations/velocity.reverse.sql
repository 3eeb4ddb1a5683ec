DROP FUNCTION risk_velocity_forget(bigint, bigint, timestamptz, timestamptz);
DROP FUNCTION risk_velocity_read(uuid[], boolean[], boolean[]);
DROP FUNCTION risk_velocity_fold(int, int);
DROP TRIGGER velocity_counter_no_truncate ON risk_velocitycounter;
DROP TRIGGER velocity_tail_no_truncate ON risk_velocitytail;
DROP TRIGGER velocity_tail_no_update ON risk_velocitytail;
ALTER TABLE risk_velocitytail RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
                                     autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_cost_delay);
ALTER TABLE risk_velocitycounter ALTER payees SET STORAGE EXTENDED, ALTER payees_at SET STORAGE EXTENDED,
                                 ALTER payers SET STORAGE EXTENDED, ALTER payers_at SET STORAGE EXTENDED;
ALTER TABLE risk_velocitycounter RESET (fillfactor);
ALTER TABLE risk_velocitycounter DROP CONSTRAINT velocity_arrays_match;
DELETE FROM risk_velocityfold;
