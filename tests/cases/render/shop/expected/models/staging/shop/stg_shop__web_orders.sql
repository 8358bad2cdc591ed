with

source as (

    select * from {{ source('shop', 'web_orders') }}

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
