with

source as (

    select * from {{ source('shop', 'orders') }}

),

renamed as (

    select
        -- ids
        id as order_id,

        -- strings
        "state" as state,

        -- numerics
        "ORDER" as "order",

        -- timestamps
        cast("Order Date" as timestamp) as ordered_at,

        -- semi-structured
        payload

    from source

)

select * from renamed
