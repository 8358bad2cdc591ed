with

source as (

    select * from {{ source('shop', 'customers') }}

),

renamed as (

    select
        -- ids
        id as customer_id,

        -- strings
        "Full Name" as full_name,
        email,

        -- booleans
        active as is_active,

        -- timestamps
        created as created_at

    from source

)

select * from renamed
