-- The decimals of each currency, as in processors/domain/money.py; a test compares the two.
CREATE OR REPLACE FUNCTION attributary_decimals(currency text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN currency = ANY ('{USD,EUR,GBP}'::text[]) THEN 2
    WHEN currency = ANY (string_to_array('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', ' ')) THEN 0
    WHEN currency = ANY (string_to_array('BHD IQD JOD KWD LYD OMR TND', ' ')) THEN 3
    WHEN currency = ANY (string_to_array('CLF UYW', ' ')) THEN 4
    WHEN currency = ANY (string_to_array(
        'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD '
        'CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS '
        'GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD '
        'LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB '
        'PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP '
        'SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG '
        'ANG BGN CUC HRK SLL ZWL', ' ')) THEN 2
END
$$;
COMMENT ON FUNCTION attributary_decimals(text) IS 'How many decimals the currency has; null for a code that is none.';

CREATE OR REPLACE FUNCTION attributary_unit(currency text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE attributary_decimals(currency)
    WHEN 0 THEN 1::numeric WHEN 2 THEN 0.01 WHEN 3 THEN 0.001 WHEN 4 THEN 0.0001
END
$$;
COMMENT ON FUNCTION attributary_unit(text) IS 'What one minor unit is worth: minor units times this is the amount, exactly and with all the currency''s decimals.';

CREATE OR REPLACE FUNCTION attributary_half_even(amount numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN amount - floor(amount) <> 0.5 THEN round(amount)
    ELSE floor(amount) + mod(floor(amount), 2)
END
$$;
COMMENT ON FUNCTION attributary_half_even(numeric) IS 'The nearest whole number; of two as near the even one, as everywhere in the pipeline.';
