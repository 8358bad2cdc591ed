with

source as (

    select * from {{ source('till', 'receipts') }}

),

renamed as (

    select

        ---------- ids
        id as receipt_id,
        shop_id,

        ---------- numerics
        total_cents / 100.0 as total,

        ---------- timestamps
        printed_at

    from source

)

select * from renamed
