with

source as (

    select * from {{ source('shop', 'product_tags') }}

),

renamed as (

    select
        -- ids
        product_id,

        -- strings
        tag

    from source

)

select * from renamed
