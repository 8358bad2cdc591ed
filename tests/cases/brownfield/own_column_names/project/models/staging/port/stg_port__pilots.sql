with source as (

    select * from {{ source('port', 'pilots') }}

),

renamed as (

    select
        id,
        quay_id,
        title as pilot_name,
        active,
        inserted as row_created,
        last_check

    from source

)

select * from renamed
