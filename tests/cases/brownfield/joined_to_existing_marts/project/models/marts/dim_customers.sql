select
    1 as customer_id,
    'A' as customer_name
