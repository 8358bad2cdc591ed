with

source as (

    select * from {{ source('stalls', 'traders') }}

),

renamed as (

    select
        -- ids
        trader_id,
        pitch_id,

        -- strings
        trader_name

    from source

)

select * from renamed
