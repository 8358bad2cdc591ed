select customer_id, full_name from {{ ref('stg_billing__customers') }}
