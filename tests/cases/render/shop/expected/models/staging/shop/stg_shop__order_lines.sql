with

source as (

    select * from {{ source('shop', 'order_lines') }}

),

renamed as (

    select
        -- ids
        order_id,
        product_id,

        -- numerics
        quantity,
        unit_price

    from source

)

select * from renamed
