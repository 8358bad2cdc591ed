with

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

customers as (

    select * from {{ ref('stg_shop__customers') }}

)

select
    orders.*,
    customers.customer_name

from orders

left join customers
    on orders.customer_id = customers.customer_id
