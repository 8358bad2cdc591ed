with

source as (

    select * from {{ source('shop', 'customers') }}

),

renamed as (

    select
        id as customer_id,
        name as customer_name,
        signed_up_at

    from source

)

select * from renamed
