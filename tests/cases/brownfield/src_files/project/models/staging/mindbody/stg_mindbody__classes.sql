with src as (
    select * from {{ source('mindbody', 'classes') }}
),

final as (
    select
        id as class_id,
        title,
        starts_at,
        _fivetran_synced
    from src
    where not coalesce(_fivetran_deleted, false)
)

select * from final
