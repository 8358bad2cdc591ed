with

order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

aggregated as (

    select
        order_id,
        count(*) as line_count,
        count(distinct product_id) as product_count,
        coalesce(sum(quantity), 0) as quantity,
        sum(quantity * unit_price) as order_amount

    from order_lines

    group by order_id

)

select * from aggregated
