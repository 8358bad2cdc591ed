with

source as (

    select * from {{ source('shop', 'store_orders') }}

),

renamed as (

    select
        -- ids
        id as order_id,

        -- strings
        channel,

        -- timestamps
        ordered_at

    from source

)

select * from renamed
