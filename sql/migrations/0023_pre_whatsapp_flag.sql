COMMENT ON COLUMN consent_flags.flag IS 'ad_storage, ad_user_data, ad_personalization or analytics_storage; whatsapp: marketing messages there; or processing: denied while the id is suppressed.';
