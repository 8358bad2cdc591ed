with

web_orders as (

    select * from {{ ref('stg_shop__web_orders') }}

),

store_orders as (

    select * from {{ ref('stg_shop__store_orders') }}

),

unioned as (

    select
        order_id,
        ordered_at,
        channel,
        cast(null as text) as store

    from web_orders

    union all

    select
        order_id,
        ordered_at,
        cast(null as text) as channel,
        store

    from store_orders

)

select * from unioned
