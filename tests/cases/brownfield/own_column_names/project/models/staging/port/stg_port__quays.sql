with source as (

    select * from {{ source('port', 'quays') }}

),

renamed as (

    select
        id,
        quay_id,
        title as quay_name,
        active,
        inserted as row_created,
        last_check

    from source

)

select * from renamed
