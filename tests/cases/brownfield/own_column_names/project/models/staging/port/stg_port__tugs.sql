with source as (

    select * from {{ source('port', 'tugs') }}

),

renamed as (

    select
        id,
        quay_id,
        title as tug_name,
        active,
        inserted as row_created,
        last_check

    from source

)

select * from renamed
