with source as (

    select * from {{ source('port', 'berths') }}

),

renamed as (

    select
        id,
        quay_id,
        title as berth_name,
        active,
        inserted as row_created,
        last_check

    from source

)

select * from renamed
