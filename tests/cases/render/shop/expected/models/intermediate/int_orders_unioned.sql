with

web_orders as (

    select * from {{ ref('stg_shop__web_orders') }}

),

store_orders as (

    select * from {{ ref('stg_shop__store_orders') }}

),

unioned as (

    select
        'web {{ '{' }}{ orders }}' as source_table,
        order_id,
        ordered_at,
        channel

    from web_orders

    union all

    select
        'the store''s' as source_table,
        order_id,
        ordered_at,
        channel

    from store_orders

)

select * from unioned
