with

receipts as (

    select * from {{ ref('stg_till__receipts') }}

),

shops as (

    select * from {{ ref('stg_till__shops') }}

)

select
    receipts.*,
    shops.shop_name,
    shops.city

from receipts

left join shops
    on receipts.shop_id = shops.shop_id
