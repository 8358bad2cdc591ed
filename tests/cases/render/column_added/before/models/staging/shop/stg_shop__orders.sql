with

source as (

    select * from {{ source('shop', 'orders') }}

),

renamed as (

    select
        -- ids
        id as order_id,

        -- strings
        status

    from source

)

select * from renamed
