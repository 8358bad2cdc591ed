with

source as (

    select * from {{ source('shop', 'products') }}

),

renamed as (

    select
        -- ids
        id as product_id,

        -- strings
        name as product_name,
        category,

        -- numerics
        price as list_price,

        -- semi-structured
        attributes

    from source

)

select * from renamed
