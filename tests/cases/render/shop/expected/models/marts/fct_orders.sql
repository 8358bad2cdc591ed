{{
    config(
        materialized='incremental',
        unique_key='order_id'
    )
}}

with

orders as (

    select * from {{ ref('stg_shop__orders') }}

    {% if is_incremental() %}
        where
            ordered_on >= (
                select coalesce(max(existing.ordered_on) - interval 3 day, cast('1900-01-01' as date))
                from {{ this }} as existing
            )
    {% endif %}

),

customers as (

    select * from {{ ref('stg_shop__customers') }}

),

billing_customers as (

    select * from {{ ref('stg_shop__customers') }}

),

order_lines as (

    select * from {{ ref('int_order_lines_summed_to_orders') }}

),

joined as (

    select
        orders.order_id,
        orders.customer_id,
        orders.status,
        orders.ordered_on,
        customers.full_name as customer_name,
        billing_customers.full_name as billing_customer_name,
        coalesce(order_lines.quantity, 0) as quantity,
        coalesce(order_lines.order_amount, 0) as order_amount

    from orders
    left join customers
        on orders.customer_id = customers.customer_id
    left join billing_customers
        on orders.billing_customer_id = billing_customers.customer_id
    left join order_lines
        on orders.order_id = order_lines.order_id

)

select * from joined
