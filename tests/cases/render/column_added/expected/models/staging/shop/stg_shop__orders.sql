with

source as (

    select * from {{ source('shop', 'orders') }}

),

renamed as (

    select
        -- ids
        id as order_id,

        -- strings
        status,
        note,

        -- booleans
        gift as is_gift

    from source

)

select * from renamed
