select customer_id, full_name from {{ source('billing', 'customers') }}
