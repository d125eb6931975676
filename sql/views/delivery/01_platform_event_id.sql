-- Stable, though its answer never changes: convert_to is, and only so the body is put in its place.
CREATE OR REPLACE FUNCTION attributary_platform_event_id(
    tenant_id text, platform text, event_name text, event_id text, order_source text, order_id text,
    checkout_id text
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN order_id IS NULL AND (event_name = 'Purchase' OR checkout_id IS NULL) THEN event_id
    ELSE left(encode(sha256(convert_to(
        tenant_id || ':' || CASE
            WHEN event_name <> 'Purchase'
                THEN coalesce(order_id, checkout_id) || ':' || platform || ':' || event_name
            WHEN coalesce(order_source, 'api') IN ('api', 'shopify') THEN order_id || ':' || platform
            ELSE order_source || '/' || order_id || ':' || platform
        END, 'UTF8')), 'hex'), 32)
END
$$;
COMMENT ON FUNCTION attributary_platform_event_id(text, text, text, text, text, text, text) IS 'The id under which the platform hears of an event, as the pixel makes it in the page and processors/domain/ids.py in the pipeline; a test compares the two.';
