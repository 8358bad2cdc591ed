with

order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

products as (

    select * from {{ ref('stg_shop__products') }}

),

joined as (

    select
        order_lines.order_id,
        order_lines.product_id,
        orders.ordered_on,
        products.product_name,
        order_lines.quantity,
        order_lines.quantity * order_lines.unit_price as line_amount

    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    left join products
        on order_lines.product_id = products.product_id

)

select * from joined
