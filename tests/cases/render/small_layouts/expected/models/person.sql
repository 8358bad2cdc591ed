with

source as (

    select * from {{ source('app', 'person') }}

),

renamed as (

    select
        -- ids
        id as person_id,

        -- strings
        country

    from source

)

select * from renamed
