with

stg_shop__orders as (

    select * from {{ ref('stg_shop__orders') }}

),

stg_shop__customers as (

    select * from {{ ref('stg_shop__customers') }}

),

spans as (

    select
        min(cast(ordered_on as date)) as first_day,
        max(cast(ordered_on as date)) as last_day
    from stg_shop__orders

    union all

    select
        min(cast(created_at as date)) as first_day,
        max(cast(created_at as date)) as last_day
    from stg_shop__customers

),

bounds as (

    select
        cast(date_trunc('year', min(first_day)) as date) as first_day,
        make_date(cast(extract(year from max(last_day)) as int), 12, 31) as last_day

    from spans

),

days as (

    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as date_day
    from bounds

),

final as (

    select
        date_day,
        cast(extract(year from date_day) as integer) as year_number,
        cast(extract(quarter from date_day) as integer) as quarter_of_year,
        cast(extract(month from date_day) as integer) as month_of_year,
        monthname(date_day) as month_name,
        cast(extract(week from date_day) as integer) as iso_week_of_year,
        cast(extract(day from date_day) as integer) as day_of_month,
        cast(extract(isodow from date_day) as integer) as day_of_week_iso,
        cast(extract(doy from date_day) as integer) as day_of_year,
        extract(isodow from date_day) in (6, 7) as is_weekend,
        cast(date_trunc('month', date_day) as date) as month_start_date,
        cast(date_trunc('quarter', date_day) as date) as quarter_start_date,
        cast(date_trunc('year', date_day) as date) as year_start_date

    from days

)

select * from final
