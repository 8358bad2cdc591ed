with

customers as (

    select * from {{ ref('stg_shop__customers') }}

)

select * from customers
