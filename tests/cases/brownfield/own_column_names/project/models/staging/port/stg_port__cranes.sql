with source as (

    select * from {{ source('port', 'cranes') }}

),

renamed as (

    select
        id,
        quay_id,
        title as crane_name,
        active,
        inserted as row_created,
        last_check

    from source

)

select * from renamed
