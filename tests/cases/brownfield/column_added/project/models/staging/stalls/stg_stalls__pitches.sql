with

source as (

    select * from {{ source('stalls', 'pitches') }}

),

renamed as (

    select
        -- ids
        pitch_id,

        -- strings
        upper(pitch_row) as pitch_row

    from source

)

select * from renamed
