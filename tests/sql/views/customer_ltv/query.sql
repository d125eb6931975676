SELECT *, round(holdout_bias, 4) AS bias FROM customer_ltv
