SELECT * FROM attribution_order_facts WHERE model = 'linear'
