-- Whom an order's uploads name is asked for each purchase that may be told. Most rows name nobody.
CREATE INDEX offline_rows_destinations ON offline_rows (tenant_id, conversion_id, platform)
    WHERE platform IS NOT NULL;
